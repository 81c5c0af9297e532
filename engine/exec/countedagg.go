package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
)

// countedAgg merges the groups of the rows read with the manifest's counts of whole segments, which are not read.
// The groups of these segments come first, in scan order.
type countedAgg struct {
	input   Operator // the aggregation of the rows read
	node    *plan.Aggregate
	keys    []expr.Evaluator // of eventtime
	counted []storage.CountedRows
	groups  *grouper
	values  [][]int64 // by aggregate, then group
	seen    [][]bool  // the same: the value is not NULL
	memory  *account

	results *tableReader // nil until the input is consumed
}

// CountedScan returns the scan of an aggregation whose segments the manifest may count; false if there is none.
func CountedScan(n *plan.Aggregate) (*plan.Scan, bool) {
	if !n.Counts {
		return nil, false
	}
	input := n.Input
	if p, ok := input.(*plan.Project); ok {
		input = p.Input
	}
	s, ok := input.(*plan.Scan)
	if !ok || len(s.Runtime) > 0 {
		return nil, false
	}
	if s.Filter == nil {
		return s, true
	}
	for _, conjunct := range plan.Conjuncts(s.Filter) {
		if settledBy(conjunct, s) == "" { // it would have to be evaluated though all rows lie in the domain
			return nil, false
		}
	}
	return s, true
}

// countedAggregate makes the operators of an aggregation over a scan that skips the segments counted by the
// manifest.
func (b *builder) countedAggregate(n *plan.Aggregate, scanned *plan.Scan) (Operator, []*plan.Column, error) {
	c := &countedAgg{node: n, memory: b.account("GROUP BY")}
	var err error
	if c.keys, err = b.timeKeys(n); err != nil {
		return nil, nil, err
	}
	c.groups = newGrouper(columnTypes(n.Keys))
	c.groups.memory = c.memory
	request, rows := RequestOf(scanned), int64(0)
	request.Count = func(segment storage.CountedRows) bool {
		if !c.isOneGroup(segment) {
			return false
		}
		c.counted = append(c.counted, segment)
		rows += segment.Rows
		return true
	}
	s, err := b.openScanAs(scanned, request)
	if err != nil {
		return nil, nil, err
	}
	s.stats.counted(rows)
	input, columns := b.env.Stats.measured(scanned, s), scanned.Columns()
	if p, ok := n.Input.(*plan.Project); ok {
		if input, columns, err = b.project(p, input, columns); err != nil {
			return nil, nil, err
		}
		input = b.env.Stats.measured(p, input)
	}
	if c.input, columns, err = b.aggregate(n, input, columns); err != nil {
		return nil, nil, err
	}
	if len(c.counted) == 0 {
		return c.input, columns, nil
	}
	c.values, c.seen = make([][]int64, len(n.Aggs)), make([][]bool, len(n.Aggs))
	return c, columns, nil
}

