package orc

import (
	"bytes"
	"encoding/binary"
)

// sortedText is a text to be sorted: its number, and eight of its bytes from the compared position on.
type sortedText struct {
	lead uint64
	code uint32
}

// maxInsertion is the most texts sorted by insertion instead of byte by byte.
const maxInsertion = 24

// textSorter sorts the texts of a dictionary by their bytes, radix first: most comparisons of texts would wait for
// memory.
type textSorter struct {
	dictionary *textDictionary
	moved      []sortedText // room to move texts to
}

// sorted lists the numbers in the order of their texts.
func (d *textDictionary) sorted() []sortedText {
	order := make([]sortedText, d.len())
	for i := range order {
		order[i].code = uint32(i)
	}
	s := textSorter{dictionary: d, moved: make([]sortedText, len(order))}
	s.sortBehind(order, 0)
	return order
}

// sortBehind sorts texts whose first depth bytes are equal.
func (s *textSorter) sortBehind(order []sortedText, depth int) {
	for len(order) > 1 {
		for i := range order {
			order[i].lead = leadOf(s.dictionary.text(order[i].code)[depth:])
		}
		if order[0].lead != order[len(order)-1].lead || !sameLeads(order) {
			s.sortLeads(order, depth, 56)
			return
		}
		order = s.putEndedFirst(order, depth+8)
		depth += 8
	}
}

func sameLeads(order []sortedText) bool {
	for i := range order {
		if order[i].lead != order[0].lead {
			return false
		}
	}
	return true
}

// sortLeads sorts by the leads' bits from the given one down, then by the bytes after the leads.
func (s *textSorter) sortLeads(order []sortedText, depth, shift int) {
	if len(order) <= maxInsertion {
		s.insert(order, depth)
		return
	}
	if shift < 0 {
		s.sortBehind(s.putEndedFirst(order, depth+8), depth+8)
		return
	}
	var counts [256]int32
	for i := range order {
		counts[byte(order[i].lead>>shift)]++
	}
	if int(counts[byte(order[0].lead>>shift)]) == len(order) {
		s.sortLeads(order, depth, shift-8)
		return
	}
	var starts [256]int32
	for b := 1; b < len(starts); b++ {
		starts[b] = starts[b-1] + counts[b-1]
	}
	for _, t := range order {
		at := &starts[byte(t.lead>>shift)]
		s.moved[*at] = t
		*at++
	}
	copy(order, s.moved)
	from := 0
	for _, n := range counts {
		if n > 1 {
			s.sortLeads(order[from:from+int(n)], depth, shift-8)
		}
		from += int(n)
	}
}

// insert sorts few texts by their leads, then by the bytes after these.
func (s *textSorter) insert(order []sortedText, depth int) {
	for i := 1; i < len(order); i++ {
		t, at := order[i], i
		for at > 0 && (t.lead < order[at-1].lead || t.lead == order[at-1].lead && s.isBefore(t, order[at-1], depth)) {
			order[at] = order[at-1]
			at--
		}
		order[at] = t
	}
}

func (s *textSorter) isBefore(a, b sortedText, depth int) bool {
	return bytes.Compare(s.dictionary.text(a.code)[depth:], s.dictionary.text(b.code)[depth:]) < 0
}

// putEndedFirst takes texts with equal leads. Texts no longer than end differ only by zeros at their ends: it puts
// them first, the shortest before the others, and returns the rest.
func (s *textSorter) putEndedFirst(order []sortedText, end int) []sortedText {
	ended := 0
	for i, t := range order {
		if len(s.dictionary.text(t.code)) <= end {
			order[i] = order[ended]
			order[ended] = t
			ended++
		}
	}
	s.insert(order[:ended], 0)
	return order[ended:]
}

// leadOf returns the first eight bytes as a number of the same order; a shorter text is padded with zeros.
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
