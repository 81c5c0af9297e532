// Package query is where questions are run, whichever door they came through: it plans a statement over one snapshot,
// builds its operators, hands out the answer with its statistics, and writes what it did into the lake's records.
package query

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Options is what running questions needs of the lake that is asked.
type Options struct {
	Storage   *storage.Lake
	Functions *function.Registry
	// ReadOnly: nothing is written to the lake's records.
	ReadOnly bool
	// Now is the clock, in UTC; now() and retention follow it.
	Now func() time.Time
	// Price is what scanning bytes would cost, in USD.
	Price func(bytesScanned int64) float64
	// MemoryLimitBytes is what one query may hold, Limits how long values and rows may be that it makes.
	MemoryLimitBytes int64
	Limits           memory.Limits
	// OwnsProcess lets queries set the soft limit of Go's heap, see heapLimit.
	OwnsProcess bool
}

// Queries runs statements over a lake. It is safe for concurrent use.
type Queries struct{ options Options }

// New returns what runs statements over the lake of options, which stays open for as long.
func New(options Options) *Queries { return &Queries{options} }

// WithPrice is the same with other prices.
func (q *Queries) WithPrice(price func(bytesScanned int64) float64) *Queries {
	other := *q
	other.options.Price = price
	return &other
}

// Option limits a query or sets its session.
type Option func(*request)

// request is what is asked of one statement besides its text.
type request struct {
	maxBytes int64
	timeout  time.Duration
	timing   bool
	timeZone string
	user     string
	// arguments stand in for the statement's question marks.
	arguments []string
	prepared  map[string]string
	server    func() *Server
}

func requestOf(options []Option) (o request) {
	for _, option := range options {
		option(&o)
	}
	return o
}

// MaxBytes ends a query with EXCEEDED_SCAN_LIMIT when it would scan more than
// limit bytes: before it starts when that is certain, else when it happens.
func MaxBytes(limit int64) Option { return func(o *request) { o.maxBytes = limit } }

// Timeout ends a query with EXCEEDED_TIME_LIMIT after d.
func Timeout(d time.Duration) Option { return func(o *request) { o.timeout = d } }

// statement is a planned statement with what it will read.
type statement struct {
	sql     string
	view    *view
	session *metadata.Session
	root    plan.Node
}

