package optimize

import (
	"maps"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// narrowShared has shared parts of the plan give the columns alone that some reader has a use for, as those of a
// window's order often have none: their rows are kept.
func narrowShared(_ *optimizer, n plan.Node) plan.Node {
	shared := map[int]*sharedColumns{} // by number
	read := setOf(n.Columns())
	visitNodes(n, func(n plan.Node) { // those that read before those that are read
		r, ok := n.(*plan.Reuse)
		if !ok {
			read.addReads(n)
			return
		}
		if shared[r.Number] == nil {
			shared[r.Number] = &sharedColumns{read: map[int]bool{}}
		}
		shared[r.Number].addReader(r, read)
	})
	if len(shared) == 0 {
		return n
	}
	return rewriteUp(n, func(n plan.Node) plan.Node {
		if r, ok := n.(*plan.Reuse); ok {
			return withColumns(r, shared[r.Number].kept())
		}
		return n
	})
}

// sharedColumns says which of the columns that some readers share are read.
type sharedColumns struct {
	read  map[int]bool // by place in the columns of the first reader
	first int          // how many columns that has; 0: it is not there
}

func (s *sharedColumns) addReader(r *plan.Reuse, read columnSet) {
	if r.First {
		s.first = len(r.Cols)
	}
	for i, c := range r.Cols {
		if read[c.ID] {
			s.read[placeInFirst(r, i)] = true
		}
	}
}

// kept are the places of the columns that are read, one at least; nil: all.
func (s *sharedColumns) kept() []int {
	if len(s.read) >= s.first {
		return nil
	}
	if len(s.read) == 0 {
		return []int{0}
	}
	return slices.Sorted(maps.Keys(s.read))
}

// placeInFirst is which of the first reader's columns a reader's column i is.
func placeInFirst(r *plan.Reuse, i int) int {
	if r.Of == nil {
		return i
	}
	return r.Of[i]
}

// withColumns returns a reader with some of the first reader's columns, nil for all.
func withColumns(r *plan.Reuse, kept []int) plan.Node {
	if kept == nil {
		return r
	}
	c := *r
	c.Cols, c.Of = nil, nil
	if r.Of != nil {
		c.Of = []int{} // nil would be all
	}
	for i, column := range r.Cols {
		place := slices.Index(kept, placeInFirst(r, i))
		if place < 0 {
			continue
		}
		c.Cols = append(c.Cols, column)
		if r.Of != nil {
			c.Of = append(c.Of, place)
		}
	}
	return &c
}
