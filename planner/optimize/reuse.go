package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// reusePlans finds parts of the plan that give the same rows, as a WITH query
// that is read twice does when the same is needed of it: they are computed once.
// Bare scans come later: what a join finds out can make one read less.
func reusePlans(o *optimizer, n plan.Node) plan.Node {
	return o.reuse(n, func(n plan.Node) bool { return !isBareScan(n) })
}

// reuseScans is reusePlans for scans that no join makes smaller, and that no
// top-N above goes back to.
func reuseScans(o *optimizer, n plan.Node) plan.Node {
	return o.reuse(n, func(n plan.Node) bool {
		filtered := false
		visitNodes(n, func(n plan.Node) {
			s, ok := n.(*plan.Scan)
			filtered = filtered || ok && (s.Runtime != nil || slices.ContainsFunc(s.Cols, func(c plan.ScanColumn) bool { return c.Late }))
		})
		return isBareScan(n) && !filtered
	})
}

func isBareScan(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return true
	case *plan.Filter:
		return isBareScan(n.Input)
	case *plan.Project:
		return isBareScan(n.Input)
	}
	return false
}

func (o *optimizer) reuse(n plan.Node, eligible func(plan.Node) bool) plan.Node {
	if !readsTwice(n) {
		return n
	}
	r := &reuse{replaced: map[plan.Node]*plan.Reuse{}}
	var collect func(n plan.Node)
	collect = func(n plan.Node) {
		if used, ok := n.(*plan.Reuse); ok {
			r.last = max(r.last, used.Number)
			return
		}
		if eligible(n) && isReusable(n) && o.estimateRows(n)*float64(len(n.Columns())) <= maxReusedValues {
			r.nodes = append(r.nodes, n)
		}
		for _, input := range n.Inputs() {
			collect(input)
		}
	}
	collect(n)
	for i, first := range r.nodes {
		if !r.inside(first) {
			o.checkCancelled()
			r.share(first, r.nodes[i+1:])
		}
	}
	if len(r.replaced) == 0 {
		return n
	}
	return r.rewrite(n)
}

// maxReusedValues is how many values rows that are computed once may have, by
// guess: they have to be kept.
const maxReusedValues = 4_000_000

// readsTwice reports whether a table is scanned more than once.
func readsTwice(n plan.Node) bool {
	tables, twice := map[string]bool{}, false
	visitNodes(n, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok {
			twice = twice || tables[s.Table.Name]
			tables[s.Table.Name] = true
		}
	})
	return twice
}

// isReusable: the node always gives the same rows, and takes reading a table.
func isReusable(n plan.Node) bool {
	scans, fixed := 0, true
	visitNodes(n, func(n plan.Node) {
		switch n.(type) {
		case *plan.Scan:
			scans++
		case *plan.Recursion, *plan.WorkingRows, *plan.PatternRecognition, *plan.Output, *plan.Explain, *plan.Sequence:
			fixed = false
		}
		for _, e := range plan.Exprs(n) {
			fixed = fixed && plan.IsDeterministic(e)
		}
	})
	return fixed && scans > 0 && len(n.Columns()) > 0
}

type reuse struct {
	nodes    []plan.Node // outer ones first
	replaced map[plan.Node]*plan.Reuse
	last     int // number given
}

// inside reports whether a node is part of one that is shared already.
func (r *reuse) inside(n plan.Node) bool {
	for shared := range r.replaced {
		if contains(shared, n) {
			return true
		}
	}
	return false
}

func contains(n, part plan.Node) bool {
	return n == part || slices.ContainsFunc(n.Inputs(), func(input plan.Node) bool { return contains(input, part) })
}

func (r *reuse) share(first plan.Node, others []plan.Node) {
	for _, other := range others {
		s := same{}
		if !s.nodes(first, other) || r.inside(other) || contains(first, other) {
			continue
		}
		columns := s.columnsOf(first.Columns(), other.Columns())
		if columns == nil {
			continue
		}
		if r.replaced[first] == nil {
			r.last++
			r.replaced[first] = &plan.Reuse{Number: r.last, Input: first, Cols: first.Columns(), First: true}
		}
		r.replaced[other] = &plan.Reuse{Number: r.last, Input: other, Cols: columns}
	}
}

