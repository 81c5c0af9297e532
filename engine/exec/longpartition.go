package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/spill"
)

// longPartition computes window calls over a partition that is too large for a piece, stretch by stretch. If a call
// may fail or has one result for all rows, all rows are computed before the first is returned. They wait on disk.
type longPartition struct {
	work    *windowWork
	stream  *partitionStream
	spiller *spill.Spiller
	long    []longCall
	states  []longState

	rows   *table // in memory; reserved in work's memory
	from   int32  // row of rows to compute next
	ended  bool   // rows has the partition's last row
	passed int64  // rows computed

	run    *spill.Run    // the rows with results; nil: rows are returned as they are computed
	reader *spill.Reader // of run, once it is complete
	whole  []arrow.Array // by call: the result of all rows, nil if each row has its own
}

// longCalls returns a longCall for each call, nil if a call has none.
func (c *windowCalls) longCalls() []longCall {
	var out []longCall
	for _, call := range c.calls {
		long, ok := longCallOf(call, len(c.orderBy) > 0)
		if !ok {
			return nil
		}
		out = append(out, long)
	}
	return out
}

// openLong begins a partition whose first rows are piece; stream has the others. It closes piece.
func (c *windowCalls) openLong(ctx context.Context, piece *partitionPiece, stream *partitionStream, spiller *spill.Spiller) (pieceReader, error) {
	p := &longPartition{work: &windowWork{windowCalls: c, memory: &account{c.pool.Account("OVER")}, inPieces: batch.InTurn}, stream: stream, spiller: spiller,
		long: c.long, rows: piece.table}
	waits := false
	for _, long := range c.long {
		p.states = append(p.states, long.begin(p.work))
		waits = waits || long.mayFail || long.isWhole
	}
	err := p.work.memory.add(p.rowsBytes())
	piece.close()
	if err == nil && waits {
		err = p.writeAll(ctx)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *longPartition) rowsBytes() int64 {
	return tableBytes(&batch.Batch{Columns: p.rows.vectors(), Len: p.rows.rows})
}

func (p *longPartition) next(ctx context.Context) (*batch.Batch, error) {
	for {
		b, err := p.nextOfAll(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		if b, err = narrow(b, p.work.picks); b != nil || err != nil {
			return b, err
		}
	}
}

// nextOfAll is next without the window's filter.
func (p *longPartition) nextOfAll(ctx context.Context) (*batch.Batch, error) {
	if p.run == nil {
		return p.nextComputed(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := p.reader.Next()
	if b == nil || err != nil {
		return nil, err
	}
	inputs := len(b.Columns) - len(p.long)
	for i, result := range p.whole {
		if result != nil {
			b.Columns[inputs+i] = batch.Vector{Array: result, Const: true}
		}
	}
	return b, nil
}

// writeAll computes all rows and writes them to run.
func (p *longPartition) writeAll(ctx context.Context) (err error) {
	if p.run, err = p.spiller.NewRun(); err != nil {
		return err
	}
	for {
		b, err := p.nextComputed(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := p.run.Write(b); err != nil {
			return err
		}
	}
	if err := p.run.Finish(); err != nil {
		return err
	}
	p.rows = nil
	if err := p.work.memory.set(0); err != nil {
		return err
	}
	for _, s := range p.states {
		result, err := s.whole()
		if err != nil {
			return err
		}
		if result != nil {
			if err := p.work.memory.add(batch.HeldBytes(result)); err != nil {
				return err
			}
			if err := function.CheckValues(result, p.work.env.Limits); err != nil {
				return err
			}
		}
		p.whole = append(p.whole, result)
	}
	p.reader, err = p.run.Reader()
	return err
}

// nextComputed computes the next stretch and returns its rows, nil at the end.
func (p *longPartition) nextComputed(ctx context.Context) (*batch.Batch, error) {
	for {
		s := p.stretch()
		if s.to > s.from && (p.ended || int64(s.to-s.from) >= p.reach(func(l longCall) int64 { return l.before })) {
			return p.compute(s)
		}
		if p.ended {
			return nil, nil
		}
		if err := p.read(ctx); err != nil {
			return nil, err
		}
	}
}

// stretch returns the rows in memory; to ends the rows whose results depend on no row that is still to be read.
func (p *longPartition) stretch() *stretch {
	n := int32(p.rows.rows)
	peers := &function.WindowPartition{End: n, PeerStart: make([]int32, n), PeerEnd: make([]int32, n)}
	findPeers(peers, peerOrder(p.rows, p.work.orderBy))
	s := &stretch{rows: p.rows, base: &batch.Batch{Columns: p.rows.vectors(), Len: p.rows.rows}, peers: peers, from: p.from, to: n, passed: p.passed}
	if p.ended {
		return s
	}
	s.to = max(0, n-int32(p.reach(func(l longCall) int64 { return l.after })))
	for _, l := range p.long {
		if l.needsPeers && s.to > 0 {
			s.to = min(s.to, peers.PeerStart[n-1])
			if s.to < n && s.to > 0 {
				s.to = peers.PeerStart[s.to]
			}
		}
	}
	return s
}

// reach returns the greatest value that of returns for a call.
func (p *longPartition) reach(of func(longCall) int64) int64 {
	most := int64(0)
	for _, l := range p.long {
		most = max(most, of(l))
	}
	return most
}

// compute returns the rows of a stretch with their results. The states keep what later rows depend on.
func (p *longPartition) compute(s *stretch) (*batch.Batch, error) {
	rows := int(s.to - s.from)
	done, err := p.work.memory.during(int64(rows) * int64(len(p.long)) * function.FrameRowBytes)
	if err != nil {
		return nil, err
	}
	defer done()
	out := &batch.Batch{Len: rows}
	for _, c := range p.rows.columns {
		out.Columns = append(out.Columns, batch.Vector{Array: array.NewSlice(c, int64(s.from), int64(s.to))})
	}
	for _, state := range p.states {
		result, err := state.results(s)
		if err != nil {
			return nil, err
		}
		if result == nil {
			out.Columns = append(out.Columns, batch.Vector{Array: batch.Nulls(arrow.Null, 1), Const: true})
			continue
		}
		if err := function.CheckValues(result, p.work.env.Limits); err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, batch.Vector{Array: result})
	}
	p.from, p.passed = s.to, p.passed+int64(rows)
	return out, nil
}

// read reads more rows, and drops those that no result depends on any longer.
func (p *longPartition) read(ctx context.Context) error {
	b, err := p.stream.nextOfPartition(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		p.ended = true
		return nil
	}
	first := max(0, p.from-int32(max(1, p.reach(func(l longCall) int64 { return l.before }))))
	kept := part(&batch.Batch{Columns: p.rows.vectors(), Len: p.rows.rows}, int(first), p.rows.rows)
	bytes := tableBytes(kept) + tableBytes(b)
	if err := p.work.memory.add(bytes); err != nil {
		return err
	}
	p.rows, p.from = joinBatches([]*batch.Batch{kept, b}), p.from-first
	return p.work.memory.set(bytes)
}

func (p *longPartition) close() {
	for _, s := range p.states {
		s.close()
	}
	if p.reader != nil {
		p.reader.Close()
	}
	if p.run != nil {
		p.run.Close()
	}
	p.work.memory.close()
}
