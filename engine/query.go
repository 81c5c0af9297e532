package engine

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
	"github.com/auditlake/auditlake/storage/catalog"
)

// QueryOption limits a query or sets its session.
type QueryOption func(*queryOptions)

type queryOptions struct {
	maxBytes int64
	timeout  time.Duration
	timing   bool
	timeZone string
	user     string
	// arguments stand in for the statement's question marks.
	arguments []string
	describe  description
	server    func() *Server
}

func optionsOf(options []QueryOption) (o queryOptions) {
	for _, option := range options {
		option(&o)
	}
	return o
}

// MaxBytes ends a query with EXCEEDED_SCAN_LIMIT when it would scan more than
// limit bytes: before it starts when that is certain, else when it happens.
func MaxBytes(limit int64) QueryOption { return func(o *queryOptions) { o.maxBytes = limit } }

// Timeout ends a query with EXCEEDED_TIME_LIMIT after d.
func Timeout(d time.Duration) QueryOption { return func(o *queryOptions) { o.timeout = d } }

// statement is a planned statement with what it will read.
type statement struct {
	sql     string
	view    *view
	session *metadata.Session
	root    plan.Node
}

// plan turns SQL into a plan over a snapshot. The caller closes the view.
func (l *Lake) plan(ctx context.Context, sql string, o queryOptions) (s *statement, err error) {
	defer recovered(&err)
	now := l.now()
	fns, planned := l.functions.Planning(ctx)
	defer planned()
	session, err := o.session(now)
	if err != nil {
		return nil, err
	}
	v, err := l.newView(ctx, now)
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
	switch o.describe {
	case describeInput:
		s.root, err = planner.DescribeInput(ctx, sql, v, fns, s.session)
	case describeOutput:
		s.root, err = planner.DescribeOutput(ctx, sql, v, fns, s.session)
	default:
		s.root, err = planTimed(ctx, o.timeout, func(ctx context.Context) (plan.Node, error) {
			return planner.Plan(ctx, sql, v, fns, s.session, o.arguments...)
		})
	}
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
func (l *Lake) Query(ctx context.Context, sql string, options ...QueryOption) (*Rows, error) {
	o := optionsOf(options)
	s, err := l.plan(ctx, sql, o)
	if err != nil {
		return nil, err
	}
	explain, isExplain := s.root.(*plan.Explain)
	if o.maxBytes > 0 && (!isExplain || explain.Analyze) {
		if err := l.checkEstimate(ctx, s, o.maxBytes); err != nil {
			s.view.close()
			return nil, err
		}
	}
	if isExplain {
		return l.explainRows(ctx, s, explain, o)
	}
	return l.start(ctx, s, o)
}

func (l *Lake) checkEstimate(ctx context.Context, s *statement, maxBytes int64) error {
	e, err := l.estimate(ctx, s)
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
func (l *Lake) start(ctx context.Context, s *statement, o queryOptions) (*Rows, error) {
	pool := memory.NewPool(l.options.MemoryLimitBytes)
	r := &Rows{
		lake: l, statement: s, started: time.Now(), stats: exec.NewStats(o.timing), timeout: o.timeout,
		memory: pool, held: pool.Account("the answer"), limits: l.options.limits(), batch: &batch.Batch{},
	}
	if o.timeout > 0 {
		r.ctx, r.cancel = context.WithTimeout(ctx, o.timeout)
	} else {
		r.ctx, r.cancel = context.WithCancel(ctx)
	}
	r.leaveHeap = func() {}
	if l.options.OwnsProcess {
		r.leaveHeap = processHeap.begin(l.options.MemoryLimitBytes)
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

func (r *Rows) open(o queryOptions) (err error) {
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
func (l *Lake) record(r *Rows) error {
	stats := r.Stats()
	q := &catalog.Query{
		ID: uuid.NewString(), SQL: r.statement.sql, Status: catalog.QueryFinished, CreatedAt: r.statement.session.Now,
		StartedAt: r.statement.session.Now, EndedAt: r.statement.session.Now.Add(stats.Elapsed), Rows: stats.Rows,
		EventsScanned: stats.EventsScanned, EventsMatched: stats.EventsMatched, BytesScanned: stats.BytesScanned, BytesRead: stats.BytesRead,
	}
	if r.err != nil {
		q.Status, q.ErrorName, q.ErrorMessage = catalog.QueryFailed, types.ErrorName(r.err), r.err.Error()
		if errors.Is(r.err, context.Canceled) {
			q.Status = catalog.QueryCancelled
		}
		if q.ErrorName == types.ExceededTimeLimit {
			q.Status = catalog.QueryTimedOut
		}
	}
	day := catalog.DayOf(r.statement.session.Now.UnixMilli())
	return l.catalog().Update(context.Background(), func(tx *catalog.Tx) error {
		for _, scan := range scansOf(r.statement.root) {
			store, ok := scan.Table.Handle.(*Store)
			if !ok {
				continue
			}
			q.StoreIDs = append(q.StoreIDs, store.ID)
			done, _ := r.stats.Scan(scan)
			usage := catalog.Usage{StoreID: store.ID, Day: day, ScannedBytes: done.BytesScanned}
			if len(q.StoreIDs) == 1 {
				usage.Queries = 1
			}
			if err := tx.AddUsage(usage); err != nil {
				return err
			}
		}
		if err := l.storage.NoteUse(tx); err != nil {
			return err
		}
		return tx.PutQuery(q)
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
