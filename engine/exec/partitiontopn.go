package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// partitionTopN keeps of each partition the first rows in the order of keys, see
// plan.PartitionTopN. It holds little more than those rows: others are dropped as
// they come, once their partition has as many as are wanted.
type partitionTopN struct {
	input       Operator
	columns     []*plan.Column
	partitionBy []int
	keys        []sortKey
	ranking     plan.Ranking
	count       int64
	workers     int
	memory      *account // of the rows
	partitions  *grouper // has an account of its own

	// kept are the rows wanted so far, partition by partition in order; keptOf are
	// their partitions. bars has, by partition, the last row wanted in kept, -1 where
	// there are fewer rows than are wanted.
	kept    *batch.Batch // dense; nil at first
	keptOf  []int32
	bars    []int32
	barKeys []arrow.Array // the columns of kept that keys sort by
	// arrived are rows that came since, arrivedOf their partitions.
	arrived   []*batch.Batch // dense
	arrivedOf []int32
	size      int64 // of kept and arrived
	keptSize  int64

	results *tableReader // nil until the input is consumed
}

func (p *partitionTopN) Next(ctx context.Context) (*batch.Batch, error) {
	if p.results == nil {
		if err := p.consume(ctx); err != nil {
			return nil, err
		}
		if err := p.cut(ctx); err != nil {
			return nil, err
		}
		p.results = &tableReader{table: emptyTable(p.columns)}
		if p.kept != nil {
			p.results.table = joinBatches([]*batch.Batch{p.kept})
		}
	}
	return p.results.next(), ctx.Err()
}

func (p *partitionTopN) Close() {
	p.memory.close()
	p.partitions.memory.close()
	p.input.Close()
}

func (p *partitionTopN) consume(ctx context.Context) error {
	var partitions []int32
	for {
		b, err := p.input.Next(ctx)
		if b == nil || err != nil {
			return err
		}
		live := b.Live()
		partitions = resized(partitions, live)
		columns := make([]batch.Vector, len(p.partitionBy))
		for i, at := range p.partitionBy {
			columns[i] = liveColumn(b, at)
		}
		if err := p.partitions.insert(columns, live, partitions); err != nil {
			return err
		}
		if err := p.partitions.memory.set(p.partitions.sizeBytes()); err != nil {
			return err
		}
		if err := p.keep(ctx, b, partitions); err != nil {
			return err
		}
	}
}

// keep adds the rows of b that may be wanted.
func (p *partitionTopN) keep(ctx context.Context, b *batch.Batch, partitions []int32) error {
	rows := p.candidates(b, partitions)
	if len(rows) == 0 {
		return nil
	}
	for _, row := range rows {
		p.arrivedOf = append(p.arrivedOf, partitions[row])
	}
	if b.Sel != nil {
		gather(b.Sel, rows, rows)
	}
	added := &batch.Batch{Columns: takeAll(b.Columns, rows), Len: len(rows)}
	p.arrived = append(p.arrived, added)
	p.size += tableBytes(added) + 4*int64(len(rows))
	if err := p.memory.set(p.size); err != nil {
		return err
	}
	const many = 2 * batch.Rows
	if len(p.arrivedOf) < max(many, len(p.keptOf)) && p.size < 2*p.keptSize+4*maxTakenBytes {
		return nil
	}
	return p.cut(ctx)
}

// candidates lists the live rows of b, by their number among these, that come before
// the last ones wanted of their partitions.
func (p *partitionTopN) candidates(b *batch.Batch, partitions []int32) []int32 {
	rows := make([]int32, 0, batch.Rows)
	order := func(row, kept int32) int { return 1 }
	if p.kept != nil && len(p.keys) > 0 {
		columns := make([]arrow.Array, len(p.keys))
		for i, k := range p.keys {
			columns[i] = batch.Expand(liveColumn(b, k.position), len(partitions))
		}
		order = orderBetween(columns, p.barKeys, p.keys)
	}
	for row, partition := range partitions {
		if int(partition) < len(p.bars) && p.bars[partition] >= 0 {
			c := order(int32(row), p.bars[partition])
			if c > 0 || c == 0 && p.ranking == plan.RowNumber {
				continue
			}
		}
		rows = append(rows, int32(row))
	}
	return rows
}

// cut reduces the rows to those that are still wanted, in order.
func (p *partitionTopN) cut(ctx context.Context) error {
	if len(p.arrived) == 0 {
		return nil
	}
	// While batches become a table, and rows of it are taken, both are there.
	numbers := int64(len(p.keptOf)+len(p.arrivedOf)) * 16
	if err := p.memory.set(2*p.size + numbers); err != nil {
		return err
	}
	batches, of := p.arrived, append(p.keptOf, p.arrivedOf...)
	if p.kept != nil {
		batches = append([]*batch.Batch{p.kept}, batches...)
	}
	all := joinBatches(batches)
	p.kept, p.arrived, p.arrivedOf = nil, nil, nil
	rows, err := sortedRows(ctx, all, p.keys, p.workers, p.memory)
	if err != nil {
		return err
	}
	offsets, rows := groupSorted(of, rows, p.partitions.groups)
	order := func(i, j int32) int { return 0 }
	if len(p.keys) > 0 {
		order = orderBy(all, p.keys)
	}
	wanted := make([]int32, 0, len(rows))
	p.keptOf, p.bars = nil, make([]int32, p.partitions.groups)
	for partition := range p.bars {
		p.bars[partition] = -1
		first, full := p.first(rows[offsets[partition]:offsets[partition+1]], order)
		wanted = append(wanted, first...)
		for range first {
			p.keptOf = append(p.keptOf, int32(partition))
		}
		if full {
			p.bars[partition] = int32(len(wanted)) - 1
		}
	}
	p.kept = all.take(wanted)
	p.barKeys = make([]arrow.Array, len(p.keys))
	for i, k := range p.keys {
		p.barKeys[i] = p.kept.Columns[k.position].Array
	}
	p.keptSize = tableBytes(p.kept) + 8*int64(len(wanted)+len(p.bars))
	p.size = p.keptSize
	return p.memory.set(p.size)
}

// first returns the rows wanted of a partition, which are in order; full means
// that any row that comes after the last of them is not wanted.
func (p *partitionTopN) first(rows []int32, order rowOrder) (wanted []int32, full bool) {
	if p.ranking == plan.RowNumber {
		number := min(p.count, int64(len(rows)))
		return rows[:number], number == p.count
	}
	rank := int64(0) // so far
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
	p := &partitionTopN{input: input, columns: columns, partitionBy: partitions, keys: keys, ranking: n.Ranking, count: n.Count,
		workers: b.workers(), memory: b.account("PARTITION BY … LIMIT"), partitions: newGrouper(columnTypes(n.PartitionBy))}
	p.partitions.memory = b.account("PARTITION BY")
	return p, nil
}
