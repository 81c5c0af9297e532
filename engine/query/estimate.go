package query

import (
	"context"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/query/admission"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/storage"
)

// Estimate is the interval in which a query's bytes scanned will lie.
type Estimate struct {
	LowBytes, HighBytes int64
	LowPrice, HighPrice float64 // USD
	// FreeLowBytes and FreeHighBytes are the parts of LowBytes and HighBytes that cost nothing: the activity
	// store's.
	FreeLowBytes, FreeHighBytes int64
	BytesStored                 int64 // of the queried stores, each once
	EventsScanned               int64 // at most
	Pruned                      Pruned

	scans  map[*plan.Scan]*Estimate // each scan's part; nil: not collected
	stored map[string]bool          // the names of the stores counted in BytesStored
	// shared are the plans of shared rows, by number: the first reader computes all their columns.
	shared map[int]plan.Node
}

// Estimate plans a query and returns what it would scan, without running it. Options that limit a query have no
// effect here. It waits for a turn, but it is not listed as a query.
func (q *Queries) Estimate(ctx context.Context, sql string, options ...Option) (*Estimate, error) {
	o := requestOf(options)
	leave, err := takeTurn(ctx, q.turns, o)
	if err != nil {
		return nil, err
	}
	defer leave()
	s, err := q.plan(ctx, sql, o)
	if err != nil {
		return nil, err
	}
	defer s.view.close()
	return q.estimate(ctx, s)
}

// takeTurn waits for the turn of an operation that is not a query. The caller calls leave.
func takeTurn(ctx context.Context, turns *admission.Queue, o request) (leave func(), err error) {
	ticket, err := turns.Join(o.client())
	if err != nil {
		return nil, err
	}
	if err := ticket.Wait(ctx); err != nil {
		return nil, err
	}
	return ticket.Leave, nil
}

// client returns the identity by which the request takes turns.
func (o *request) client() admission.Client {
	c := admission.Client{Door: o.door, User: o.user}
	if o.asker != nil {
		c.Key = o.asker.KeyID
	}
	return c
}

func (q *Queries) estimate(ctx context.Context, s *statement) (*Estimate, error) {
	e, err := estimateOf(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	e.LowPrice, e.HighPrice = q.options.Price(e.LowBytes-e.FreeLowBytes), q.options.Price(e.HighBytes-e.FreeHighBytes)
	return e, nil
}

// estimateOf estimates a statement without its price. It adds each scan's part to scans unless that is nil.
func estimateOf(ctx context.Context, s *statement, scans map[*plan.Scan]*Estimate) (*Estimate, error) {
	e := &Estimate{scans: scans, shared: sharedPlans(s.root, map[int]plan.Node{})}
	err := e.add(ctx, s.view, s.root, true)
	e.shared = nil // so that keeping the estimate does not keep the plan
	return e, err
}

// add estimates the scans below a node. whole: no node above can stop it before all its rows are read.
func (e *Estimate) add(ctx context.Context, v *view, n plan.Node, whole bool) error {
	switch n := n.(type) {
	case *plan.Scan:
		return e.addScan(ctx, v, n, whole && n.Order == plan.AnyOrder)
	case *plan.Aggregate:
		if s, ok := exec.CountedScan(n); ok {
			return e.addCounted(ctx, v, n, s, whole)
		}
	case *plan.Filter, *plan.Project, *plan.Sort, *plan.TopN, *plan.PartitionTopN, *plan.Window, *plan.PatternRecognition, *plan.Output:
	case *plan.Explain:
		if !n.Analyze {
			return nil
		}
	case *plan.Recursion:
		return e.addRecursion(ctx, v, n)
	case *plan.Reuse:
		return e.addReuse(ctx, v, n)
	default:
		whole = false
	}
	for _, input := range plan.Inputs(n) {
		if err := e.add(ctx, v, input, whole); err != nil {
			return err
		}
	}
	return nil
}

// addReuse estimates shared rows. They are computed once or, if they are too many to cache, by every reader.
func (e *Estimate) addReuse(ctx context.Context, v *view, n *plan.Reuse) error {
	if n.First {
		return e.add(ctx, v, n.Input, false)
	}
	again, input := &Estimate{shared: e.shared}, e.shared[n.Number]
	if input == nil {
		input = n.Input
	}
	err := again.add(ctx, v, input, false)
	e.HighBytes += again.HighBytes
	e.FreeHighBytes += again.FreeHighBytes
	e.EventsScanned += again.EventsScanned
	return err
}

// sharedPlans collects the plans of shared rows, from a node down.
func sharedPlans(n plan.Node, shared map[int]plan.Node) map[int]plan.Node {
	if reuse, ok := n.(*plan.Reuse); ok && reuse.First {
		shared[reuse.Number] = reuse.Input
	}
	for _, input := range plan.Inputs(n) {
		sharedPlans(input, shared)
	}
	return shared
}

// addRecursion counts the step once for each step that may return rows, and once more to find that there are no
// others.
func (e *Estimate) addRecursion(ctx context.Context, v *view, n *plan.Recursion) error {
	if err := e.add(ctx, v, n.Base, false); err != nil {
		return err
	}
	for range n.MaxSteps + 1 {
		if err := e.add(ctx, v, n.Step, false); err != nil {
			return err
		}
	}
	return nil
}

// addCounted estimates a scan whose segments the manifest counts where it can. With grouping keys that depends on
// the keys' values, which are not computed here.
func (e *Estimate) addCounted(ctx context.Context, v *view, n *plan.Aggregate, s *plan.Scan, whole bool) error {
	request := exec.RequestOf(s)
	if len(n.Keys) == 0 {
		request.Count = func(storage.CountedRows) bool { return true }
	}
	return e.addRequest(ctx, v, s, request, whole && len(n.Keys) == 0)
}

func (e *Estimate) addScan(ctx context.Context, v *view, n *plan.Scan, whole bool) error {
	return e.addRequest(ctx, v, n, exec.RequestOf(n), whole)
}

func (e *Estimate) addRequest(ctx context.Context, v *view, n *plan.Scan, request exec.ScanRequest, whole bool) error {
	if _, ok := n.Table.Handle.(*referenceTable); ok {
		return nil // free
	}
	scan, err := v.snapshot.Estimate(ctx, v.scanRequest(n.Table, request))
	if err != nil {
		return err
	}
	p := prunedOf(scan.Scan)
	part := &Estimate{HighBytes: scan.HighBytes, BytesStored: scan.Scan.BytesStored, EventsScanned: scan.Scan.EventsScanned, Pruned: p}
	if whole {
		part.LowBytes = scan.LowBytes
	}
	if e.scans != nil {
		e.scans[n] = part
	}
	e.LowBytes += part.LowBytes
	e.HighBytes += part.HighBytes
	if isFree(n) {
		e.FreeLowBytes += part.LowBytes
		e.FreeHighBytes += part.HighBytes
	}
	if !e.stored[n.Table.Name] {
		if e.stored == nil {
			e.stored = map[string]bool{}
		}
		e.stored[n.Table.Name] = true
		e.BytesStored += part.BytesStored
	}
	e.EventsScanned += part.EventsScanned
	e.Pruned.Partitions += p.Partitions
	e.Pruned.PartitionsTotal += p.PartitionsTotal
	e.Pruned.Segments += p.Segments
	e.Pruned.SegmentsTotal += p.SegmentsTotal
	e.Pruned.RowGroups += p.RowGroups
	e.Pruned.RowGroupsTotal += p.RowGroupsTotal
	return nil
}
