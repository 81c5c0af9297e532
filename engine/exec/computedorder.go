package exec

import (
	"slices"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// computedOrder is a sort key that follows eventtime, for a scan from one end of eventtime: beyond some eventtime
// no row is wanted any more.
type computedOrder struct {
	key       expr.Evaluator // of a batch of eventtimes alone
	times     arrow.DataType
	order     sortKey
	isForward bool        // the scan begins with the oldest
	bar       arrow.Array // of one row: the bar of the last call, nil before
}

// Eventtimes lie in the years 1 to 9999; these are the ends in milliseconds.
const (
	oldestMillis = -62_135_596_800_000
	newestMillis = 253_402_300_799_999
)

// lastWanted returns the last eventtime, in the order of the scan, whose key does not come after the bar; false: it
// is unknown, or the bar has not changed.
func (c *computedOrder) lastWanted(bar arrow.Array) (millis int64, isNew bool) {
	if c.bar != nil && columnOrderBetween(c.bar, bar, c.order)(0, 0) == 0 {
		return 0, false
	}
	c.bar = bar
	at := func(distance int) int64 { // from where the scan begins
		if c.isForward {
			return oldestMillis + int64(distance)
		}
		return newestMillis - int64(distance)
	}
	fails := false
	isBehind := func(distance int) bool {
		key, err := c.key.Eval(&batch.Batch{Columns: []batch.Vector{{Array: batch.FromValues(c.times, []int64{at(distance)}, nil)}}, Len: 1})
		if err != nil {
			fails = true
			return true
		}
		return columnOrderBetween(batch.Decode(key.Array), bar, c.order)(0, 0) > 0
	}
	wanted := sort.Search(newestMillis-oldestMillis+1, isBehind)
	if fails || wanted == 0 {
		return 0, false
	}
	return at(wanted - 1), true
}

// topNInOrder makes the operators of a top-N over a projection of a scan that begins at one end of eventtime. The
// first key follows eventtime.
func (b *builder) topNInOrder(n *plan.TopN, p *plan.Project, scanned *plan.Scan) (Operator, []*plan.Column, error) {
	s, err := b.openScan(scanned)
	if err != nil {
		return nil, nil, err
	}
	s.groups.locate, s.ordered = true, true
	position := &plan.Column{ID: -1, Name: "position", Type: types.BigIntType} // no column of a plan has such an ID
	located := *p
	located.Items = append(slices.Clone(p.Items), plan.Assignment{Column: position, Expr: &plan.Ref{Column: position}})
	b.node = p // its memory counts as the projection's
	input, columns, err := b.project(&located, b.env.Stats.measured(scanned, s), append(scanned.Columns(), position))
	b.node = n
	if err != nil {
		return nil, nil, err
	}
	keys, err := sortKeys(append(slices.Clone(n.Keys), plan.SortKey{Column: position}), columns)
	if err != nil {
		return nil, nil, err
	}
	order, err := b.computedOrder(p, scanned, n.Keys[0].Column)
	if err != nil {
		return nil, nil, err
	}
	order.order = keys[0]
	top := b.topN(n, b.env.Stats.measured(p, input), columns, keys)
	top.dropBelow(b.account("ORDER BY … LIMIT"), true)
	top.raised = func(bar []arrow.Array) {
		if millis, ok := order.lastWanted(bar[0]); ok {
			s.endAt(millis)
		}
	}
	positions := make([]int, len(p.Items))
	for i := range positions {
		positions[i] = i
	}
	return &pick{input: top, positions: positions}, p.Columns(), nil
}

// computedOrder returns the order of a column that a projection computes from a scan's eventtime. The caller sets
// its direction.
func (b *builder) computedOrder(p *plan.Project, scanned *plan.Scan, column *plan.Column) (*computedOrder, error) {
	at := slices.IndexFunc(p.Items, func(item plan.Assignment) bool { return item.Column.ID == column.ID })
	layout := map[int]int{}
	order := &computedOrder{isForward: scanned.Order == plan.OldestFirst}
	plan.FreeColumns(p.Items[at].Expr, func(c *plan.Column) { layout[c.ID], order.times = 0, arrowtype.Of(c.Type) })
	var err error
	order.key, err = expr.Compile(p.Items[at].Expr, layout, b.env.Function)
	return order, err
}
