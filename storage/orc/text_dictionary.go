package orc

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"unsafe"
)

// bytesOf gives the bytes of a string without copying. They must not be changed.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

// textDictionary numbers distinct texts in the order they first come. It has no memory until then.
type textDictionary struct {
	seed  maphash.Seed
	slots []uint64 // upper half of the hash, and the number plus one; 0 is free
	data  []byte
	ends  []uint32 // in data, by number
}

func newTextDictionary() *textDictionary { return &textDictionary{seed: maphash.MakeSeed()} }

func (d *textDictionary) len() int { return len(d.ends) }

func (d *textDictionary) bytes() int { return cap(d.data) + 4*cap(d.ends) + 8*cap(d.slots) }

func (d *textDictionary) text(code uint32) []byte {
	start := uint32(0)
	if code > 0 {
		start = d.ends[code-1]
	}
	return d.data[start:d.ends[code]]
}

// number finds or adds a text.
func (d *textDictionary) number(text string) uint32 {
	if 2*len(d.ends) >= len(d.slots) {
		d.grow()
	}
	hash := maphash.String(d.seed, text) >> 32
	mask := uint64(len(d.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := d.slots[i]
		if slot == 0 {
			d.slots[i] = hash<<32 | uint64(len(d.ends)+1)
			return d.add(text)
		}
		if slot>>32 == hash && string(d.text(uint32(slot)-1)) == text {
			return uint32(slot) - 1
		}
	}
}

func (d *textDictionary) add(text string) uint32 {
	if len(d.data)+len(text) > cap(d.data) {
		d.data = spareBytes.grow(d.data, len(d.data)+len(text))
	}
	d.data = append(d.data, text...)
	d.ends = spareCodes.push(d.ends, uint32(len(d.data)))
	return uint32(len(d.ends) - 1)
}

// grow moves to twice the slots, or makes the first ones.
func (d *textDictionary) grow() {
	old := d.slots
	n := max(1<<minSpareBits, 2*len(old))
	d.slots = spareSlots.take(n)[:n]
	clear(d.slots)
	mask := uint64(n - 1)
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		i := slot >> 32 & mask
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = slot
	}
	spareSlots.release(old)
}

// sortKey is a text to be sorted: eight bytes behind what all texts begin with, and its number.
type sortKey struct {
	lead uint64
	code uint32
}

// sorted lists the numbers in the order of their texts.
func (d *textDictionary) sorted() []sortKey {
	common := d.commonPrefix()
	order := make([]sortKey, d.len())
	for i := range order {
		order[i] = sortKey{leadOf(d.text(uint32(i))[common:]), uint32(i)}
	}
	slices.SortFunc(order, func(a, b sortKey) int {
		if a.lead != b.lead {
			return cmp.Compare(a.lead, b.lead)
		}
		return bytes.Compare(d.text(a.code)[common:], d.text(b.code)[common:])
	})
	return order
}

// commonPrefix is the length of what all texts begin with.
func (d *textDictionary) commonPrefix() int {
	if d.len() == 0 {
		return 0
	}
	first := d.text(0)
	n := len(first)
	for code := 1; code < d.len() && n > 0; code++ {
		text := d.text(uint32(code))
		n = min(n, len(text))
		for i := range n {
			if text[i] != first[i] {
				n = i
				break
			}
		}
	}
	return n
}

// leadOf gives the first eight bytes as a number of the same order; a shorter text is filled with zeros.
func leadOf(text []byte) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	lead := uint64(0)
	for i, b := range text {
		lead |= uint64(b) << (56 - 8*i)
	}
	return lead
}

// clear forgets all texts and gives the memory back.
func (d *textDictionary) clear() {
	spareSlots.release(d.slots)
	spareBytes.release(d.data)
	spareCodes.release(d.ends)
	d.slots, d.data, d.ends = nil, nil, nil
}
