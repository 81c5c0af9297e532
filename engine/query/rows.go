package query

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Rows is the answer to a query: an Arrow record reader with statistics. One goroutine reads it; any may call
// Stats.
type Rows struct {
	query     *Query
	statement *statement
	request   request
	ctx       context.Context
	cancel    context.CancelFunc
	operator  exec.Operator
	columns   []answer.Column
	schema    *arrow.Schema
	stats     *exec.Stats
	pool      *memory.Pool
	claim     *processors.Claim
	spilled   *spill.Query // nil: nothing can be spilled
	leaveHeap func()       // see heapLimit
	endWork   func()       // see processors.Begin
	started   time.Time
	analyzed  *Rows // the run that the answer describes, for EXPLAIN ANALYZE; else nil
	isPart    bool  // of a query: its end does not end the query

	noEstimate func()       // see Query.estimateSoon
	references atomic.Int64 // by Retain

	reading sync.Mutex // held while a goroutine works on the answer

	batch  *batch.Batch    // whose rows are being returned
	given  int             // live rows of batch returned so far
	held   *memory.Account // the current rows, until the next call of Next
	limits memory.Limits
	arrays []arrow.Array // of the current rows
	record arrow.Record  // made from arrays on demand
	rows   atomic.Int64
	ended  atomic.Int64 // elapsed nanoseconds when the answer ended, 0 before
	closed bool
	err    error
	kept   *spool.Writer // nil: the answer is not kept
}

var (
	_ array.RecordReader = (*Rows)(nil)
	_ answer.Source      = (*Rows)(nil)
)

// describe sets the answer's columns.
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

// Columns returns the answer's columns with their Trino types.
func (r *Rows) Columns() []answer.Column { return r.columns }

// Schema returns the Arrow schema of the records, see answer.ArrowSchema.
func (r *Rows) Schema() *arrow.Schema { return r.schema }

// Next moves to the next rows. It returns false at the end and on an error, see Err.
func (r *Rows) Next() bool {
	r.reading.Lock()
	defer r.reading.Unlock()
	r.arrays, r.record = nil, nil
	if r.err != nil || r.ended.Load() != 0 {
		return false
	}
	defer r.query.turn.Pause() // while the reader works on the rows
	rows, err := 0, r.query.turn.Wait(r.ctx)
	if err == nil {
		rows, err = r.pull()
	}
	if err == nil {
		err = r.keepRows(rows)
	}
	if err != nil || rows == 0 {
		r.arrays = nil
		r.finish(err)
		return false
	}
	r.rows.Add(int64(rows))
	if r.ctx.Err() != nil { // after the rows were made: the next call would end the query, if there is one
		r.endQuery(context.Cause(r.ctx))
	}
	return true
}

// maxAnswerBytes limits the part of an answer that is returned at once, unless one row is longer.
const maxAnswerBytes = 16 << 20

// pull sets arrays to the next rows and returns their number, 0 at the end. A batch that is long once its constants
// and dictionaries are expanded is returned in parts.
func (r *Rows) pull() (rows int, err error) {
	defer r.query.recovered(&err)
	defer batch.Recover(&err)
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	defer r.claim.Enter(r.ctx)()
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

// plainArray returns a vector in the answer's layout: expanded to rows, without a dictionary.
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
	r.err = r.withPlace(r.withNearKey(r.query.translate(err)))
	r.endQuery(r.err)
}

func (r *Rows) endQuery(err error) {
	if !r.isPart {
		r.keepPart(err)
		r.query.end(err)
	}
}

// Arrays returns the current rows in the engine's own layout, for engine/answer.
func (r *Rows) Arrays() []arrow.Array { return r.arrays }

// Record returns the current rows as an Arrow record without dictionaries, which stays valid after Next. Arrow
// cannot hold timestamps of seven to nine digits before 1677 or after 2262. Such a value ends the answer: Record
// returns nil, and Err the error.
func (r *Rows) Record() arrow.Record {
	if r.record == nil && r.arrays != nil {
		var err error
		if r.record, err = answer.Record(r.schema, r.columns, r.arrays); err != nil {
			r.arrays = nil
			r.reading.Lock()
			defer r.reading.Unlock()
			r.finish(err)
			return nil
		}
	}
	return r.record
}

// Err returns the error that ended the rows early, or nil at their end.
func (r *Rows) Err() error { return r.err }

