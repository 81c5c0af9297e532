package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// partitionTopN keeps the first rows of each partition in the order of keys, see plan.PartitionTopN. It holds
// little more than those: once a partition has enough, other rows are dropped on arrival. If memory does not
// suffice for all partitions, some wait for a later round.
type partitionTopN struct {
	partitions *partitioner
	gathering
	columns []*plan.Column
	keys    []sortKey
	ranking plan.Ranking
	count   int64
	memory  *account // of the rows kept and arrived
	// unread has indexes of partitions.by: columns that nothing reads of the result. The rows kept have NULL there.
	unread []int

	// kept has the rows wanted so far, by partition in order, and keptOf their partitions. bars[p] is the row of
	// kept that is the last wanted one of partition p, -1 if there are fewer rows than wanted.
	kept    *batch.Batch // dense; nil at first
	keptOf  []int32
	bars    []int32
	barKeys []arrow.Array // the key columns of kept
	// arrived has rows added since the last cut, and arrivedOf their partitions.
	arrived   []*batch.Batch // dense
	arrivedOf []int32
	words     *partitionBars // of all rows so far; nil: only bars are known
	ahead     *topNPipeline  // of the first round; nil: batches are added one at a time
	size      int64          // of kept and arrived
	keptSize  int64

	begun   bool         // a round has begun
	results *tableReader // of a round, nil: none left
}

func (p *partitionTopN) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if p.results != nil {
			if b := p.results.next(); b != nil {
				return b, ctx.Err()
			}
		}
		t, _, err := p.nextRound(ctx)
		if t == nil || err != nil {
			return nil, err
		}
		p.results = &tableReader{table: t}
	}
}

// nextRound returns the wanted rows of the next round by partition in order, and their partitions; nil at the end.
// Both are valid until the next call.
func (p *partitionTopN) nextRound(ctx context.Context) (*table, []int32, error) {
	if p.begun {
		p.results = nil
		if err := p.forget(); err != nil {
			return nil, nil, err
		}
		if more, err := p.partitions.nextRound(); !more || err != nil {
			return nil, nil, err
		}
	}
	p.begun = true
	if err := p.consume(ctx); err != nil {
		return nil, nil, err
	}
	if p.kept == nil {
		return emptyTable(p.columns), nil, nil
	}
	return joinBatches([]*batch.Batch{p.kept}), p.keptOf, nil
}

// forget drops the rows of a round.
func (p *partitionTopN) forget() error {
	p.kept, p.keptOf, p.bars, p.barKeys, p.size, p.keptSize = nil, nil, nil, nil, 0, 0
	p.words.knowOnly(0)
	return p.memory.set(0)
}

func (p *partitionTopN) Close() {
	if p.ahead != nil {
		p.ahead.close()
	}
	p.memory.close()
	p.partitions.close()
}

// consume reads the rows of a round and keeps the wanted ones.
func (p *partitionTopN) consume(ctx context.Context) error {
	isAtEnd := false
	if ahead := p.ahead; ahead != nil {
		p.ahead = nil
		var err error
		if isAtEnd, err = ahead.consume(ctx); err != nil {
			return err
		}
	}
	if err := p.keepAll(ctx, isAtEnd); err != nil {
		return err
	}
	if err := p.cut(ctx); err != nil {
		return err
	}
	p.codePartitions(ctx)
	p.words.knowOnly(0)
	if err := p.hold(p.size); err != nil {
		return err
	}
	return p.partitions.forget()
}

// keepAll keeps the wanted ones of the round's remaining rows.
func (p *partitionTopN) keepAll(ctx context.Context, isAtEnd bool) error {
	if isAtEnd {
		return p.partitions.endLate()
	}
	for {
		b, partitions, err := p.partitions.nextBatch(ctx)
		if b == nil || err != nil {
			return err
		}
		if err := p.keep(ctx, b, partitions); err != nil {
			return err
		}
	}
}

// keep adds the rows of b that may be wanted. It overwrites partitions.
func (p *partitionTopN) keep(ctx context.Context, b *batch.Batch, partitions []int32) error {
	b, partitions, err := p.choose(b, partitions)
	if b == nil || err != nil {
		return err
	}
	return p.keepChosen(ctx, b, partitions)
}

