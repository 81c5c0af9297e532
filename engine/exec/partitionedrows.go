package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// partitionedRows sorts rows by partition and order, and returns them in pieces of whole partitions. The partitions
// come in the order in which they first appear. Rows that do not fit in memory are spilled.
type partitionedRows struct {
	partitions *partitioner
	columns    []*plan.Column // of the input
	orderBy    []sortKey
	newRuns    func() *sortedRuns // of columns and the partition id, the first sort key
	pieceRows  int                // least rows of a piece of a table, unless there are no more
	// top is the input if it returns rows by partition in order, so that they need no sorting; nil: the input does
	// not.
	top *partitionTopN

	runs *sortedRuns // of the round; nil: not begun
	// The sorted rows of the round: a table, with the bounds of its pieces, or a stream.
	table  *table // its last column is the partition id; nil: a stream
	order  []int32
	peers  rowOrder // of table
	ends   []int32  // of partitions, as indexes of order
	pieces []int    // ends of pieces, as indexes of ends
	stream *partitionStream
}

// partitionedRows returns the partitionedRows of a node's operator.
func (b *builder) partitionedRows(
	node plan.Node, input Operator, columns, partitionBy []*plan.Column, orderBy []plan.SortKey, operator string,
) (*partitionedRows, error) {
	by, err := positionsOf(columns, partitionBy)
	if err != nil {
		return nil, err
	}
	keys, err := sortKeys(orderBy, columns)
	if err != nil {
		return nil, err
	}
	numbered := append(append([]*plan.Column{}, columns...), &plan.Column{Type: types.IntegerType})
	byPartition := append([]sortKey{{position: len(columns), valueType: types.IntegerType}}, keys...)
	memory := b.account("PARTITION BY")
	p := &partitionedRows{columns: columns, orderBy: keys, pieceRows: manyRows,
		newRuns: func() *sortedRuns { return b.sortedRuns(node, numbered, byPartition, operator) }}
	if top, ok := input.(*partitionTopN); ok && slices.Equal(top.partitions.by, by) && slices.Equal(top.keys, keys) {
		p.top, p.pieceRows = top, batch.Rows // a piece is little work, so begin many soon
	}
	p.partitions = newPartitioner(input, by, columnTypes(partitionBy), b.env.Numbers, memory, b.spiller(node, memory))
	return p, nil
}

// beginRound sorts the rows of a round; false: there are no more rounds.
func (p *partitionedRows) beginRound(ctx context.Context) (bool, error) {
	if p.top != nil {
		return p.takeRound(ctx)
	}
	if p.runs != nil {
		p.closeRound()
		if has, err := p.partitions.nextRound(); !has || err != nil {
			return false, err
		}
	}
	p.runs = p.newRuns()
	if p.runs.spiller != nil {
		p.partitions.makeRoom = p.runs.spillBatches
	}
	for {
		b, ids, err := p.partitions.nextBatch(ctx)
		if err != nil {
			return false, err
		}
		if b == nil {
			break
		}
		b = compact(b)
		number := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int32, append([]int32{}, ids...), nil)}
		numbered := &batch.Batch{Columns: append(slices.Clip(b.Columns), number), Len: b.Len}
		if err := p.runs.addBatch(ctx, numbered); err != nil {
			return false, err
		}
	}
	if err := p.partitions.forget(); err != nil {
		return false, err
	}
	sorted, err := p.runs.finish(ctx)
	if err != nil {
		return false, err
	}
	reader, inMemory := sorted.(*tableReader)
	if !inMemory {
		p.stream = p.newStream(sorted)
		return true, nil
	}
	p.table, p.order, p.peers = reader.table, reader.rows, peerOrder(reader.table, p.orderBy)
	p.cutPieces(ctx)
	return true, nil
}

// takeRound is beginRound for rows that top has sorted.
func (p *partitionedRows) takeRound(ctx context.Context) (bool, error) {
	if p.runs != nil {
		p.closeRound()
	}
	t, partitions, err := p.top.nextRound(ctx)
	if t == nil || err != nil {
		return false, err
	}
	p.runs = p.newRuns()
	if err := p.runs.memory.set(8 * int64(t.rows)); err != nil {
		return false, err
	}
	number := batch.FromValues(arrow.PrimitiveTypes.Int32, partitions, nil)
	p.table, p.order = &table{columns: append(slices.Clone(t.columns), number), rows: t.rows}, iota32(t.rows)
	p.cutPieces(ctx)
	return true, nil
}

func (p *partitionedRows) newStream(from rowStream) *partitionStream {
	return &partitionStream{from: from, columns: len(p.columns), orderBy: p.orderBy, memory: p.runs.memory}
}

// spillFrom writes the table's rows from a piece on to disk and makes them the stream.
func (p *partitionedRows) spillFrom(ctx context.Context, piece int) error {
	first := 0
	if piece > 0 {
		first = p.pieces[piece-1]
	}
	rest := &tableReader{table: p.table, rows: p.order[p.start(first):]}
	p.endTable()
	stream, err := p.runs.spillSorted(ctx, rest)
	if p.top != nil && err == nil {
		err = p.top.forget()
	}
	p.stream = p.newStream(stream)
	return err
}

// endTable gives up the table after its last piece.
func (p *partitionedRows) endTable() { p.table, p.order, p.peers = nil, nil, nil }

// canSpill reports whether spillFrom can be called.
func (p *partitionedRows) canSpill() bool { return p.runs.spiller != nil }

func (p *partitionedRows) closeRound() {
	p.table, p.order, p.peers, p.stream = nil, nil, nil, nil
	p.runs.close()
}

func (p *partitionedRows) close() {
	if p.runs != nil {
		p.closeRound()
	}
	if p.top != nil {
		p.top.Close()
		return
	}
	p.partitions.close()
}

// peerOrder returns the order of a table's rows by keys.
func peerOrder(t *table, keys []sortKey) rowOrder {
	if len(keys) == 0 {
		return func(i, j int32) int { return 0 }
	}
	return orderBy(t, keys)
}
