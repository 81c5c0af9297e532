package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// tableGatherer returns a table's rows in an order, batch by batch. Workers gather them ahead while there is
// memory.
type tableGatherer struct {
	table  *table
	rows   []int32
	memory *account
	plain  *plainRows // makes what is gathered ahead plain; nil: it is not
	work   *orderedWork[*gatheredRows]
	reader *tableReader // of the current rows if they were not gathered ahead; nil: none
	ready  []*batch.Batch
}

// gatheredRows are the rows of one piece, up to batch.Rows.
type gatheredRows struct {
	from    int // position in rows
	batches []*batch.Batch
	bytes   int64 // reserved for batches; negative: there was no memory, and there are none
}

func newTableGatherer(t *table, rows []int32, workers int, memory *account, plain *plainRows) *tableGatherer {
	g := &tableGatherer{table: t, rows: rows, memory: memory, plain: plain}
	g.work = &orderedWork[*gatheredRows]{pieces: (len(rows) + batch.Rows - 1) / batch.Rows, workers: workers, first: workers, ahead: workers, do: g.gather,
		drop: func(r *gatheredRows) { memory.release(max(0, r.bytes)) }}
	return g
}

// gather gathers the rows of a piece.
func (g *tableGatherer) gather(_ context.Context, piece int) (*gatheredRows, error) {
	out := &gatheredRows{from: piece * batch.Rows, bytes: -1}
	if g.work.workers < 2 {
		return out, nil
	}
	rows := g.pieceRows(out)
	bytes := takenBytes(g.table.vectors(), rows)
	if g.memory.ShouldSpill(bytes) || g.memory.add(bytes) != nil {
		return out, nil
	}
	out.bytes = bytes
	reader := &tableReader{table: g.table, rows: rows}
	for b := reader.next(); b != nil; b = reader.next() {
		out.batches = append(out.batches, g.asPlain(out, b))
	}
	return out, nil
}

// asPlain makes a batch plain if there is memory for it besides what is reserved for the rows.
func (g *tableGatherer) asPlain(r *gatheredRows, b *batch.Batch) *batch.Batch {
	if g.plain == nil {
		return b
	}
	bytes, fits := g.plain.fitting(b)
	if !fits || g.memory.add(bytes) != nil {
		return b
	}
	r.bytes += bytes
	return g.plain.of(b)
}

func (g *tableGatherer) pieceRows(r *gatheredRows) []int32 {
	return g.rows[r.from:min(len(g.rows), r.from+batch.Rows)]
}

func (g *tableGatherer) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	for {
		if len(g.ready) > 0 {
			b := g.ready[0]
			g.ready = g.ready[1:]
			return b, ctx.Err()
		}
		if g.reader != nil {
			if b := g.reader.next(); b != nil {
				return b, ctx.Err()
			}
			g.reader = nil
		}
		r, ok, err := g.work.take(ctx)
		if !ok || err != nil {
			return nil, err
		}
		g.memory.release(max(0, r.bytes))
		if g.ready = r.batches; r.bytes < 0 {
			g.reader = &tableReader{table: g.table, rows: g.pieceRows(r)}
		}
	}
}

func (g *tableGatherer) close() { g.work.close() }
