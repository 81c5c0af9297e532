package exec

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/storage"
)

func (b *builder) scan(n *plan.Scan) (Operator, []*plan.Column, error) {
	s, err := b.openScan(n)
	return s, n.Columns(), err
}

// limitedScan makes a limit and the scan below it, which reads no more rows of a row group than the limit can pass.
func (b *builder) limitedScan(n *plan.Limit, scanned *plan.Scan) (Operator, []*plan.Column, error) {
	s, err := b.openScan(scanned)
	if err != nil {
		return nil, nil, err
	}
	l := limitOf(n, b.env.Stats.measured(scanned, s))
	s.groups.enough = int(l.offset + l.count)
	return l, scanned.Columns(), nil
}

// openScan opens the scan of a node without its late columns.
func (b *builder) openScan(n *plan.Scan) (*scan, error) { return b.openScanAs(n, RequestOf(n)) }

func (b *builder) openScanAs(n *plan.Scan, request ScanRequest) (*scan, error) {
	groups := &groupScan{}
	columns := make([]*plan.Column, len(n.Cols))
	for i, c := range n.Cols {
		columns[i] = c.Column
		groups.paths = append(groups.paths, pathOf(c))
		if c.Output && !c.Late {
			groups.output = append(groups.output, i)
		}
	}
	if n.Filter != nil {
		if err := b.scanFilter(groups, n, columns); err != nil {
			return nil, err
		}
	}
	rows, err := b.env.Source.Open(b.ctx, n.Table, request)
	if err != nil {
		return nil, err
	}
	s := &scan{groups: groups, rows: rows, workers: b.workers(), budget: b.budget, stats: b.env.Stats.newScan(n, rows),
		memory: &account{b.env.Stats.memoryOf(n, b.env.Memory).Account("a scan")}}
	if len(n.Runtime) > 0 {
		s.narrowing = &narrowing{node: n, env: b.env, columns: columns, filters: b.filtersOf(n)}
	}
	b.opened = append(b.opened, s)
	return s, nil
}

// RequestOf returns what a scan asks its table for.
func RequestOf(n *plan.Scan) ScanRequest {
	request := ScanRequest{Where: pushdown(n.Domains), Order: scanOrders[n.Order]}
	first := map[int]bool{} // columns that the filter reads before all others
	if n.Filter != nil {
		plan.FreeColumns(plan.Conjuncts(n.Filter)[0], func(c *plan.Column) { first[c.ID] = true })
	}
	for _, c := range n.Cols {
		request.Columns = append(request.Columns, pathOf(c))
		if first[c.Column.ID] || n.Filter == nil && !c.Late {
			request.FilterColumns = append(request.FilterColumns, pathOf(c))
		}
		isRuntime := slices.ContainsFunc(n.Runtime, func(f plan.RuntimeFilter) bool { return f.Column.ID == c.Column.ID })
		switch {
		case isRuntime:
			request.RuntimeColumns = append(request.RuntimeColumns, pathOf(c))
		case !c.Output && isSettled(c, n):
			request.SettledColumns = append(request.SettledColumns, pathOf(c))
		}
	}
	return request
}

// scanOrders maps the orders of plans to those of storage.
var scanOrders = map[plan.ScanOrder]storage.Order{
	plan.AnyOrder: storage.InScanOrder, plan.NewestFirst: storage.NewestFirst, plan.OldestFirst: storage.OldestFirst,
}

func pathOf(c plan.ScanColumn) string { return c.PathText() }

func (b *builder) scanFilter(s *groupScan, n *plan.Scan, columns []*plan.Column) error {
	list := plan.Conjuncts(n.Filter)
	conditions, err := b.compileAll(list, columns)
	if err != nil {
		return err
	}
	at := layout(columns)
	for i, condition := range conditions {
		c := scanConjunct{condition: condition, settledBy: settledBy(list[i], n)}
		plan.FreeColumns(list[i], func(column *plan.Column) {
			if !slices.Contains(c.columns, at[column.ID]) {
				c.columns = append(c.columns, at[column.ID])
			}
		})
		s.conjuncts = append(s.conjuncts, c)
	}
	return nil
}
