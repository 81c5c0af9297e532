package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// partitionTopN keeps of each partition the first rows in the order of keys, see
// plan.PartitionTopN. It holds little more than those rows: others are dropped as
// they come, once their partition has as many as are wanted. Where there are more partitions
// than there is memory for, it begins with some of them.
type partitionTopN struct {
	partitions *partitioner
	gathering
	columns []*plan.Column
	keys    []sortKey
	ranking plan.Ranking
	count   int64
	memory  *account // of the rows

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
	words     *partitionBars // of all rows that came; nil: those in bars alone are known
	size      int64          // of kept and arrived
	keptSize  int64

	results *tableReader // of a round; nil: its input is not consumed
}

func (p *partitionTopN) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if p.results == nil {
			if err := p.consume(ctx); err != nil {
				return nil, err
			}
		}
		if b := p.results.next(); b != nil {
			return b, ctx.Err()
		}
		more, err := p.partitions.nextRound()
		if !more || err != nil {
			return nil, err
		}
		p.results, p.kept, p.keptOf, p.bars, p.barKeys, p.size, p.keptSize = nil, nil, nil, nil, nil, 0, 0
		p.words.knowOnly(0)
		if err := p.memory.set(0); err != nil {
			return nil, err
		}
	}
}

func (p *partitionTopN) Close() {
	p.memory.close()
	p.partitions.close()
}

