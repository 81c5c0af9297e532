package exec

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// runtimeFilter has the values of a join's build side, for the scans of its other side. The join publishes it
// before it pulls from that side.
type runtimeFilter struct {
	published bool
	values    []types.Value // ascending; nil if many is set
	many      bool          // more than maxRuntimeValues: low and high bound them
	low, high types.Value
}

// maxRuntimeValues is the most values that a runtime filter lists. If there are more, it has only the least and the
// greatest.
const maxRuntimeValues = 1000

// keyFilter is a runtime filter and the join key that feeds it.
type keyFilter struct {
	key       int // index of the join's keys
	valueType *types.Type
	filter    *runtimeFilter
}

// feed creates the runtime filters of a join. Scans that are built later find them.
func (b *builder) feed(n *plan.Join) []keyFilter {
	var list []keyFilter
	for key, id := range n.Feeds {
		if id == 0 {
			continue
		}
		if b.filters == nil {
			b.filters = map[int]*runtimeFilter{}
		}
		b.filters[id] = &runtimeFilter{}
		list = append(list, keyFilter{key, n.Equal[key].Right.Type, b.filters[id]}) // both sides have one type
	}
	return list
}

func (b *builder) filtersOf(n *plan.Scan) []*runtimeFilter {
	list := make([]*runtimeFilter, len(n.Runtime))
	for i, f := range n.Runtime {
		list[i] = b.filters[f.ID]
	}
	return list
}

// publish fills the filters with the keys of a join's build side.
func (t *joinTable) publish(filters []keyFilter) {
	for _, f := range filters {
		values := &keyValues{filter: f}
		if known := t.ids.knownOf(f.key); known != nil {
			values.ends = known.Ends(arrowtype.Of(f.valueType), t.by)
			values.publish()
			continue
		}
		values.publishAll(t.ids.columns[f.key])
	}
}

// maxAheadBytes is the most that is read of the left input of IN or EXISTS before the right one.
const maxAheadBytes = 16 << 20

// ahead holds rows of an input that are read early.
type ahead struct {
	input   Operator
	memory  *account
	batches []*batch.Batch
	ended   bool
}

// read reads the input until its end or maxAheadBytes. If it is small, read publishes its key columns.
func (a *ahead) read(ctx context.Context, keys []int, filters []keyFilter) error {
	values := make([]*batch.Interner, len(filters))
	bytes := int64(0)
	for bytes <= maxAheadBytes {
		b, err := a.input.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			a.ended = true
			break
		}
		b = compact(b)
		a.batches = append(a.batches, b)
		bytes += batchBytes(b)
		if err := a.memory.set(bytes); err != nil {
			return err
		}
		for i, f := range filters {
			v := b.Columns[keys[f.key]]
			if values[i] == nil {
				values[i] = batch.NewInterner(v.Array.DataType())
			}
			if err := values[i].Insert(v, b.Len, make([]int32, b.Len)); err != nil {
				return err
			}
		}
	}
	if !a.ended || len(a.batches) == 0 {
		return nil
	}
	for i, f := range filters {
		f.filter.fill(f.valueType, values[i].Values())
	}
	return nil
}

func (a *ahead) isEmpty() bool { return a.ended && len(a.batches) == 0 }

// Next returns the rows read ahead, then the others.
func (a *ahead) Next(ctx context.Context) (*batch.Batch, error) {
	if len(a.batches) > 0 {
		b := a.batches[0]
		a.batches[0], a.batches = nil, a.batches[1:]
		return b, ctx.Err()
	}
	if a.ended {
		return nil, ctx.Err()
	}
	return a.input.Next(ctx)
}

func (a *ahead) Close() {
	a.memory.close()
	a.input.Close()
}

// fill takes distinct values, the first of them NULL.
func (f *runtimeFilter) fill(t *types.Type, distinct arrow.Array) {
	f.published = true
	value := func(i int) types.Value { return function.ValueAt(t, distinct, i) }
	if distinct.Len() > maxRuntimeValues+2 { // NULL and NaN are among them
		f.many = true
		low, high := endsOf(t, distinct)
		f.low, f.high = value(low), value(high)
		return
	}
	before, missing := batch.Ordering(t, distinct, distinct), missingIn(distinct)
	var order []int
	for i := range distinct.Len() {
		if !missing(i) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, before)
	f.values = make([]types.Value, len(order))
	for i, at := range order {
		f.values[i] = value(at)
	}
}