// choose returns the rows of b that may be wanted with their partitions; nil if there are none. It overwrites
// partitions. Each row may be passed only once.
func (p *partitionTopN) choose(b *batch.Batch, partitions []int32) (*batch.Batch, []int32, error) {
	if err := p.reachPartitions(); err != nil {
		return nil, nil, err
	}
	rows := p.candidates(b, partitions)
	if len(rows) == 0 {
		return nil, nil, nil
	}
	partitions = gather(partitions, rows, partitions[:len(rows)])
	if b.Sel != nil {
		rows = gather(b.Sel, rows, rows)
	}
	return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: rows}, partitions, nil
}

// keepChosen adds chosen rows. If memory is short, it puts some off to the next round.
func (p *partitionTopN) keepChosen(ctx context.Context, b *batch.Batch, partitions []int32) error {
	if p.isShortOf(b) {
		if err := p.cut(ctx); err != nil {
			return err
		}
		if err := p.putOff(); err != nil {
			return err
		}
		var err error
		if b, partitions, err = p.partitions.withoutLater(b, partitions); b == nil || err != nil {
			return err
		}
	}
	return p.addChosen(ctx, b, partitions)
}

// addChosen adds chosen rows for which there is memory.
func (p *partitionTopN) addChosen(ctx context.Context, b *batch.Batch, partitions []int32) error {
	p.arrivedOf = append(p.arrivedOf, partitions...)
	added := p.partitions.compact(p.withoutUnread(b))
	p.arrived = append(p.arrived, added)
	p.size += tableBytes(added) + arrayBytes*int64(len(added.Columns)) + 4*int64(added.Len)
	if err := p.hold(p.size); err != nil || !p.isWorthCutting() {
		return err
	}
	return p.cut(ctx)
}

// isWorthCutting reports whether many rows are unwanted and enough came that each row is cut few times. If the
// words say that nearly all rows are wanted, as with keys that hardly repeat, cutting would only copy them.
func (p *partitionTopN) isWorthCutting() bool {
	const many = 2 * batch.Rows
	rows := len(p.keptOf) + len(p.arrivedOf)
	if p.size >= 2*p.keptSize+4*maxTakenBytes {
		return p.words == nil || rows >= p.words.known+p.words.known/4
	}
	if len(p.arrivedOf) < max(many, len(p.keptOf)) {
		return false
	}
	return p.words == nil || rows >= p.words.known+max(many, p.words.known)
}

// withoutUnread returns b with NULL in the unread columns.
func (p *partitionTopN) withoutUnread(b *batch.Batch) *batch.Batch {
	if len(p.unread) == 0 {
		return b
	}
	columns := slices.Clone(b.Columns)
	for _, i := range p.unread {
		columns[p.partitions.by[i]] = batch.Vector{Array: array.NewNull(b.Len)}
	}
	return &batch.Batch{Columns: columns, Len: b.Len, Sel: b.Sel}
}

// setBarKeys prepares the kept rows for comparison with new ones.
func (p *partitionTopN) setBarKeys() {
	p.barKeys = make([]arrow.Array, len(p.keys))
	for i, k := range p.keys {
		p.barKeys[i] = p.kept.Columns[k.position].Array
	}
	p.keptSize = tableBytes(p.kept) + 8*int64(p.kept.Len+len(p.bars))
}

// cut reduces the rows to the wanted ones, in order.
func (p *partitionTopN) cut(ctx context.Context) error {
	if len(p.arrived) == 0 {
		return nil
	}
	if err := p.hold(p.cuttingBytes()); err != nil {
		return err
	}
	batches, of := p.arrived, append(p.keptOf, p.arrivedOf...)
	if p.kept != nil {
		batches = append([]*batch.Batch{p.kept}, batches...)
	}
	all := p.gathering.join(ctx, batches)
	p.kept, p.arrived, p.arrivedOf = nil, nil, nil
	order := func(i, j int32) int { return 0 }
	if len(p.keys) > 0 {
		order = orderBy(all, p.keys)
	}
	rows := p.smallPartitions(of, order)
	if rows == nil {
		var err error
		if rows, err = p.sortedByPartition(ctx, all, of); err != nil {
			return err
		}
	}
	wanted := make([]int32, 0, len(rows))
	p.keptOf, p.bars = nil, make([]int32, p.partitions.groups.groups)
	for partition := range p.bars {
		p.bars[partition] = -1
		end := 0
		for end < len(rows) && of[rows[end]] == int32(partition) {
			end++
		}
		first, full := p.first(rows[:end], order)
		wanted, rows = append(wanted, first...), rows[end:]
		for range first {
			p.keptOf = append(p.keptOf, int32(partition))
		}
		if full {
			p.bars[partition] = int32(len(wanted)) - 1
		}
	}
	p.kept = p.gathering.take(ctx, all, wanted)
	p.setBarKeys()
	p.size = p.keptSize
	return p.hold(p.size)
}

