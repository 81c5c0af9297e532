package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
)

// sortedRuns sorts rows that are added batch by batch. Rows that do not fit into memory are sorted and spilled, a
// run at a time, and the runs are merged at the end.
type sortedRuns struct {
	columns []*plan.Column
	keys    []sortKey
	gathering
	memory  *account
	spiller *spill.Spiller // nil: nothing can be spilled

	batches []*batch.Batch // not in a run yet
	bytes   int64          // what batches take as a table
	rows    int            // of batches
	runs    []*spill.Run   // in input order
	merger  *runMerger     // nil before the end
}

// rowStream returns rows in order.
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

// sortingBytes returns what batches of bytes need until they are sorted: besides them the table that they become,
// or what sorting it takes.
func (s *sortedRuns) sortingBytes(bytes int64, rows int) int64 {
	return bytes + max(bytes, sortBytesPerRow*int64(rows))
}

// leaveRoom spills the rows held if they are many, as the caller needs memory before it adds more.
func (s *sortedRuns) leaveRoom(ctx context.Context) error {
	if s.spiller == nil || s.bytes < s.memory.LimitBytes()/8 {
		return nil
	}
	return s.spillBatches(ctx)
}

// finish returns all rows in order. Nothing can be added after it.
func (s *sortedRuns) finish(ctx context.Context) (rowStream, error) {
	if len(s.runs) == 0 {
		bytes := s.bytes
		t, rows, err := s.sortFirst(ctx, len(s.batches))
		if err == nil {
			return &tableReader{table: t, rows: rows}, s.memory.set(min(bytes, batchBytes(&batch.Batch{Columns: t.vectors()})))
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

// sortFirst removes the first n batches, and returns them as a table with its rows in order. Until the account is
// set again it holds their sortingBytes, besides the other batches. If it returns an error of memory, it has done
// nothing.
func (s *sortedRuns) sortFirst(ctx context.Context, n int) (t *table, order []int32, err error) {
	if n == 0 {
		return emptyTable(s.columns), iota32(0), nil
	}
	bytes, rows := s.sizeOfFirst(n)
	if err := s.memory.set(s.bytes - bytes + s.sortingBytes(bytes, rows)); err != nil {
		return nil, nil, err
	}
	t = s.gathering.join(ctx, s.batches[:n])
	s.batches = slices.Delete(s.batches, 0, n)
	s.bytes, s.rows = s.bytes-bytes, s.rows-rows
	order, err = sortedRows(ctx, t, s.keys, s.workers, nil)
	return t, order, err
}

// sizeOfFirst returns the size of the first n batches.
func (s *sortedRuns) sizeOfFirst(n int) (bytes int64, rows int) {
	if n == len(s.batches) {
		return s.bytes, s.rows
	}
	for _, b := range s.batches[:n] {
		bytes, rows = bytes+tableBytes(b), rows+b.Len
	}
	return bytes, rows
}

// firstSortingBytes returns what sortFirst needs in addition to the batches.
func (s *sortedRuns) firstSortingBytes(n int) int64 {
	bytes, rows := s.sizeOfFirst(n)
	return s.sortingBytes(bytes, rows) - bytes
}

// spillBatches writes all batches as one run, or as several if there is no memory to sort them at once.
func (s *sortedRuns) spillBatches(ctx context.Context) error {
	for n := len(s.batches); n > 0; {
		if n > 1 && !s.memory.HasRoom(s.firstSortingBytes(n), aheadShare) {
			n /= 2
			continue
		}
		t, rows, err := s.sortFirst(ctx, n)
		switch {
		case err == nil:
			if err := s.writeRun(ctx, &tableReader{table: t, rows: rows}); err != nil {
				return err
			}
			if err := s.memory.set(s.bytes); err != nil {
				return err
			}
			n = len(s.batches)
		case !memory.IsFull(err):
			return err
		case n > 1:
			n /= 2
		case s.batches[0].Len > 1:
			s.halveFirst()
		default:
			return err
		}
	}
	return nil
}

// spillSorted spills the rest of the table that finish returned, and returns it as a stream.
func (s *sortedRuns) spillSorted(ctx context.Context, rest *tableReader) (rowStream, error) {
	if err := s.writeRun(ctx, rest); err != nil {
		return nil, err
	}
	*rest = tableReader{}
	if err := s.memory.set(0); err != nil {
		return nil, err
	}
	var err error
	s.merger, err = newRunMerger(s.runs, s.keys, s.memory)
	return s.merger, err
}

// halveFirst splits the first batch into two halves.
func (s *sortedRuns) halveFirst() {
	first := s.batches[0]
	middle := first.Len / 2
	halves := []*batch.Batch{part(first, 0, middle), part(first, middle, first.Len)}
	s.bytes += tableBytes(halves[0]) + tableBytes(halves[1]) - tableBytes(first)
	s.batches = slices.Replace(s.batches, 0, 1, halves...)
}

// part returns the rows [from, to) of a dense batch. They share its memory.
func part(b *batch.Batch, from, to int) *batch.Batch {
	return &batch.Batch{Columns: batch.Part(b, from, to-from), Len: to - from}
}

// writeRun spills rows as the next run.
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

// maxMerged is the most runs that are merged at once.
const maxMerged = 64

// mergeMany merges neighbouring runs until a record of each remaining one fits into a quarter of the query's
// memory.
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

// mergeSome merges several runs into one, which it appends to s.runs.
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

// close frees everything. It may be called at any time.
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

// nextOrdered is next with ctx's error; next cannot fail.
func (r *tableReader) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	return r.next(), ctx.Err()
}
