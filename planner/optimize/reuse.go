package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// reusePlans finds parts of the plan that return the same rows, such as a WITH query that is read twice with the
// same columns, and computes them once. Bare scans come later, because the keys that a join finds can make a scan
// read less.
func reusePlans(o *optimizer, n plan.Node) plan.Node {
	shareMore := func(r *reuse) {
		r.shareNarrower()
		r.shareUnited()
		r.shareFiltered()
	}
	return o.shareSame(n, shareMore, func(n plan.Node) bool { return bareScan(n) == nil })
}

// reuseScans is reusePlans for scans that no join reduces, that no top-N ends early, and that read no late columns.
// A scan of fewer columns takes its rows from another scan only if the filter costs more than comparisons with
// constants: workers of a scan process rows further than readers of shared rows do.
func reuseScans(o *optimizer, n plan.Node) plan.Node {
	shareCostly := func(r *reuse) {
		r.nodes = slices.DeleteFunc(r.nodes, func(x reusable) bool { return x.node == nil || !hasCostlyFilter(bareScan(x.node)) })
		r.shareNarrower()
	}
	return o.shareSame(n, shareCostly, func(n plan.Node) bool {
		s := bareScan(n)
		return s != nil && s.Runtime == nil && s.Order == plan.AnyOrder && !slices.ContainsFunc(s.Cols, func(c plan.ScanColumn) bool { return c.Late })
	})
}

// hasCostlyFilter reports whether a term of a scan's filter is more than a comparison with constants.
func hasCostlyFilter(s *plan.Scan) bool {
	return s.Filter != nil && slices.ContainsFunc(plan.Conjuncts(s.Filter), func(e plan.Expr) bool { return domainRank(e) > 0 })
}

// bareScan returns the scan below n if only filters and projections are above it, else nil.
func bareScan(n plan.Node) *plan.Scan {
	for {
		switch below := n.(type) {
		case *plan.Scan:
			return below
		case *plan.Filter:
			n = below.Input
		case *plan.Project:
			n = below.Input
		default:
			return nil
		}
	}
}

// shareSame shares the rows of eligible parts that are the same, and then calls shareMore.
func (o *optimizer) shareSame(n plan.Node, shareMore func(*reuse), eligible func(plan.Node) bool) plan.Node {
	if !readsTwice(n) {
		return n
	}
	r := &reuse{optimizer: o, eligible: eligible, fingerprints: plan.NewFingerprints(), spans: map[plan.Node][2]int{},
		like: map[uint64][]reusable{}, dropped: map[plan.Node]bool{}, inside: map[plan.Node]bool{}, replaced: map[plan.Node]*plan.Reuse{},
		chosen: map[plan.Node]plan.Expr{}}
	r.collectParts(n)
	r.placeParts()
	for _, first := range r.nodes {
		if !r.dropped[first.node] {
			r.shareRows(first)
		}
	}
	shareMore(r)
	if len(r.replaced) == 0 {
		return n
	}
	return r.rewriteShared(n)
}

// maxReusedValues limits how many values, by guess, the shared rows may have. They are held in memory.
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

// reuse shares parts of a plan that are the same.
type reuse struct {
	*optimizer
	eligible     func(plan.Node) bool
	fingerprints *plan.Fingerprints
	spans        map[plan.Node][2]int // the first and last index of a node and the nodes below it
	hasLimit     bool
	recursions   []*plan.Recursion
	nodes        []reusable            // outer ones first
	like         map[uint64][]reusable // nodes by fingerprint, in their order
	dropped      map[plan.Node]bool    // replaced nodes, and nodes below those that take their rows from others
	inside       map[plan.Node]bool    // shared nodes, and all nodes below them
	replaced     map[plan.Node]*plan.Reuse
	chosen       map[plan.Node]plan.Expr // the condition by which a node selects from the shared rows; absent: all
	last         int                     // the last Reuse.Number assigned
}

