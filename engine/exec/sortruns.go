package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
)

// sortedRuns sorts rows that are given to it batch by batch. Those that there is no
// memory for are sorted and spilled, a run at a time; the runs are merged at the end.
type sortedRuns struct {
	columns []*plan.Column
	keys    []sortKey
	workers int
	memory  *account
	spiller *spill.Spiller // nil: nothing can be spilled

	batches []*batch.Batch // in no run yet
	bytes   int64          // of batches in a table
	rows    int            // of batches
	runs    []*spill.Run   // in the order of their rows in the input
	merger  *runMerger     // nil before the end
}

// rowStream gives rows in order.
type rowStream interface {
	// nextOrdered returns the next batch, nil at the end.
	nextOrdered(ctx context.Context) (*batch.Batch, error)
}

// addAll adds an operator's rows.
func (s *sortedRuns) addAll(ctx context.Context, from Operator) error {
	for {
		b, err := from.Next(ctx)
		if b == nil || err != nil {
			return err
		}
		if err := s.addBatch(ctx, b); err != nil {
			return err
		}
	}
}

// addBatch adds the live rows of a batch.
func (s *sortedRuns) addBatch(ctx context.Context, b *batch.Batch) error {
	b = compact(b)
	bytes := tableBytes(b)
	if s.spiller != nil && s.rows > 0 {
		needed := s.sortingBytes(s.bytes+bytes, s.rows+b.Len) - s.bytes
		if s.memory.ShouldSpill(needed) {
			if err := s.spillBatches(ctx); err != nil {
				return err
			}
		}
	}
	err := s.memory.set(s.bytes + bytes)
	if memory.IsFull(err) && s.spiller != nil && s.rows > 0 {
		if err := s.spillBatches(ctx); err != nil {
			return err
		}
		err = s.memory.set(bytes)
	}
	if err != nil {
		return err
	}
	s.batches, s.bytes, s.rows = append(s.batches, b), s.bytes+bytes, s.rows+b.Len
	return nil
}

// sortingBytes is what batches of so much need until they are sorted: besides them the table that they
// become, or what sorting it takes.
func (s *sortedRuns) sortingBytes(bytes int64, rows int) int64 {
	return bytes + max(bytes, sortBytesPerRow*int64(rows))
}

// finish returns all rows in order. Nothing can be added after it.
func (s *sortedRuns) finish(ctx context.Context) (rowStream, error) {
	if len(s.runs) == 0 {
		t, rows, err := s.sortBatches(ctx, s.batches)
		if err == nil {
			s.batches = nil
			return &tableReader{table: t, rows: rows}, s.memory.set(min(s.bytes, batchBytes(&batch.Batch{Columns: t.vectors()})))
		}
		if !memory.IsFull(err) || s.spiller == nil {
			return nil, err
		}
	}
	if err := s.spillBatches(ctx); err != nil {
		return nil, err
	}
	if err := s.mergeMany(ctx); err != nil {
		return nil, err
	}
	var err error
	s.merger, err = newRunMerger(s.runs, s.keys, s.memory)
	return s.merger, err
}

// sortBatches returns batches as a table, and its rows in order. It holds sortingBytes afterwards. An error of memory
// comes before anything is done.
func (s *sortedRuns) sortBatches(ctx context.Context, batches []*batch.Batch) (*table, []int32, error) {
	if len(batches) == 0 {
		return emptyTable(s.columns), iota32(0), nil
	}
	bytes, rows := int64(0), 0
	for _, b := range batches {
		bytes, rows = bytes+tableBytes(b), rows+b.Len
	}
	rest := s.bytes - bytes // of batches that wait
	if err := s.memory.set(rest + s.sortingBytes(bytes, rows)); err != nil {
		return nil, nil, err
	}
	t := joinBatches(batches)
	order, err := sortedRows(ctx, t, s.keys, s.workers, nil)
	return t, order, err
}