func (r *reuse) rewrite(n plan.Node) plan.Node {
	if shared := r.replaced[n]; shared != nil {
		return shared
	}
	return mapInputs(n, r.rewrite)
}

// same maps the columns of one plan, by ID, to those of another that computes
// the same.
type same map[int]*plan.Column

// columnsOf lists the columns of the one plan in the order of the other's; nil
// when they are not the same ones.
func (s same) columnsOf(first, other []*plan.Column) []*plan.Column {
	if len(first) != len(other) {
		return nil
	}
	out := make([]*plan.Column, len(first))
	for _, c := range other {
		at := slices.IndexFunc(first, func(f *plan.Column) bool { return s[c.ID] != nil && s[c.ID].ID == f.ID })
		if at < 0 || out[at] != nil {
			return nil
		}
		out[at] = c
	}
	return out
}

func (s same) note(a, b *plan.Column) bool {
	s[b.ID] = a
	return a.Type.Equal(b.Type)
}

func (s same) column(a, b *plan.Column) bool {
	if a == nil || b == nil {
		return a == b
	}
	return s[b.ID] != nil && s[b.ID].ID == a.ID
}

func (s same) expr(a, b plan.Expr) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	by := map[int]plan.Expr{}
	plan.FreeColumns(b, func(c *plan.Column) {
		if own := s[c.ID]; own != nil {
			by[c.ID] = &plan.Ref{Column: own}
		}
	})
	return plan.Equal(a, substitute(b, by))
}

func (s same) exprs(a, b []plan.Expr) bool { return slices.EqualFunc(a, b, s.expr) }

func (s same) columns(a, b []*plan.Column) bool { return slices.EqualFunc(a, b, s.column) }

func (s same) keys(a, b []plan.SortKey) bool {
	return slices.EqualFunc(a, b, func(a, b plan.SortKey) bool {
		return a.Descending == b.Descending && a.NullsFirst == b.NullsFirst && s.column(a.Column, b.Column)
	})
}

// nodes reports whether two plans compute the same, inputs first, and notes
// which columns correspond.
func (s same) nodes(a, b plan.Node) bool {
	inputs, others := a.Inputs(), b.Inputs()
	if len(inputs) != len(others) {
		return false
	}
	for i := range inputs {
		if !s.nodes(inputs[i], others[i]) {
			return false
		}
	}
	switch a := a.(type) {
	case *plan.Scan:
		b, ok := b.(*plan.Scan)
		return ok && s.scans(a, b)
	case *plan.Filter:
		b, ok := b.(*plan.Filter)
		return ok && s.expr(a.Predicate, b.Predicate)
	case *plan.Project:
		b, ok := b.(*plan.Project)
		return ok && slices.EqualFunc(a.Items, b.Items, func(a, b plan.Assignment) bool {
			return s.expr(a.Expr, b.Expr) && s.note(a.Column, b.Column)
		})
	case *plan.Aggregate:
		b, ok := b.(*plan.Aggregate)
		return ok && s.aggregates(a, b)
	case *plan.Join:
		b, ok := b.(*plan.Join)
		return ok && s.joins(a, b)
	case *plan.Sort:
		b, ok := b.(*plan.Sort)
		return ok && s.keys(a.Keys, b.Keys)
	case *plan.TopN:
		b, ok := b.(*plan.TopN)
		return ok && a.Count == b.Count && a.Offset == b.Offset && a.WithTies == b.WithTies && s.keys(a.Keys, b.Keys)
	case *plan.Limit:
		b, ok := b.(*plan.Limit)
		return ok && a.Count == b.Count && a.Offset == b.Offset
	case *plan.SetOp:
		b, ok := b.(*plan.SetOp)
		return ok && a.Kind == b.Kind && a.Distinct == b.Distinct && slices.EqualFunc(a.Map, b.Map, s.columns) && s.noteAll(a.Cols, b.Cols)
	case *plan.Unnest:
		b, ok := b.(*plan.Unnest)
		return ok && a.Outer == b.Outer && s.noteOptional(a.Ordinality, b.Ordinality) &&
			slices.EqualFunc(a.Items, b.Items, func(a, b plan.UnnestItem) bool {
				return s.column(a.Column, b.Column) && s.noteAll(a.Out, b.Out)
			})
	case *plan.Window:
		b, ok := b.(*plan.Window)
		return ok && s.columns(a.PartitionBy, b.PartitionBy) && s.keys(a.OrderBy, b.OrderBy) && slices.EqualFunc(a.Calls, b.Calls, s.windowCalls)
	case *plan.EnforceSingleRow:
		_, ok := b.(*plan.EnforceSingleRow)
		return ok
	}
	return false
}