// reusable is a node that always returns the same rows and reads a table.
type reusable struct {
	node        plan.Node
	fingerprint uint64
	position    int    // among the nodes of its fingerprint
	shape       uint64 // equal for parts that may differ only in their columns
}

// collectParts notes the reusable nodes from n down. It returns the fingerprint and the shape of n, whether n
// always returns the same rows, and whether n reads a table.
func (r *reuse) collectParts(n plan.Node) (of reusable, fixed, scans bool) {
	r.step()
	at := len(r.nodes)
	fixed = plan.IsRepeatable(n)
	if used, ok := n.(*plan.Reuse); ok {
		r.last = max(r.last, used.Number)
		return reusable{}, false, false
	}
	r.nodes = append(r.nodes, reusable{node: n})
	switch n := n.(type) {
	case *plan.Scan:
		scans = true
	case *plan.Limit:
		r.hasLimit = true
	case *plan.Recursion:
		r.recursions = append(r.recursions, n)
	}
	var inputs, shapes []uint64
	for _, input := range plan.Inputs(n) {
		below, fixedBelow, scansBelow := r.collectParts(input)
		inputs, shapes = append(inputs, below.fingerprint), append(shapes, below.shape)
		fixed, scans = fixed && fixedBelow, scans || scansBelow
	}
	plan.VisitExprs(n, func(e plan.Expr) { fixed = fixed && plan.IsDeterministic(e) })
	of = reusable{node: n, fingerprint: r.fingerprints.OfNode(n, inputs), shape: r.fingerprints.ShapeOf(n, shapes)}
	r.nodes[at], r.spans[n] = of, [2]int{at, len(r.nodes) - 1}
	if !fixed || !scans || !r.eligible(n) {
		r.nodes[at].node = nil
	}
	return of, fixed, scans
}

// placeParts lists the nodes by fingerprint.
func (r *reuse) placeParts() {
	r.nodes = slices.DeleteFunc(r.nodes, func(x reusable) bool { return x.node == nil })
	for i := range r.nodes {
		x := &r.nodes[i]
		x.position = len(r.like[x.fingerprint])
		r.like[x.fingerprint] = append(r.like[x.fingerprint], *x)
	}
}

// shareRows shares the rows of a node with the nodes after it that are the same.
func (r *reuse) shareRows(first reusable) {
	r.checkCancelled()
	others := r.like[first.fingerprint][first.position+1:]
	if len(others) == 0 {
		return
	}
	columns := first.node.Columns()
	if len(columns) == 0 || r.estimateRows(first.node)*float64(len(columns)) > maxReusedValues {
		return
	}
	for _, x := range others {
		other := x.node
		if other == first.node || r.dropped[other] {
			continue
		}
		s := plan.Sameness{}
		if !s.SamePlans(first.node, other) {
			continue
		}
		own := s.ColumnsOf(columns, other.Columns())
		if own == nil {
			continue
		}
		if r.replaced[first.node] == nil {
			r.last++
			r.replacePart(first.node, &plan.Reuse{Number: r.last, Input: first.node, Cols: columns, First: true})
		}
		r.replacePart(other, &plan.Reuse{Number: r.last, Input: other, Cols: own})
	}
}

// replacePart notes the node that replaces n. Nodes below the first of several equal parts may still be shared with
// the rest of the plan.
func (r *reuse) replacePart(n plan.Node, by *plan.Reuse) {
	r.replaced[n] = by
	visitNodes(n, func(below plan.Node) {
		r.inside[below] = true
		r.dropped[below] = r.dropped[below] || !by.First || below == n
	})
}

func (r *reuse) rewriteShared(n plan.Node) plan.Node {
	shared := r.replaced[n]
	if shared == nil {
		return n.MapInputs(r.rewriteShared)
	}
	if condition := r.chosen[n]; condition != nil {
		return &plan.Filter{Input: shared, Predicate: condition}
	}
	if !shared.First {
		return shared
	}
	first := *shared
	first.Input = shared.Input.MapInputs(r.rewriteShared)
	return &first
}
