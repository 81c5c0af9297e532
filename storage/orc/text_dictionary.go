package orc

import (
	"bytes"
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

// sorted lists the numbers in the order of their texts.
func (d *textDictionary) sorted() []uint32 {
	order := make([]uint32, d.len())
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return bytes.Compare(d.text(a), d.text(b))
	})
	return order
}

// clear forgets all texts and gives the memory back.
func (d *textDictionary) clear() {
	spareSlots.release(d.slots)
	spareBytes.release(d.data)
	spareCodes.release(d.ends)
	d.slots, d.data, d.ends = nil, nil, nil
}