// endsOf returns the indexes of the least and the greatest value, -1 if all are NULL or NaN.
func endsOf(t *types.Type, values arrow.Array) (low, high int) {
	if isIntegers(values) {
		return integerEnds(batch.Values[int64](values), arrowdata.Validity(values))
	}
	compare, missing := batch.Ordering(t, values, values), missingIn(values)
	low, high = -1, -1
	for i := range values.Len() {
		if missing(i) {
			continue
		}
		if low < 0 || compare(i, low) < 0 {
			low = i
		}
		if high < 0 || compare(i, high) > 0 {
			high = i
		}
	}
	return low, high
}

func integerEnds(values []int64, valid []byte) (low, high int) {
	low, high = -1, -1
	for i, v := range values {
		if !arrowdata.IsValid(valid, i) {
			continue
		}
		if low < 0 || v < values[low] {
			low = i
		}
		if high < 0 || v > values[high] {
			high = i
		}
	}
	return low, high
}

// ranges returns the filter's values as ranges.
func (f *runtimeFilter) ranges() []plan.Range {
	if f.many {
		return []plan.Range{{Low: &f.low, High: &f.high, LowIncl: true, HighIncl: true}}
	}
	list := make([]plan.Range, len(f.values))
	for i := range f.values {
		list[i] = plan.Range{Low: &f.values[i], High: &f.values[i], LowIncl: true, HighIncl: true}
	}
	return list
}

// condition returns an expression for the rows with one of the values; nil if checking every row does not pay.
func (f *runtimeFilter) condition(c *plan.Column) plan.Expr {
	if f.many {
		return nil
	}
	in := &plan.Special{Form: plan.In, T: types.BooleanType, Args: []plan.Expr{&plan.Ref{Column: c}}}
	for _, v := range f.values {
		in.Args = append(in.Args, &plan.Const{Value: v})
	}
	if len(f.values) == 0 {
		in.Args = append(in.Args, &plan.Const{Value: types.Null(c.Type)})
	}
	return in
}

func (f *runtimeFilter) String() string {
	switch {
	case f.many:
		return fmt.Sprintf("%s to %s", f.low, f.high)
	case len(f.values) == 1:
		return f.values[0].String()
	}
	return fmt.Sprintf("%d values", len(f.values))
}

// narrowing makes a scan read less, with the runtime filters of joins.
type narrowing struct {
	node    *plan.Scan
	env     *Env
	columns []*plan.Column // all that the scan may read
	filters []*runtimeFilter
}

// narrow applies the published runtime filters, before the scan starts.
func (s *scan) narrow(ctx context.Context) error {
	if s.narrowing == nil {
		return nil
	}
	n := s.narrowing
	s.narrowing = nil
	request := RequestOf(n.node)
	at := layout(n.columns)
	var texts []string
	for i, f := range n.filters {
		if f == nil || !f.published {
			continue
		}
		column := n.node.Runtime[i].Column
		texts = append(texts, column.Name+": "+f.String())
		c := n.node.Cols[at[column.ID]]
		domain, ok := domainOf(plan.Domain{Path: c.Path, Ranges: f.ranges()})
		if !ok {
			continue
		}
		request.Where.Domains = append(request.Where.Domains, domain)
		condition := f.condition(column)
		if condition == nil {
			continue
		}
		compiled, err := expr.Compile(condition, at, n.env.Function)
		if err != nil {
			return err
		}
		s.groups.conjuncts = append(s.groups.conjuncts,
			scanConjunct{condition: compiled, columns: []int{at[column.ID]}, settledBy: pathOf(c)})
	}
	if len(texts) == 0 {
		return nil
	}
	rows, err := n.env.Source.Open(ctx, n.node.Table, request)
	if err != nil {
		return err
	}
	s.rows.Close()
	s.rows = rows
	s.stats.narrowed(rows, texts)
	return nil
}