// smallPartitions is sortedByPartition for partitions of few rows: it collects rows by partition and sorts each
// alone. It returns nil if a partition has many rows.
func (p *partitionTopN) smallPartitions(of []int32, order rowOrder) []int32 {
	const few = 16
	if len(of) > few*p.partitions.groups.groups {
		return nil
	}
	ends := make([]int32, p.partitions.groups.groups+1) // of the partition before; once rows are placed, of each
	for _, partition := range of {
		ends[partition+1]++
	}
	if slices.Max(ends) > few {
		return nil
	}
	for i := range ends[1:] {
		ends[i+1] += ends[i]
	}
	rows := make([]int32, len(of))
	for row, partition := range of {
		rows[ends[partition]] = int32(row)
		ends[partition]++
	}
	begin := int32(0)
	for _, end := range ends[:len(ends)-1] {
		if end-begin > 1 {
			slices.SortStableFunc(rows[begin:end], order)
		}
		begin = end
	}
	return rows
}

// sortedByPartition returns a table's rows by partition, each in the order of keys. The partition id is the first
// key: within a partition few rows have equal first keys, across all there may be many.
func (p *partitionTopN) sortedByPartition(ctx context.Context, t *table, partitions []int32) ([]int32, error) {
	number := batch.FromValues(arrow.PrimitiveTypes.Int32, partitions, nil)
	numbered := &table{columns: append(slices.Clone(t.columns), number), rows: t.rows}
	keys := append([]sortKey{{position: len(t.columns), valueType: types.IntegerType}}, p.keys...)
	return sortedRows(ctx, numbered, keys, p.workers, p.memory)
}

// first returns the wanted rows of a partition, given its rows in order. full: no row after the last of them can be
// wanted.
func (p *partitionTopN) first(rows []int32, order rowOrder) (wanted []int32, full bool) {
	if p.ranking == plan.RowNumber {
		number := min(p.count, int64(len(rows)))
		return rows[:number], number == p.count
	}
	rank := int64(0) // of the row before
	for i, row := range rows {
		if i == 0 || order(rows[i-1], row) != 0 {
			if rank++; p.ranking == plan.Rank {
				rank = int64(i) + 1
			}
		}
		if rank > p.count {
			return rows[:i], true
		}
	}
	if p.ranking == plan.Rank {
		return rows, int64(len(rows)) >= p.count
	}
	return rows, rank == p.count
}

func (b *builder) partitionTopN(n *plan.PartitionTopN, input Operator, columns []*plan.Column) (*partitionTopN, error) {
	partitions, err := positionsOf(columns, n.PartitionBy)
	if err != nil {
		return nil, err
	}
	keys, err := sortKeys(n.Keys, columns)
	if err != nil {
		return nil, err
	}
	var unread []int
	for i, c := range n.PartitionBy {
		if n.Unread[c.ID] && !slices.ContainsFunc(keys, func(k sortKey) bool { return k.position == partitions[i] }) {
			unread = append(unread, i)
		}
	}
	memory, held := b.account("PARTITION BY"), b.account("PARTITION BY … LIMIT")
	top := &partitionTopN{columns: columns, keys: keys, ranking: n.Ranking, count: n.Count, gathering: b.gathering(), memory: held, unread: unread,
		words:      newPartitionBars(keys, n.Ranking, n.Count),
		partitions: newPartitioner(input, partitions, columnTypes(n.PartitionBy), b.env.Numbers, memory, b.spiller(n, memory))}
	if b.workers() > 1 {
		top.ahead = &topNPipeline{top: top, combining: b.account("PARTITION BY")}
	}
	return top, nil
}
