package awsapi

import "slices"

// list is all that a request lists at an instant, of which one page is answered.
type list[T, Place any] struct {
	elements []T
	// place is what an element is found by on the next page. It never changes, and no two elements share it.
	place func(T) Place
	// compare is the order of the list.
	compare func(a, b Place) int
}

// page returns the elements after a place, at most so many, and the place of the last one, nil if no more follow.
// Whatever was inserted and deleted since the page before, an element that was there all the time is on one page.
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
