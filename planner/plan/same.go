package plan

import (
	"slices"

	"github.com/auditlake/auditlake/planner/types"
)

// Sameness maps the columns of one plan, by ID, to those of another plan that computes the same.
type Sameness map[int]*Column

// SamePlans reports whether two plans compute the same, inputs first, and notes which columns of b correspond to
// those of a.
func (s Sameness) SamePlans(a, b Node) bool {
	return slices.EqualFunc(Inputs(a), Inputs(b), s.SamePlans) && a.same(b, s)
}

// ColumnsOf returns the columns of one plan in the order of the other's; nil if they are not the same columns.
func (s Sameness) ColumnsOf(first, other []*Column) []*Column {
	if len(first) != len(other) {
		return nil
	}
	out := make([]*Column, len(first))
	for _, c := range other {
		at := slices.IndexFunc(first, func(f *Column) bool { return s[c.ID] != nil && s[c.ID].ID == f.ID })
		if at < 0 || out[at] != nil {
			return nil
		}
		out[at] = c
	}
	return out
}

// note records that two columns correspond, if their types agree.
func (s Sameness) note(a, b *Column) bool {
	s[b.ID] = a
	return a.Type.Equal(b.Type)
}

func (s Sameness) noteAll(a, b []*Column) bool { return slices.EqualFunc(a, b, s.note) }

func (s Sameness) noteOptional(a, b *Column) bool {
	if a == nil || b == nil {
		return a == b
	}
	return s.note(a, b)
}

func (s Sameness) column(a, b *Column) bool {
	if a == nil || b == nil {
		return a == b
	}
	return s[b.ID] != nil && s[b.ID].ID == a.ID
}

func (s Sameness) columns(a, b []*Column) bool { return slices.EqualFunc(a, b, s.column) }

func (s Sameness) sortKeys(a, b []SortKey) bool {
	return slices.EqualFunc(a, b, func(a, b SortKey) bool {
		return a.Descending == b.Descending && a.NullsFirst == b.NullsFirst && s.column(a.Column, b.Column)
	})
}

func (s Sameness) expr(a, b Expr) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	by := map[int]Expr{}
	FreeColumns(b, func(c *Column) {
		if own := s[c.ID]; own != nil {
			by[c.ID] = &Ref{Column: own}
		}
	})
	return Equal(a, Substitute(b, by))
}

func (s Sameness) exprs(a, b []Expr) bool { return slices.EqualFunc(a, b, s.expr) }

func sameFunction(a, b *types.Resolved) bool { return Equal(&Call{Fn: a}, &Call{Fn: b}) }
