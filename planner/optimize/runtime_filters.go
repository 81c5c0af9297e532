package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// runtimeFilters connects joins with the scans of their left side. A join reads its right side first. If it drops
// left rows without a partner, the scans need only the rows with a key that the right side has.
func runtimeFilters(o *optimizer, n plan.Node) plan.Node {
	if !hasJoins(n) {
		return n
	}
	r := &runtime{optimizer: o, makers: makersOf(n), found: map[int][]plan.RuntimeFilter{}, fields: fieldUses{}}
	n = r.feedJoins(n, nil)
	if len(r.found) == 0 {
		return n
	}
	return rewriteUp(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Scan:
			return r.filteredScan(n)
		case *plan.Project:
			if _, ok := n.Input.(*plan.Scan); ok { // other projections do not see the scan's new columns
				return n.MapExprs(r.fields.rewriteField)
			}
		}
		return n
	})
}

// filteredScan adds the filters found for a scan, and the columns they need.
func (r *runtime) filteredScan(s *plan.Scan) plan.Node {
	c := *s
	c.Cols = slices.Clone(s.Cols)
	for _, column := range s.Cols {
		if use := r.fields[column.Column.ID]; use != nil {
			c.Cols = append(c.Cols, use.columnsIn(column, true)...)
		}
	}
	for _, column := range c.Cols {
		c.Runtime = append(c.Runtime, r.found[column.Column.ID]...)
	}
	return &c
}

type runtime struct {
	*optimizer
	makers     *makers // of the plan before the rewrite
	lastFilter int
	left       int                          // how many more scans the current key may filter
	found      map[int][]plan.RuntimeFilter // by the ID of a scan's column
	// fields are keys inside rows that scans read whole. The scans also read these fields as columns.
	fields fieldUses
}

// feedJoins visits the joins from n down. must holds the boolean columns that have to be true for a row of n to
// count.
func (r *runtime) feedJoins(n plan.Node, must columnSet) plan.Node {
	if j, ok := n.(*plan.Join); ok {
		n = r.feedJoin(j, must)
	}
	return mapInputsWith(n, must, r.feedJoins)
}

// feedJoin assigns filter IDs to the keys of a join by which scans can be filtered.
func (r *runtime) feedJoin(j *plan.Join, must columnSet) plan.Node {
	if fed := r.feedLeftFirst(j, must); fed != nil {
		return fed
	}
	drops := isInner(j.Kind) || j.Kind == plan.RightJoin || j.Kind == plan.SemiMark && must[j.Mark.ID]
	if !drops {
		return j
	}
	c := *j
	if c.Feeds = r.numberKeys(j, false); c.Feeds == nil {
		return j
	}
	return &c
}

// numberKeys assigns filter IDs to the keys of a join for the scans of one side. It returns nil if no scan can be
// filtered.
func (r *runtime) numberKeys(j *plan.Join, toRight bool) []int {
	feeds, any := make([]int, len(j.Equal)), false
	for i, k := range j.Equal {
		if !supported(k.Left.Type) {
			continue
		}
		node, target, source := j.Left, k.Left, k.Right
		if toRight {
			node, target, source = j.Right, k.Right, k.Left
		}
		r.left = maxFilteredScans
		if r.filterScans(node, target, plan.RuntimeFilter{ID: r.lastFilter + 1, Source: source}) {
			r.lastFilter++
			feeds[i], any = r.lastFilter, true
		}
	}
	if !any {
		return nil
	}
	return feeds
}

// maxFilteredScans limits how many scans one key filters. If many joins have the same key, each would filter all
// scans below it.
const maxFilteredScans = 100

// manyMore is the factor by which the right rows must outnumber the left rows, by guess, for IN and EXISTS to read
// the left side first.
const manyMore = 10

// feedLeftFirst lets few rows on the left of IN or EXISTS prune the right side: right rows with other keys match
// none of them. It does not apply where a NULL on the right makes the result NULL instead of false.
func (r *runtime) feedLeftFirst(j *plan.Join, must columnSet) plan.Node {
	if j.Kind != plan.SemiMark || j.NullAware && !must[j.Mark.ID] || r.estimateRows(j.Left)*manyMore > r.estimateRows(j.Right) {
		return nil
	}
	c := *j
	if c.Feeds = r.numberKeys(j, true); c.Feeds == nil {
		return nil
	}
	c.LeftFirst = true
	return &c
}

// filterScans adds the filter to the scans that a column of n comes from, and reports whether there are any.
// Without the rows that the filter drops, every node in between must return the same rows, except those that the
// join drops.
func (r *runtime) filterScans(n plan.Node, column *plan.Column, f plan.RuntimeFilter) bool {
	r.step()
	if r.left == 0 {
		return false
	}
	switch n := n.(type) {
	case *plan.Scan:
		return r.filterScan(n, column, f)
	case *plan.Project:
		for _, item := range n.Items {
			if item.Column.ID != column.ID {
				continue
			}
			if ref, ok := item.Expr.(*plan.Ref); ok {
				return r.filterScans(n.Input, ref.Column, f)
			}
			if s, ok := n.Input.(*plan.Scan); ok {
				return r.filterField(s, item.Expr, f)
			}
		}
	case *plan.SetOp:
		any := false
		for i, from := range n.From {
			for j, c := range n.Cols {
				any = c.ID == column.ID && r.filterScans(from, n.Map[i][j], f) || any
			}
		}
		return any
	case *plan.Join:
		return r.filterJoin(n, column, f)
	default:
		splits := plan.SplitsBy(n)
		return splits != nil && splits(column) && r.filterScans(plan.Inputs(n)[0], column, f)
	}
	return false
}

func (r *runtime) filterScan(n *plan.Scan, column *plan.Column, f plan.RuntimeFilter) bool {
	for _, c := range n.Cols {
		if c.Output && c.Column.ID == column.ID {
			r.left--
			f.Column = c.Column
			r.found[column.ID] = append(r.found[column.ID], f)
			return true
		}
	}
	return false
}

// filterField adds the filter to a scan whose filtered column is a field of a row.
func (r *runtime) filterField(s *plan.Scan, e plan.Expr, f plan.RuntimeFilter) bool {
	row, path := chain(e)
	if len(path) == 0 || !slices.ContainsFunc(s.Cols, func(c plan.ScanColumn) bool { return c.Output && c.Column.ID == row.ID }) {
		return false
	}
	use := r.fields[row.ID]
	if use == nil {
		use = &fieldUse{column: row}
		r.fields[row.ID] = use
	}
	if f.Column = use.fieldAt(path); f.Column == nil {
		f.Column = use.addField(r.optimizer, path)
	}
	r.left--
	r.found[f.Column.ID] = append(r.found[f.Column.ID], f)
	return true
}

// filterJoin filters scans of the side that has the column and, across a key, of the other side.
func (r *runtime) filterJoin(n *plan.Join, column *plan.Column, f plan.RuntimeFilter) bool {
	left, right := keepsLeft(n.Kind), keepsRight(n.Kind)
	any := left && r.makers.isMadeBy(n.Left, column) && r.filterScans(n.Left, column, f) ||
		right && r.makers.isMadeBy(n.Right, column) && r.filterScans(n.Right, column, f)
	for _, k := range n.Equal {
		switch column.ID {
		case k.Left.ID:
			// For IN, a NULL on the right matters.
			if left && !(n.Kind == plan.SemiMark && n.NullAware) {
				any = r.filterScans(n.Right, k.Right, f) || any
			}
		case k.Right.ID:
			if right {
				any = r.filterScans(n.Left, k.Left, f) || any
			}
		}
	}
	return any
}
