package orc

import "hash/maphash"

// textDictionary numbers distinct texts in order of first occurrence. It has no memory until the first.
type textDictionary struct {
	seed  maphash.Seed
	slots []uint64 // upper half of the hash, and the number plus one; 0 is free
	data  []byte
	texts []dictionaryText // by number
	last  uint32           // the number given last
}

// dictionaryText is one text and its properties.
type dictionaryText struct {
	start, end uint32 // in data
	next       uint32 // the number that came after it the last time
	group      uint32 // the last row group that had it, from 1
}

// dictionaryTextBytes is the memory of one.
const dictionaryTextBytes = 16

func newTextDictionary() *textDictionary { return &textDictionary{seed: maphash.MakeSeed()} }

func (d *textDictionary) len() int { return len(d.texts) }

func (d *textDictionary) bytes() int {
	return cap(d.data) + dictionaryTextBytes*cap(d.texts) + 8*cap(d.slots)
}

func (d *textDictionary) text(code uint32) []byte {
	t := &d.texts[code]
	return d.data[t.start:t.end]
}

// number finds or adds a text. Texts often repeat in the same order, above all keys of maps, so it first compares
// the text that last followed the previous one, which is cheaper than a search.
func (d *textDictionary) number(text []byte) uint32 {
	if len(d.texts) == 0 {
		d.last = d.search(text)
		return d.last
	}
	before := d.last
	next := d.texts[before].next
	if string(d.text(next)) != string(text) {
		next = d.search(text)
		d.texts[before].next = next
	}
	d.last = next
	return next
}

// search finds or adds a text by its hash.
func (d *textDictionary) search(text []byte) uint32 {
	if 2*len(d.texts) >= len(d.slots) {
		d.grow()
	}
	hash := maphash.Bytes(d.seed, text) >> 32
	mask := uint64(len(d.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := d.slots[i]
		if slot == 0 {
			d.slots[i] = hash<<32 | uint64(len(d.texts)+1)
			return d.add(text)
		}
		if slot>>32 == hash && string(d.text(uint32(slot)-1)) == string(text) {
			return uint32(slot) - 1
		}
	}
}

func (d *textDictionary) add(text []byte) uint32 {
	start := len(d.data)
	if start+len(text) > cap(d.data) {
		d.data = spareBytes.grow(d.data, start+len(text))
	}
	d.data = append(d.data, text...)
	d.texts = spareTexts.push(d.texts, dictionaryText{start: uint32(start), end: uint32(len(d.data))})
	return uint32(len(d.texts) - 1)
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

// clear forgets all texts and gives the memory back.
func (d *textDictionary) clear() {
	spareSlots.release(d.slots)
	spareBytes.release(d.data)
	spareTexts.release(d.texts)
	d.slots, d.data, d.texts, d.last = nil, nil, nil, 0
}