// spillBatches writes all batches as runs: one, or several if there is no memory to sort them at once.
func (s *sortedRuns) spillBatches(ctx context.Context) error {
	for len(s.batches) > 0 {
		part, err := s.spillSome(ctx, s.batches)
		if err != nil {
			return err
		}
		for _, b := range part {
			s.bytes, s.rows = s.bytes-tableBytes(b), s.rows-b.Len
		}
		s.batches = slices.Delete(s.batches, 0, len(part))
		if err := s.memory.set(s.bytes); err != nil {
			return err
		}
	}
	s.bytes, s.rows = 0, 0
	return s.memory.set(0)
}

// spillSome writes a run of batches, or of as many of the first of them as there is memory to sort, and returns
// these.
func (s *sortedRuns) spillSome(ctx context.Context, batches []*batch.Batch) ([]*batch.Batch, error) {
	for {
		t, rows, err := s.sortBatches(ctx, batches)
		if err == nil {
			return batches, s.writeRun(ctx, &tableReader{table: t, rows: rows})
		}
		if !memory.IsFull(err) {
			return nil, err
		}
		switch {
		case len(batches) > 1:
			batches = batches[:len(batches)/2]
		case batches[0].Len > 1: // in its place come its halves
			s.batches = slices.Replace(s.batches, 0, 1, halves(batches[0])...)
			s.bytes, s.rows = 0, 0
			for _, b := range s.batches {
				s.bytes, s.rows = s.bytes+tableBytes(b), s.rows+b.Len
			}
			batches = s.batches[:1]
		default:
			return nil, err
		}
	}
}

// halves returns a dense batch of several rows as two.
func halves(b *batch.Batch) []*batch.Batch {
	middle := b.Len / 2
	return []*batch.Batch{part(b, 0, middle), part(b, middle, b.Len)}
}

// part returns some rows of a dense batch, over its memory.
func part(b *batch.Batch, from, to int) *batch.Batch {
	return &batch.Batch{Columns: batch.Part(b, from, to-from), Len: to - from}
}

// writeRun spills rows as the run after those there are.
func (s *sortedRuns) writeRun(ctx context.Context, from rowStream) error {
	run, err := s.spiller.NewRun()
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	for {
		b, err := from.nextOrdered(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			return run.Finish()
		}
		if err := run.Write(b); err != nil {
			return err
		}
	}
}

// maxMerged is how many runs are merged at once at most.
const maxMerged = 64

// mergeMany merges neighbouring runs until so few are left that a record of each fits into a quarter of the
// query's memory.
func (s *sortedRuns) mergeMany(ctx context.Context) error {
	most := maxMerged
	if limit := s.memory.LimitBytes(); limit > 0 {
		most = int(min(maxMerged, max(2, limit/4/(mergedRecords*s.spiller.RecordBytes()))))
	}
	for len(s.runs) > most {
		before := s.runs
		s.runs = nil
		for len(before) > 0 {
			n := min(most, len(before))
			if err := s.mergeSome(ctx, before[:n]); err != nil {
				s.runs = append(s.runs, before...)
				return err
			}
			before = before[n:]
		}
	}
	return nil
}

// mergeSome adds one run of several.
func (s *sortedRuns) mergeSome(ctx context.Context, runs []*spill.Run) error {
	if len(runs) == 1 {
		s.runs = append(s.runs, runs[0])
		return nil
	}
	m, err := newRunMerger(runs, s.keys, s.memory)
	if err != nil {
		return err
	}
	defer m.close()
	if err := s.writeRun(ctx, m); err != nil {
		return err
	}
	m.close()
	for _, r := range runs {
		r.Close()
	}
	return nil
}

// close forgets everything. It may be called at any time.
func (s *sortedRuns) close() {
	if s.merger != nil {
		s.merger.close()
	}
	for _, r := range s.runs {
		r.Close()
	}
	s.batches, s.runs = nil, nil
	s.memory.close()
}

// nextOrdered is next, which cannot fail, and ctx's error.
func (r *tableReader) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	return r.next(), ctx.Err()
}