// timeKeys compiles the keys as expressions over a column of eventtimes.
func (b *builder) timeKeys(n *plan.Aggregate) ([]expr.Evaluator, error) {
	p, ok := n.Input.(*plan.Project)
	if !ok || len(n.Keys) == 0 {
		return nil, nil
	}
	var list []plan.Expr
	at := map[int]int{}
	for _, key := range n.Keys {
		i := slices.IndexFunc(p.Items, func(item plan.Assignment) bool { return item.Column.ID == key.ID })
		list = append(list, p.Items[i].Expr)
		plan.FreeColumns(p.Items[i].Expr, func(c *plan.Column) { at[c.ID] = 0 })
	}
	keys := make([]expr.Evaluator, len(list))
	for i, e := range list {
		var err error
		if keys[i], err = expr.Compile(e, at, b.env.Function); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// isOneGroup reports whether all rows of a segment have the same keys. It is false if a key has no value at either
// end of the segment's times: the scan reports the error.
func (c *countedAgg) isOneGroup(segment storage.CountedRows) bool {
	if len(c.keys) == 0 {
		return true
	}
	columns, err := c.keysOf([]int64{segment.MinTime, segment.MaxTime})
	if err != nil {
		return false
	}
	both := newGrouper(columnTypes(c.node.Keys))
	if err := both.insert(columns, 2, make([]int32, 2)); err != nil {
		return false
	}
	return both.groups == 1
}

// keysOf computes the keys of rows with these eventtimes, in milliseconds.
func (c *countedAgg) keysOf(millis []int64) (columns []batch.Vector, err error) {
	defer batch.Recover(&err)
	b := &batch.Batch{Len: len(millis), Columns: []batch.Vector{{Array: batch.FromValues(arrowtype.Of(types.TimestampOf(3)), millis, nil)}}}
	for _, key := range c.keys {
		v, err := key.Eval(b)
		if err != nil {
			return nil, err
		}
		columns = append(columns, v)
	}
	return columns, nil
}

func (c *countedAgg) Next(ctx context.Context) (*batch.Batch, error) {
	if c.results == nil {
		if err := c.addCounted(); err != nil {
			return nil, err
		}
		for {
			b, err := c.input.Next(ctx)
			if err != nil {
				return nil, err
			}
			if b == nil {
				break
			}
			if err := c.addGroups(compact(b)); err != nil {
				return nil, err
			}
		}
		c.results = &tableReader{table: c.table()}
	}
	return c.results.next(), ctx.Err()
}

func (c *countedAgg) Close() {
	c.memory.close()
	c.input.Close()
}

// addCounted adds the segments that the manifest counts.
func (c *countedAgg) addCounted() error {
	n := len(c.counted)
	if n == 0 {
		return nil
	}
	least, greatest, rows := make([]int64, n), make([]int64, n), make([]int64, n)
	for i, segment := range c.counted {
		least[i], greatest[i], rows[i] = segment.MinTime, segment.MaxTime, segment.Rows
	}
	keys, err := c.keysOf(least)
	if err != nil {
		return err
	}
	groups := make([]int32, n)
	if err := c.groups.insert(keys, n, groups); err != nil {
		return err
	}
	for i, call := range c.node.Aggs {
		switch call.Fn.Name {
		case "count":
			c.addValues(i, groups, rows, nil)
		case "min":
			c.addValues(i, groups, least, nil)
		case "max":
			c.addValues(i, groups, greatest, nil)
		}
	}
	return nil
}

// addGroups adds groups of the rows that were read.
func (c *countedAgg) addGroups(b *batch.Batch) error {
	keys := len(c.node.Keys)
	groups := make([]int32, b.Len)
	if err := c.groups.insert(b.Columns[:keys], b.Len, groups); err != nil {
		return err
	}
	for i := range c.node.Aggs {
		column := batch.Expand(b.Columns[keys+i], b.Len)
		c.addValues(i, groups, batch.Values[int64](column), column)
	}
	return c.memory.set(c.sizeBytes())
}

func (c *countedAgg) sizeBytes() int64 {
	const valueBytes = 8 + 1
	return c.groups.sizeBytes() + int64(c.groups.groups*len(c.node.Aggs)*valueBytes)
}

// addValues combines values of an aggregate with those that their groups have. It skips values that are NULL in
// nulls, unless nulls is nil.
func (c *countedAgg) addValues(aggregate int, groups []int32, values []int64, nulls arrow.Array) {
	all, seen := &c.values[aggregate], &c.seen[aggregate]
	for missing := c.groups.groups - len(*all); missing > 0; missing-- {
		*all, *seen = append(*all, 0), append(*seen, false)
	}
	name := c.node.Aggs[aggregate].Fn.Name
	for i, g := range groups {
		switch v := values[i]; {
		case nulls != nil && nulls.IsNull(i):
			continue
		case name == "count":
			(*all)[g] += v
		case !(*seen)[g], name == "min" && v < (*all)[g], name == "max" && v > (*all)[g]:
			(*all)[g] = v
		}
		(*seen)[g] = true
	}
}

func (c *countedAgg) table() *table {
	t := &table{rows: c.groups.groups}
	for i := range c.node.Keys {
		t.columns = append(t.columns, c.groups.column(i, batch.InTurn))
	}
	for i, call := range c.node.Aggs {
		valid := arrowdata.FullValidity(t.rows)
		for row, seen := range c.seen[i] {
			if !seen {
				arrowdata.ClearBit(valid, row)
			}
		}
		t.columns = append(t.columns, batch.FromValues(arrowtype.Of(call.Column.Type), c.values[i], valid))
	}
	return t
}