// consume reads the rows of a round.
func (p *partitionTopN) consume(ctx context.Context) error {
	for {
		b, partitions, err := p.partitions.nextBatch(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := p.keep(ctx, b, partitions); err != nil {
			return err
		}
	}
	if err := p.cut(ctx); err != nil {
		return err
	}
	p.results = &tableReader{table: emptyTable(p.columns)}
	if p.kept != nil {
		p.results.table = joinBatches([]*batch.Batch{p.kept})
	}
	return p.partitions.forget()
}

// keep adds the rows of b that may be wanted.
func (p *partitionTopN) keep(ctx context.Context, b *batch.Batch, partitions []int32) error {
	if p.isShort(2*tableBytes(b) + (cutRowBytes+sortBytesPerRow)*int64(b.Len) + p.words.growthBytes(p.partitions.groups.groups)) {
		if err := p.cut(ctx); err != nil {
			return err
		}
		if err := p.putOff(); err != nil {
			return err
		}
		var err error
		if b, err = p.partitions.withoutLater(b); b == nil || err != nil {
			return err
		}
		partitions = p.partitions.ids
	}
	if p.words != nil {
		done, err := p.memory.during(p.words.growthBytes(p.partitions.groups.groups))
		if err != nil {
			return err
		}
		p.words.reach(p.partitions.groups.groups)
		done()
	}
	rows := p.candidates(b, partitions)
	if len(rows) == 0 {
		return p.hold(p.size)
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
	if err := p.hold(p.size); err != nil || !p.isWorthCutting() {
		return err
	}
	return p.cut(ctx)
}

// isWorthCutting reports whether many of the rows are not wanted, and so many came that each is cut few times.
func (p *partitionTopN) isWorthCutting() bool {
	const many = 2 * batch.Rows
	if p.size >= 2*p.keptSize+4*maxTakenBytes {
		return true
	}
	if len(p.arrivedOf) < max(many, len(p.keptOf)) {
		return false
	}
	return p.words == nil || len(p.keptOf)+len(p.arrivedOf) >= p.words.known+max(many, p.words.known)
}

// hold makes the account hold bytes, besides what tells wanted rows.
func (p *partitionTopN) hold(bytes int64) error { return p.memory.set(bytes + p.words.sizeBytes()) }

// cutRowBytes is what cut needs for each row besides copies of it, and what sorting takes.
const cutRowBytes = 16

// cuttingBytes is what cut needs: while batches become a table, and rows of it are taken, both are there.
func (p *partitionTopN) cuttingBytes() int64 {
	return 2*p.size + cutRowBytes*int64(len(p.keptOf)+len(p.arrivedOf))
}

// isShort reports whether there would be no memory for cutting, when spare bytes more are taken, and rows can be put off for that.
func (p *partitionTopN) isShort(spare int64) bool {
	sorting := sortBytesPerRow * int64(len(p.keptOf)+len(p.arrivedOf))
	return p.partitions.spiller != nil && p.memory.ShouldSpill(p.cuttingBytes()-p.size+sorting+spare)
}

// putOff leaves later halves of the partitions to the next round, until there is room for rows to come. All rows are cut.
func (p *partitionTopN) putOff() error {
	for len(p.keptOf) > 0 && p.isShort(p.memory.LimitBytes()/8) && p.keptOf[len(p.keptOf)-1] > p.keptOf[0] {
		first := max(p.keptOf[len(p.keptOf)/2], p.keptOf[0]+1) // partition put off
		known, _ := slices.BinarySearch(p.keptOf, first)
		if err := p.partitions.putOff(part(p.kept, known, p.kept.Len)); err != nil {
			return err
		}
		p.partitions.knowOnly(int(first))
		done, err := p.memory.during(p.keptSize)
		if err != nil {
			return err
		}
		p.kept = &batch.Batch{Columns: takeAll(p.kept.Columns, iota32(known)), Len: known}
		done()
		p.bars, p.keptOf = slices.Clone(p.bars[:first]), slices.Clone(p.keptOf[:known])
		p.words.knowOnly(int(first))
		p.setBarKeys()
		p.size = p.keptSize
		if err := p.hold(p.size); err != nil {
			return err
		}
	}
	return nil
}

// setBarKeys makes the rows kept comparable with those that come.
func (p *partitionTopN) setBarKeys() {
	p.barKeys = make([]arrow.Array, len(p.keys))
	for i, k := range p.keys {
		p.barKeys[i] = p.kept.Columns[k.position].Array
	}
	p.keptSize = tableBytes(p.kept) + 8*int64(p.kept.Len+len(p.bars))
}

// candidates lists the live rows of b, by their number among these, that come before
// the last ones wanted of their partitions.
func (p *partitionTopN) candidates(b *batch.Batch, partitions []int32) []int32 {
	rows := make([]int32, 0, batch.Rows)
	var order rowOrder // between a row and one that is kept; nil: none was compared yet
	var word func(row int32) uint64
	if p.words != nil {
		word = barWords(batch.Expand(liveColumn(b, p.words.key.position), len(partitions)), p.words.key)
	}
	for row, partition := range partitions {
		if word != nil {
			w, bar := word(int32(row)), p.words.bar(partition)
			if w > bar {
				continue
			}
			if w < bar {
				p.words.add(partition, w)
				rows = append(rows, int32(row))
				continue
			}
		}
		if int(partition) < len(p.bars) && p.bars[partition] >= 0 {
			if order == nil {
				order = p.orderToKept(b, len(partitions))
			}
			c := order(int32(row), p.bars[partition])
			if c > 0 || c == 0 && p.ranking == plan.RowNumber {
				continue
			}
		}
		rows = append(rows, int32(row))
	}
	return rows
}

// orderToKept compares the live rows of b with those that are kept. Without keys all are like the last one wanted.
func (p *partitionTopN) orderToKept(b *batch.Batch, live int) rowOrder {
	if len(p.keys) == 0 {
		return func(row, kept int32) int { return 0 }
	}
	columns := make([]arrow.Array, len(p.keys))
	for i, k := range p.keys {
		columns[i] = batch.Expand(liveColumn(b, k.position), live)
	}
	return orderBetween(columns, p.barKeys, p.keys)
}

// cut reduces the rows to those that are still wanted, in order.
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
	rows, err := sortedRows(ctx, all, p.keys, p.workers, p.memory)
	if err != nil {
		return err
	}
	offsets, rows := groupSorted(of, rows, p.partitions.groups.groups)
	order := func(i, j int32) int { return 0 }
	if len(p.keys) > 0 {
		order = orderBy(all, p.keys)
	}
	wanted := make([]int32, 0, len(rows))
	p.keptOf, p.bars = nil, make([]int32, p.partitions.groups.groups)
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
	p.kept = p.gathering.take(ctx, all, wanted)
	p.setBarKeys()
	p.size = p.keptSize
	return p.hold(p.size)
}

// groupSorted moves rows together by group without changing their order within one.
func groupSorted(groups, rows []int32, number int) (offsets, sorted []int32) {
	offsets = make([]int32, number+1)
	for _, g := range groups {
		offsets[g+1]++
	}
	for i := range number {
		offsets[i+1] += offsets[i]
	}
	next := append([]int32{}, offsets...)
	sorted = make([]int32, len(rows))
	for _, row := range rows {
		g := groups[row]
		sorted[next[g]] = row
		next[g]++
	}
	return offsets, sorted
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
	memory, held := b.account("PARTITION BY"), b.account("PARTITION BY … LIMIT")
	return &partitionTopN{columns: columns, keys: keys, ranking: n.Ranking, count: n.Count, gathering: b.gathering(), memory: held,
		words:      newPartitionBars(keys, n.Ranking, n.Count),
		partitions: newPartitioner(input, partitions, columnTypes(n.PartitionBy), b.env.Numbers, memory, b.spiller(n, memory))}, nil
}