// Stats returns the statistics of the query so far.
func (r *Rows) Stats() Stats {
	done := r.stats.Total()
	elapsed := time.Duration(r.ended.Load())
	if elapsed == 0 {
		elapsed = time.Since(r.started)
	}
	if r.analyzed != nil {
		s := r.analyzed.Stats()
		s.Rows, s.Elapsed = r.rows.Load(), s.Elapsed+elapsed
		return s
	}
	free, matched := r.freeBytes(), r.stats.Matched()
	return Stats{
		FreeBytes: free, Rows: r.rows.Load(), Elapsed: elapsed, EventsScanned: done.EventsScanned, EventsMatched: matched, TimeNote: timeNote(r.statement.root, matched),
		BytesScanned: done.BytesScanned, BytesRead: done.BytesRead, BytesStored: done.BytesStored,
		Price: r.query.queries.options.Price(done.BytesScanned - free), PeakMemoryBytes: r.pool.PeakBytes(), SpilledBytes: r.spilled.SpilledBytes(), Pruned: prunedOf(done),
	}
}

// StatsJSON returns Stats as JSON, for the trino format of package answer.
func (r *Rows) StatsJSON() ([]byte, error) { return json.Marshal(r.Stats()) }

// Close ends the query. If its answer was not read to its end, it is cancelled. The error is always nil.
func (r *Rows) Close() error {
	r.reading.Lock()
	defer r.reading.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	if r.ended.Load() == 0 {
		r.ended.Store(max(1, int64(time.Since(r.started))))
		if most, ok := mostRows(r.statement.root); ok && r.rows.Load() == most {
			r.endQuery(r.keepRows(0)) // there are no more
		} else {
			r.endQuery(r.query.translate(errClosedEarly))
		}
	}
	r.cancel()
	r.noEstimate()
	r.operator.Close()
	r.operator, r.batch = nil, nil // other references to the query, such as a stopped timer, must not keep them
	r.spilled.Close()
	if r.kept != nil {
		r.kept.Abort()
	}
	r.held.Close()
	if left := r.pool.UsedBytes(); left != 0 {
		r.query.queries.options.Log.Error("a query has ended, and an operator of it did not give its memory back", "query", r.query.ID(), "bytes", left)
	}
	r.pool.Close()
	r.leaveHeap()
	r.endWork()
	r.statement.view.close()
	return nil
}

// mostRows returns the maximum number of rows of a plan, if its nodes limit it.
func mostRows(n plan.Node) (rows int64, ok bool) {
	switch n := n.(type) {
	case *plan.Output:
		return mostRows(n.Input)
	case *plan.Project:
		return mostRows(n.Input)
	case *plan.Sort:
		return mostRows(n.Input)
	case *plan.Values:
		return int64(len(n.Rows)), true
	case *plan.Aggregate:
		return 1, len(n.Keys) == 0 && n.Sets == nil
	case *plan.Limit:
		rows, ok = mostRows(n.Input)
		if n.Count >= 0 && (!ok || n.Count < rows) {
			return n.Count, true
		}
		return rows, ok && n.Offset == 0
	case *plan.TopN:
		return n.Count, !n.WithTies
	}
	return 0, false
}

// scannedStore is the bytes that a statement scanned of a store.
type scannedStore struct {
	storeID string
	bytes   int64
}

// scanned lists the bytes scanned so far of stores that are charged for, by scan.
func (r *Rows) scanned() (out []scannedStore) {
	if r.analyzed != nil {
		return r.analyzed.scanned()
	}
	for _, scan := range scansOf(r.statement.root) {
		if store, ok := scan.Table.Handle.(*catalog.Store); ok && !store.IsActivity {
			done, _ := r.stats.Scan(scan)
			out = append(out, scannedStore{store.ID, done.BytesScanned})
		}
	}
	return out
}

// freeBytes returns the bytes scanned of the activity store.
func (r *Rows) freeBytes() (bytes int64) {
	for _, scan := range scansOf(r.statement.root) {
		if isFree(scan) {
			done, _ := r.stats.Scan(scan)
			bytes += done.BytesScanned
		}
	}
	return bytes
}

// isFree reports whether a scan costs nothing.
func isFree(scan *plan.Scan) bool {
	store, ok := scan.Table.Handle.(*catalog.Store)
	return ok && store.IsActivity
}

// Query returns the query that this answers.
func (r *Rows) Query() *Query { return r.query }

// Retain adds a user to the answer, see array.RecordReader. Records need none: they are garbage-collected.
func (r *Rows) Retain() { r.references.Add(1) }

// Release closes the answer at the call that follows one Release for each Retain.
func (r *Rows) Release() {
	if r.references.Add(-1) < 0 {
		_ = r.Close() // always nil
	}
}
