package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// reusePlans finds parts of the plan that give the same rows, such as a WITH query that
// is read twice with the same columns needed. They are computed once. Bare scans
// come later, because the keys that a join finds can make a scan read less.
func reusePlans(o *optimizer, n plan.Node) plan.Node {
	shareMore := func(r *reuse) {
		r.shareNarrower()
		r.shareUnited()
		r.shareFiltered()
	}
	return o.shareSame(n, shareMore, func(n plan.Node) bool { return bareScan(n) == nil })
}

// reuseScans is reusePlans for scans that no join makes smaller, that no top-N above ends early, and to which none
// returns for late columns. Scans that give fewer columns have their rows of another one if the filter costs more
// than a comparison with constants: their workers take rows further than readers of shared rows do.
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

// hasCostlyFilter reports whether a term of a scan's filter is computed for rows.
func hasCostlyFilter(s *plan.Scan) bool {
	return s.Filter != nil && slices.ContainsFunc(plan.Conjuncts(s.Filter), func(e plan.Expr) bool { return domainRank(e) > 0 })
}

// bareScan returns the scan under filters and projections alone, nil for other nodes.
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

// maxReusedValues is how many values, by guess, the shared rows may have. They are
// kept in memory.
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
	spans        map[plan.Node][2]int // the first and last number of a node and those below it
	hasLimit     bool
	recursions   []*plan.Recursion
	nodes        []reusable            // outer ones first
	like         map[uint64][]reusable // those of nodes, by fingerprint, in their order
	dropped      map[plan.Node]bool    // parts of what has its rows of another part
	inside       map[plan.Node]bool    // parts of what is shared, with those
	replaced     map[plan.Node]*plan.Reuse
	chosen       map[plan.Node]plan.Expr // which of the shared rows those are that a node gives; not there: all
	last         int                     // number given
}

// reusable is a node that always gives the same rows and reads a table.
type reusable struct {
	node        plan.Node
	fingerprint uint64
	position    int    // among those of its fingerprint
	shape       uint64 // of parts that may be the same but for their columns it is the same
}

// collectParts notes the reusable nodes from n down. It returns the fingerprint and the shape of n,
// whether it always gives the same rows, and whether it reads a table.
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

// replacePart notes what stands in the place of n. What is below the first one of those that give the same rows may
// be shared, too, with the rest of the plan.
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
