package analyze

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// same reports whether two calls return the same value. Under DISTINCT, an ORDER BY of one may then sort by the
// other.
func (c *windowCall) same(o *windowCall) bool {
	if c.ignoreNulls != o.ignoreNulls || c.distinct != o.distinct || c.frame != o.frame || !c.sameWindow(o) {
		return false
	}
	x, y := &plan.Call{Fn: c.fn, Args: c.args}, &plan.Call{Fn: o.fn, Args: o.args}
	return plan.Equal(x, y) && plan.IsDeterministic(x) && sameOffset(c.start, o.start) && sameOffset(c.end, o.end) &&
		slices.EqualFunc(c.orderBy, o.orderBy, sameItem)
}

func sameOffset(x, y plan.Expr) bool {
	if x == nil || y == nil {
		return x == nil && y == nil
	}
	return plan.Equal(x, y)
}

func sameItem(x, y sortExpr) bool {
	return x.item.Descending == y.item.Descending && x.item.Nulls == y.item.Nulls && plan.Equal(x.expr, y.expr)
}