func (s same) noteAll(a, b []*plan.Column) bool { return slices.EqualFunc(a, b, s.note) }

func (s same) noteOptional(a, b *plan.Column) bool {
	if a == nil || b == nil {
		return a == b
	}
	return s.note(a, b)
}

func (s same) scans(a, b *plan.Scan) bool {
	if a.Table.Name != b.Table.Name {
		return false
	}
	for _, c := range a.Cols {
		at := slices.IndexFunc(b.Cols, func(o plan.ScanColumn) bool { return o.PathText() == c.PathText() })
		if at < 0 || b.Cols[at].Output != c.Output || b.Cols[at].Late != c.Late || !s.note(c.Column, b.Cols[at].Column) {
			return false
		}
	}
	return len(a.Cols) == len(b.Cols) && s.expr(a.Filter, b.Filter)
}

func (s same) aggregates(a, b *plan.Aggregate) bool {
	if !s.columns(a.Keys, b.Keys) || !slices.EqualFunc(a.Sets, b.Sets, slices.Equal[[]int]) || (a.Sets == nil) != (b.Sets == nil) || !s.noteOptional(a.GroupID, b.GroupID) {
		return false
	}
	return slices.EqualFunc(a.Aggs, b.Aggs, func(a, b plan.AggCall) bool {
		return sameFunction(&plan.Call{Fn: a.Fn}, &plan.Call{Fn: b.Fn}) && a.Distinct == b.Distinct && s.exprs(a.Args, b.Args) &&
			s.column(a.Filter, b.Filter) && s.keys(a.OrderBy, b.OrderBy) && s.note(a.Column, b.Column)
	})
}

func sameFunction(a, b *plan.Call) bool { return plan.Equal(a, b) }

func (s same) joins(a, b *plan.Join) bool {
	return a.Kind == b.Kind && a.NullAware == b.NullAware && s.expr(a.Residual, b.Residual) && s.noteOptional(a.Mark, b.Mark) &&
		slices.EqualFunc(a.Equal, b.Equal, func(a, b plan.JoinKey) bool {
			return s.column(a.Left, b.Left) && s.column(a.Right, b.Right)
		})
}

func (s same) windowCalls(a, b plan.WindowCall) bool {
	return sameFunction(&plan.Call{Fn: a.Fn}, &plan.Call{Fn: b.Fn}) && s.exprs(a.Args, b.Args) && a.IgnoreNulls == b.IgnoreNulls &&
		a.Distinct == b.Distinct && s.keys(a.OrderBy, b.OrderBy) && a.Frame.Unit == b.Frame.Unit && a.Frame.Start == b.Frame.Start &&
		a.Frame.End == b.Frame.End && s.column(a.Frame.StartOffset, b.Frame.StartOffset) && s.column(a.Frame.EndOffset, b.Frame.EndOffset) &&
		s.rangeBound(a.Frame.StartRange, b.Frame.StartRange) && s.rangeBound(a.Frame.EndRange, b.Frame.EndRange) &&
		s.note(a.Column, b.Column)
}

func (s same) rangeBound(a, b plan.RangeBound) bool {
	return s.column(a.Key, b.Key) && s.column(a.Value, b.Value)
}
