package exec

import (
	"context"
	"hash/maphash"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
)

const (
	// maxDivisions is the maximum number of runs among which rows are divided.
	maxDivisions = 16
	// maxDivided is how often rows are divided before their statement fails.
	maxDivided = 8
)

// dividedRows are rows divided among runs by the hash of their keys, so that rows with equal keys are in one run.
// Each run keeps the order of the rows. Its last column is the row number in the order of all rows.
type dividedRows struct {
	spilling *keySpilling
	level    int   // how often the rows were divided before
	rows     int64 // so far
	seed     maphash.Seed
	runs     []*spill.Run // nil: no row
	wanted   []bool       // by run: whether its rows are kept; nil: all are
	waiting  []*batch.Batch
	at       []uint8 // run of each waiting row
	bytes    int64   // of waiting; reserved
	scratch  []byte
}

// divide prepares to divide rows that were divided level times before; nil from maxDivided on, or if s is nil.
func (s *keySpilling) divide(level int) *dividedRows {
	if s == nil || level >= maxDivided {
		return nil
	}
	return &dividedRows{spilling: s, level: level, seed: maphash.MakeSeed(), runs: make([]*spill.Run, s.divisionRuns())}
}

// divideLike prepares to divide rows as other was divided: rows with equal keys are in runs of the same index.
func (s *keySpilling) divideLike(other *dividedRows) *dividedRows {
	return &dividedRows{spilling: s, level: other.level, seed: other.seed, runs: make([]*spill.Run, len(other.runs))}
}

// maxAddedRows is the maximum number of rows copied at once; fewer if they exceed what is written at once.
const maxAddedRows = 1024

// addRows adds the given rows of a dense batch. keys are columns of the same length. It numbers the rows unless
// they were divided before. Several goroutines may add to different dividedRows.
func (d *dividedRows) addRows(b *batch.Batch, keys []batch.Vector, rows []int32) error {
	d.spilling.adding.Lock()
	defer d.spilling.adding.Unlock()
	for len(rows) > 0 {
		some := &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: rows[:min(len(rows), maxAddedRows)]}
		n, _, err := batch.Fitting(some, 0, d.writtenBytes(), func(int64) error { return nil })
		if err != nil {
			return err
		}
		if err := d.addSome(b, keys, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// writtenBytes is the size at which waiting rows are written.
func (d *dividedRows) writtenBytes() int64 {
	return int64(len(d.runs)) * d.spilling.spiller.RecordBytes()
}

func (d *dividedRows) addSome(b *batch.Batch, keys []batch.Vector, rows []int32) error {
	rows, err := d.place(keys, rows)
	if len(rows) == 0 || err != nil {
		return err
	}
	taken := &batch.Batch{Columns: takeAll(b.Columns, rows), Len: len(rows)}
	if d.level == 0 {
		numbers := make([]int64, len(rows))
		for i := range numbers {
			numbers[i] = d.rows + int64(i)
		}
		taken.Columns = append(taken.Columns, batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, nil)})
	}
	bytes := tableBytes(taken) + int64(len(rows))
	if err := d.spilling.memory.add(bytes); err != nil {
		return err
	}
	d.waiting, d.bytes, d.rows = append(d.waiting, taken), d.bytes+bytes, d.rows+int64(len(rows))
	if d.bytes < d.writtenBytes() {
		return nil
	}
	return d.writeWaiting()
}

// place finds the runs of rows, and returns the rows whose run is kept.
func (d *dividedRows) place(keys []batch.Vector, rows []int32) ([]int32, error) {
	placed := make([]int32, 0, len(rows))
	for _, row := range rows {
		key, err := d.appendKey(d.scratch[:0], keys, int(row))
		if err != nil {
			return nil, err
		}
		d.scratch = key
		run := uint8(maphash.Bytes(d.seed, key) % uint64(len(d.runs)))
		if d.wanted == nil || d.wanted[run] {
			d.at, placed = append(d.at, run), append(placed, row)
		}
	}
	return placed, nil
}

func (d *dividedRows) appendKey(key []byte, keys []batch.Vector, row int) ([]byte, error) {
	var err error
	for _, v := range keys {
		if v.Array.DataType().ID() == arrow.NULL {
			key = append(key, 0)
		} else if key, err = batch.AppendKey(key, v.Array, v.At(row)); err != nil {
			return nil, err
		}
	}
	return key, nil
}

// writeWaiting writes the waiting rows to their runs.
func (d *dividedRows) writeWaiting() error {
	if len(d.waiting) == 0 {
		return nil
	}
	memory := d.spilling.memory
	done, err := memory.during(2 * d.bytes) // the rows as a table, and those of a run
	if err != nil {
		return err
	}
	defer done()
	t := joinBatches(d.waiting)
	rows := make([][]int32, len(d.runs))
	for row, run := range d.at {
		rows[run] = append(rows[run], int32(row))
	}
	d.waiting, d.at = nil, d.at[:0]
	memory.release(d.bytes)
	d.bytes = 0
	for i, list := range rows {
		if len(list) == 0 {
			continue
		}
		if d.runs[i] == nil {
			if d.runs[i], err = d.spilling.newRun(); err != nil {
				return err
			}
		}
		if err := d.runs[i].Write(&batch.Batch{Columns: t.vectors(), Len: t.rows, Sel: list}); err != nil {
			return err
		}
	}
	return nil
}

// division processes the rows of one run.
type division interface {
	// addDivided adds a dense batch, whose last column is the row number.
	addDivided(ctx context.Context, b *batch.Batch) error
	// endDivision is called after the last row. It returns the rows for which there was no memory, nil for none.
	endDivision(ctx context.Context) (*dividedRows, error)
}

// finish writes the waiting rows and ends the runs. Nothing can be added after it.
func (d *dividedRows) finish() error {
	if err := d.writeWaiting(); err != nil {
		return err
	}
	for _, run := range d.runs {
		if run == nil {
			continue
		}
		if err := run.Finish(); err != nil {
			return err
		}
		d.spilling.memory.release(openRunRecords * d.spilling.spiller.RecordBytes())
	}
	return nil
}

// process passes the rows of each run to a division of its own. Nothing can be added after it.
func (d *dividedRows) process(ctx context.Context, begin func(level int) division) error {
	if err := d.finish(); err != nil {
		return err
	}
	for _, run := range d.runs {
		if run == nil {
			continue
		}
		into := begin(d.level + 1)
		if err := readRun(ctx, run, into.addDivided); err != nil {
			return err
		}
		d.spilling.drop(run)
		rest, err := into.endDivision(ctx)
		if err != nil {
			return err
		}
		if rest != nil {
			if err := rest.process(ctx, begin); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRun passes the batches of a run to take.
func readRun(ctx context.Context, run *spill.Run, take func(context.Context, *batch.Batch) error) error {
	reader, err := run.Reader()
	if err != nil {
		return err
	}
	defer reader.Close()
	for {
		b, err := reader.Next()
		if b == nil || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := take(ctx, b); err != nil {
			return err
		}
	}
}

// numbersOf returns the row numbers of a divided batch.
func numbersOf(b *batch.Batch) []int64 {
	return batch.Expand(b.Columns[len(b.Columns)-1], b.Len).(*array.Int64).Int64Values()
}

// unnumbered returns rows without their row number.
type unnumbered struct{ rowStream }

// nextOrdered returns the next batch, nil at the end.
func (u unnumbered) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	b, err := u.rowStream.nextOrdered(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	return &batch.Batch{Columns: b.Columns[:len(b.Columns)-1], Len: b.Len, Sel: b.Sel}, nil
}
