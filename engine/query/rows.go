package query

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// Rows is the answer to a query: an Arrow record reader with statistics. One
// goroutine reads it; Stats may be called by others.
type Rows struct {
	queries   *Queries
	statement *statement
	ctx       context.Context
	cancel    context.CancelFunc
	operator  exec.Operator
	columns   []answer.Column
	schema    *arrow.Schema
	stats     *exec.Stats
	memory    *memory.Pool
	timeout   time.Duration
	unwatch   func() bool // ends the watch of ctx
	leaveHeap func()      // see heapLimit
	started   time.Time
	analyzed  *Stats // of the run that the answer tells about, nil for all but EXPLAIN ANALYZE

	batch  *batch.Batch    // whose rows are given out
	given  int             // live rows of batch so far
	held   *memory.Account // the current rows, until the next are asked for
	limits memory.Limits
	arrays []arrow.Array // of the current rows
	record arrow.Record  // made of arrays when asked for
	rows   atomic.Int64
	ended  atomic.Int64 // elapsed nanoseconds when the answer ended, 0 before
	closed bool
	err    error
}

var (
	_ array.RecordReader = (*Rows)(nil)
	_ answer.Source      = (*Rows)(nil)
)

// describe notes the answer's columns.
func (r *Rows) describe(root plan.Node, columns []*plan.Column) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	if out, ok := root.(*plan.Output); ok {
		names = out.Names
	}
	for i, c := range columns {
		r.columns = append(r.columns, answer.Column{Name: names[i], Type: c.Type})
	}
	r.schema = answer.ArrowSchema(r.columns)
}

// Columns are the answer's columns with their Trino types.
func (r *Rows) Columns() []answer.Column { return r.columns }

// Schema is the Arrow schema of the records, see result.ArrowSchema.
func (r *Rows) Schema() *arrow.Schema { return r.schema }

// Next moves to the next rows; false at the end and on an error, see Err.
func (r *Rows) Next() bool {
	r.arrays, r.record = nil, nil
	if r.err != nil || r.ended.Load() != 0 {
		return false
	}
	rows, err := r.pull()
	if err != nil || rows == 0 {
		r.arrays = nil
		r.finish(err)
		return false
	}
	r.rows.Add(int64(rows))
	return true
}

// maxAnswerBytes is how much of an answer is given out at once, if a row is not longer.
const maxAnswerBytes = 16 << 20

// pull sets arrays to the next rows, and says how many they are, 0 at the end.
// A batch that is long without its constants and dictionaries comes in parts.
func (r *Rows) pull() (rows int, err error) {
	defer recovered(&err)
	defer batch.Recover(&err)
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if r.given == r.batch.Live() {
		r.batch, r.given = &batch.Batch{}, 0
		if err := r.held.Resize(0); err != nil {
			return 0, err
		}
		b, err := r.operator.Next(r.ctx)
		if b == nil || err != nil {
			return 0, err
		}
		r.batch = b
	}
	rows, bytes, err := batch.Fitting(r.batch, r.given, maxAnswerBytes, r.limits.CheckRow)
	if err != nil {
		return 0, err
	}
	if err := r.held.Resize(bytes); err != nil {
		return 0, err
	}
	for i, v := range batch.Part(r.batch, r.given, rows) {
		r.arrays = append(r.arrays, plainArray(r.columns[i].Type, v, rows))
	}
	r.given += rows
	return rows, nil
}

// plainArray is a vector as the answer has it: rows long, without dictionary.
func plainArray(t *types.Type, v batch.Vector, rows int) arrow.Array {
	arr := batch.Decode(batch.Expand(v, rows))
	if arr.DataType().ID() == arrow.NULL && t.Kind != types.Unknown {
		return batch.Nulls(arrowtype.Of(t), rows)
	}
	return arr
}

// finish ends the answer, with err or at its end.
func (r *Rows) finish(err error) {
	r.ended.Store(max(1, int64(time.Since(r.started))))
	r.err = r.translate(err)
}

// translate says in a user's terms why a query was stopped.
func (r *Rows) translate(err error) error { return timedOut(err, r.timeout) }

// timedOut is err in the words of the statement's limit, if that ended it.
func timedOut(err error, timeout time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) && timeout > 0 {
		return types.Errorf(types.ExceededTimeLimit, types.Pos{}, "Query exceeded its time limit of %s", timeout)
	}
	return err
}

// Arrays are the current rows in the engine's own layout, for engine/answer.
func (r *Rows) Arrays() []arrow.Array { return r.arrays }

// Record is the current rows as an Arrow record without dictionaries; it stays
// valid after Next.
func (r *Rows) Record() arrow.Record {
	if r.record == nil && r.arrays != nil {
		r.record = answer.Record(r.schema, r.columns, r.arrays)
	}
	return r.record
}

// Err is what ended the rows early, nil at their end.
func (r *Rows) Err() error { return r.err }

// Stats is what the query did so far.
func (r *Rows) Stats() Stats {
	done := r.stats.Total()
	elapsed := time.Duration(r.ended.Load())
	if elapsed == 0 {
		elapsed = time.Since(r.started)
	}
	if r.analyzed != nil {
		s := *r.analyzed
		s.Rows, s.Elapsed = r.rows.Load(), s.Elapsed+elapsed
		return s
	}
	return Stats{
		Rows: r.rows.Load(), Elapsed: elapsed, EventsScanned: done.EventsScanned, EventsMatched: r.stats.Matched(),
		BytesScanned: done.BytesScanned, BytesRead: done.BytesRead, BytesStored: done.BytesStored,
		Price: r.queries.options.Price(done.BytesScanned), PeakMemoryBytes: r.memory.PeakBytes(), Pruned: prunedOf(done),
	}
}

// StatsJSON is Stats for result's trino format.
func (r *Rows) StatsJSON() ([]byte, error) { return json.Marshal(r.Stats()) }

// Close ends the query, whether its answer was read to the end or not, and
// writes it into the lake's records. It returns what kept that from being done.
func (r *Rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	if r.ended.Load() == 0 {
		r.finish(nil)
	}
	r.cancel()
	r.operator.Close()
	r.held.Close()
	r.unwatch()
	r.leaveHeap()
	r.statement.view.close()
	if r.analyzed != nil || r.queries.options.ReadOnly {
		return nil // the run is in the records, or there are none to write
	}
	return r.queries.record(r)
}

// Retain does nothing: records are left to the garbage collector.
func (r *Rows) Retain() {}

// Release closes the answer, for users of array.RecordReader.
func (r *Rows) Release() { _ = r.Close() }
