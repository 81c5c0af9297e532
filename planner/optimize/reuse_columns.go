package optimize

import (
	"maps"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// narrowShared drops the columns of shared parts that no reader needs, as is often the case for those of a window's
// order: shared rows are held in memory.
func narrowShared(_ *optimizer, n plan.Node) plan.Node {
	shared := map[int]*sharedColumns{} // by number
	read := setOf(n.Columns())
	visitNodes(n, func(n plan.Node) { // readers before their inputs
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

// sharedColumns says which columns of shared rows are read.
type sharedColumns struct {
	read  map[int]bool // by index in the columns of the first reader
	first int          // the number of columns of the first reader; 0: not visited
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

// kept returns the indexes of the columns that are read, at least one; nil: all.
func (s *sharedColumns) kept() []int {
	if len(s.read) >= s.first {
		return nil
	}
	if len(s.read) == 0 {
		return []int{0}
	}
	return slices.Sorted(maps.Keys(s.read))
}

// placeInFirst returns the index, in the first reader's columns, of a reader's column i.
func placeInFirst(r *plan.Reuse, i int) int {
	if r.Of == nil {
		return i
	}
	return r.Of[i]
}

// withColumns returns a reader with only the given columns of the first reader, nil for all.
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
