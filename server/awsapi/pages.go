package awsapi

import "slices"

// list is the whole list of a request at an instant. An answer has one page of it.
type list[T, Place any] struct {
	elements []T
	// place returns the position of an element, by which the next page is found. It never changes and is unique.
	place func(T) Place
	// compare orders the list.
	compare func(a, b Place) int
}

// page returns up to most elements after a position, and the position of the last one, nil if no more follow.
// Elements may be inserted and deleted between pages; an element that exists throughout is on exactly one page.
func (l list[T, Place]) page(after *Place, most int) (elements []T, next *Place) {
	slices.SortFunc(l.elements, func(a, b T) int { return l.compare(l.place(a), l.place(b)) })
	from := 0
	if after != nil {
		var found bool
		from, found = slices.BinarySearchFunc(l.elements, *after, func(e T, p Place) int { return l.compare(l.place(e), p) })
		if found {
			from++
		}
	}
	to := min(len(l.elements), from+most)
	if to < len(l.elements) {
		last := l.place(l.elements[to-1])
		next = &last
	}
	return l.elements[from:to], next
}
