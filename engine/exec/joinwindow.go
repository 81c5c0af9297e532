package exec

import (
	"context"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinBound is a term of a join's condition that bounds a value of build rows by one of the left row.
type joinBound struct {
	plan.JoinBound
	right expr.Evaluator // over right columns
	left  expr.Evaluator // over left columns
}

// joinWindow finds the build rows within bounds. The rows with one key are ordered by the bounded value, so those
// that meet the bounds of a left row are adjacent.
type joinWindow struct {
	table  *joinTable
	bounds []joinBound
	values []arrow.Array // of the build rows, by bound
}

// newJoinWindow returns the window over a table for the bounds that it can check: those of the first value, and of
// values in the same order. It orders the table by the first value; rows without that value are no longer found. It
// returns nil without bounds, or if the first values cannot be computed: then pairs are checked, in the order of
// the table.
func newJoinWindow(ctx context.Context, t *joinTable, bounds []joinBound, memory *account) (*joinWindow, error) {
	if len(bounds) == 0 {
		return nil, nil
	}
	w := &joinWindow{table: t}
	for i, b := range bounds {
		values, err := w.valuesOf(b, memory)
		switch {
		case err != nil && (ctx.Err() != nil || function.EndsStatement(err)):
			return nil, err
		case err != nil && i == 0:
			return nil, nil
		case err != nil:
			continue
		case i == 0:
			if err := t.orderBy(ctx, b.Right.Type(), values, memory); err != nil {
				return nil, err
			}
		case !plan.Equal(b.Right, bounds[0].Right) && !w.isOrderedBy(b.Right.Type(), values):
			continue
		}
		w.bounds, w.values = append(w.bounds, b), append(w.values, values)
	}
	return w, nil
}

// valuesOf computes the bounded value of the build rows.
func (w *joinWindow) valuesOf(b joinBound, memory *account) (arrow.Array, error) {
	for i, known := range w.bounds {
		if plan.Equal(known.Right, b.Right) {
			return w.values[i], nil
		}
	}
	rows := w.table.rows
	v, err := b.right.Eval(&batch.Batch{Columns: rows.vectors(), Len: rows.rows})
	if err != nil {
		return nil, err
	}
	values := batch.Expand(v, rows.rows)
	for _, c := range rows.columns {
		if c == values {
			return values, nil
		}
	}
	return values, memory.add(batch.HeldBytes(values))
}

// isOrderedBy reports whether the rows with one key are also ordered by values, and none is missing.
func (w *joinWindow) isOrderedBy(t *types.Type, values arrow.Array) bool {
	compare := batch.Ordering(t, values, values)
	missing := missingIn(values)
	for id := range w.table.ids.groups {
		before := -1
		for _, row := range w.table.matches(int32(id)) {
			if missing(int(row)) || before >= 0 && compare(before, int(row)) > 0 {
				return false
			}
			before = int(row)
		}
	}
	return true
}

// missingIn returns a function that reports whether value i compares with no other, as NULL and NaN do.
func missingIn(values arrow.Array) func(i int) bool {
	valid, float := arrowdata.Validity(values), isFloat(values)
	return func(i int) bool { return !arrowdata.IsValid(valid, i) || float && isNaN(values, i) }
}

// unanswered returns the terms that the window does not check.
func (w *joinWindow) unanswered(terms []plan.Expr) []plan.Expr {
	return slices.DeleteFunc(slices.Clone(terms), func(term plan.Expr) bool {
		return slices.ContainsFunc(w.bounds, func(b joinBound) bool { return b.Term == term })
	})
}

// narrow reduces members[from[row]:to[row]] of each row of b to those that meet the row's bounds.
func (w *joinWindow) narrow(b *batch.Batch, from, to []int32) error {
	sel := make([]int32, 0, b.Len)
	for row := range b.Len {
		if from[row] < to[row] {
			sel = append(sel, int32(row))
		}
	}
	if len(sel) == 0 {
		return nil
	}
	for i, bound := range w.bounds {
		v, err := bound.left.Eval(&batch.Batch{Columns: b.Columns, Len: b.Len, Sel: sel})
		if err != nil {
			return err
		}
		limit := newJoinLimit(bound.Right.Type(), w.values[i], v.Array, w.table.members, bound.Operator)
		missing := missingIn(v.Array)
		for i, row := range sel {
			at := v.At(i)
			if missing(at) {
				from[row] = to[row]
				continue
			}
			from[row], to[row] = limit.within(from[row], to[row], at)
		}
	}
	return nil
}

// joinLimit compares the values of a joinTable's members with limits.
type joinLimit struct {
	compare  func(buildRow, at int) int // nil: values and limits are compared
	members  []int32
	operator string

	// Integers and times are compared directly; nil for other types.
	values, limits []int64
}

func newJoinLimit(t *types.Type, values, limits arrow.Array, members []int32, operator string) joinLimit {
	l := joinLimit{members: members, operator: operator}
	if isIntegers(values) && isIntegers(limits) {
		l.values, l.limits = batch.Values[int64](values), batch.Values[int64](limits)
	} else {
		l.compare = batch.Ordering(t, values, limits)
	}
	return l
}

// within returns the part of members[from:to], which are ordered, that meets the limit at position at.
func (l joinLimit) within(from, to int32, at int) (int32, int32) {
	inclusive := l.operator == types.OpGreaterEq || l.operator == types.OpLess // equal ones lie above the cut
	cut := l.cutAt(from, to, at, inclusive)
	if l.operator == types.OpGreater || l.operator == types.OpGreaterEq {
		return cut, to
	}
	return from, cut
}

// cutAt returns the first of members[from:to] that is above the limit at position at, or equal to it if inclusive;
// to if there is none.
func (l joinLimit) cutAt(from, to int32, at int, inclusive bool) int32 {
	if l.values == nil {
		return from + int32(sort.Search(int(to-from), func(i int) bool {
			c := l.compare(int(l.members[from+int32(i)]), at)
			return c > 0 || c == 0 && inclusive
		}))
	}
	limit := l.limits[at]
	for from < to {
		middle := int32(uint32(from+to) / 2)
		if v := l.values[l.members[middle]]; v > limit || v == limit && inclusive {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return from
}