// plan turns SQL into a plan over a snapshot. The caller closes the view.
func (q *Queries) plan(ctx context.Context, sql string, o request) (s *statement, err error) {
	defer recovered(&err)
	now := q.options.Now()
	fns, planned := q.options.Functions.Planning(ctx)
	defer planned()
	session, err := o.session(now)
	if err != nil {
		return nil, err
	}
	v, err := q.newView(ctx, now)
	if err != nil {
		return nil, err
	}
	v.server = o.server
	s = &statement{sql: sql, view: v, session: session}
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	s.root, err = planTimed(ctx, o.timeout, func(ctx context.Context) (plan.Node, error) {
		return planner.Plan(ctx, sql, v, fns, s.session, o.arguments...)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// planTimed plans within the time that a statement has; 0: no limit.
func planTimed(ctx context.Context, timeout time.Duration, plan func(context.Context) (plan.Node, error)) (plan.Node, error) {
	if timeout <= 0 {
		return plan(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	n, err := plan(ctx)
	return n, timedOut(err, timeout)
}

// Query runs one SELECT (or SHOW, DESCRIBE, EXPLAIN) statement. An error of
// the statement's author is an *Error. The answer reads one snapshot, within
// retention at the query's instant; the caller closes it.
func (q *Queries) Query(ctx context.Context, sql string, options ...Option) (*Rows, error) {
	o := requestOf(options)
	s, err := q.plan(ctx, sql, o)
	if err != nil {
		return nil, err
	}
	explain, isExplain := s.root.(*plan.Explain)
	if o.maxBytes > 0 && (!isExplain || explain.Analyze) {
		if err := q.checkEstimate(ctx, s, o.maxBytes); err != nil {
			s.view.close()
			return nil, err
		}
	}
	if isExplain {
		return q.explainRows(ctx, s, explain, o)
	}
	return q.start(ctx, s, o)
}

func (q *Queries) checkEstimate(ctx context.Context, s *statement, maxBytes int64) error {
	e, err := q.estimate(ctx, s)
	if err != nil {
		return err
	}
	if e.LowBytes > maxBytes {
		return types.Errorf(types.ExceededScanLimit, types.Pos{},
			"Query would scan at least %d bytes, the limit is %d; nothing was read", e.LowBytes, maxBytes)
	}
	return nil
}

// start builds the operators; the answer takes the statement over.
func (q *Queries) start(ctx context.Context, s *statement, o request) (*Rows, error) {
	pool := memory.NewPool(q.options.MemoryLimitBytes)
	r := &Rows{
		queries: q, statement: s, started: time.Now(), stats: exec.NewStats(o.timing), timeout: o.timeout,
		memory: pool, held: pool.Account("the answer"), limits: q.options.Limits, batch: &batch.Batch{},
	}
	if o.timeout > 0 {
		r.ctx, r.cancel = context.WithTimeout(ctx, o.timeout)
	} else {
		r.ctx, r.cancel = context.WithCancel(ctx)
	}
	r.leaveHeap = func() {}
	if q.options.OwnsProcess {
		r.leaveHeap = processHeap.begin(q.options.MemoryLimitBytes)
	}
	r.unwatch = context.AfterFunc(r.ctx, func() { pool.Stop(r.ctx.Err()) })
	if err := r.open(o); err != nil {
		r.cancel()
		r.leaveHeap()
		s.view.close()
		return nil, r.translate(err)
	}
	return r, nil
}

func (r *Rows) open(o request) (err error) {
	defer recovered(&err)
	s := r.statement
	env := &exec.Env{
		Function: function.SessionEnv(s.session), Limits: r.limits,
		Source: s.view, Memory: exec.Accounted(r.memory), MaxBytesScanned: o.maxBytes, Stats: r.stats,
	}
	operator, columns, err := exec.Build(r.ctx, s.root, env)
	if err != nil {
		return err
	}
	r.operator = operator
	r.describe(s.root, columns)
	return nil
}

// recovered turns a panic, a defect of ours, into the statement's error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w\n%s", types.Errorf(types.GenericInternalError, types.Pos{}, "%v", p), debug.Stack())
	}
}

// record writes the query and what it scanned into the catalog.
func (q *Queries) record(r *Rows) error {
	stats := r.Stats()
	record := &catalog.Query{
		ID: uuid.NewString(), SQL: r.statement.sql, Status: catalog.QueryFinished, CreatedAt: r.statement.session.Now,
		StartedAt: r.statement.session.Now, EndedAt: r.statement.session.Now.Add(stats.Elapsed), Rows: stats.Rows,
		EventsScanned: stats.EventsScanned, EventsMatched: stats.EventsMatched, BytesScanned: stats.BytesScanned, BytesRead: stats.BytesRead,
	}
	if r.err != nil {
		record.Status, record.ErrorName, record.ErrorMessage = catalog.QueryFailed, types.ErrorName(r.err), r.err.Error()
		if errors.Is(r.err, context.Canceled) {
			record.Status = catalog.QueryCancelled
		}
		if record.ErrorName == types.ExceededTimeLimit {
			record.Status = catalog.QueryTimedOut
		}
	}
	day := catalog.DayOf(r.statement.session.Now.UnixMilli())
	return q.options.Storage.Catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		for _, scan := range scansOf(r.statement.root) {
			store, ok := scan.Table.Handle.(*catalog.Store)
			if !ok {
				continue
			}
			record.StoreIDs = append(record.StoreIDs, store.ID)
			done, _ := r.stats.Scan(scan)
			usage := catalog.Usage{StoreID: store.ID, Day: day, ScannedBytes: done.BytesScanned}
			if len(record.StoreIDs) == 1 {
				usage.Queries = 1
			}
			if err := tx.AddUsage(usage); err != nil {
				return err
			}
		}
		if err := q.options.Storage.NoteUse(tx); err != nil {
			return err
		}
		return tx.PutQuery(record)
	})
}

// scansOf lists the scans of a plan, from left to right.
func scansOf(root plan.Node) []*plan.Scan {
	if scan, ok := root.(*plan.Scan); ok {
		return []*plan.Scan{scan}
	}
	var out []*plan.Scan
	for _, input := range root.Inputs() {
		out = append(out, scansOf(input)...)
	}
	return out
}
