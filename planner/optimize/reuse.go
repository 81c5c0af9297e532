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
		plan.VisitExprs(n, func(e plan.Expr) { fixed = fixed && plan.IsDeterministic(e) })
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
		s := plan.Sameness{}
		if !s.SamePlans(first, other) || r.inside(other) || contains(first, other) {
			continue
		}
		columns := s.ColumnsOf(first.Columns(), other.Columns())
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
	return plan.MapInputs(n, r.rewrite)
}
