// Package query runs queries, through whichever door they came in. It plans a statement over one snapshot, builds
// its operators, returns the answer with its statistics, and records the query in the lake.
package query

import (
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/engine/activity"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/query/admission"
	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/processors"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Options is what Queries needs of its lake.
type Options struct {
	Storage   *storage.Lake
	Functions *function.Registry
	// ReadOnly: nothing is written to the lake's records.
	ReadOnly bool
	// Now is the clock, in UTC; now() and retention follow it.
	Now func() time.Time
	// AfterFunc calls a function after a duration, unless stop is called first; nil: time.AfterFunc. Time limits
	// use it.
	AfterFunc func(time.Duration, func()) (stop func() bool)
	// KeepHistory is how long after submission queries are listed and their results kept. The lake stores the value
	// for later processes that open it with 0. 0: the stored value, initially 7 days.
	KeepHistory time.Duration
	// Log receives defects and failures of background work.
	Log *slog.Logger
	// Price returns the price of scanning bytes, in USD.
	Price func(bytesScanned int64) float64
	// MaxRunning limits the running statements, MaxWaiting the waiting ones and MaxOpen all that have not ended,
	// including those whose reader takes no rows. The last two are approximate. 0: 10, 100 and 200.
	//
	// A user, over all doors and access keys, may have at most as many waiting and open as remain for others. When
	// all MaxRunning places are taken, up to half that number more run for users who have nothing running.
	MaxRunning, MaxWaiting, MaxOpen int
	// LakeMemoryBytes is what all queries may hold together; 0: memory.DefaultLakeBytes. MemoryLimitBytes is what
	// one may hold, at most half of that; 0: half. Limits are the maximum lengths of values and rows that a query
	// computes.
	LakeMemoryBytes, MemoryLimitBytes int64
	Limits                            memory.Limits
	// MaxResultBytes is the disk space of one kept result, MaxResultsBytes that of all of them; 0: 1 GiB, and 20
	// GiB or a tenth of the free disk if that is less.
	MaxResultBytes, MaxResultsBytes int64
	// SpillLimitBytes is how much all queries may spill to disk when memory is short; 0: 20 GiB, or half of the
	// free disk if that is less; negative: no spilling.
	SpillLimitBytes int64
	// SpillFromBytes makes operators spill as if a query could hold no more, see memory.LakePool; 0: its real
	// limit.
	SpillFromBytes int64
	// SpillFiles is the file system that queries spill to; nil: the lake's.
	SpillFiles vfs.FS
	// Ended is called for each query that has ended, even if it never ran, by the goroutine that ended it. It is
	// called before others can see the end, and must return at once. nil: no call.
	Ended func(*Info)
	// OwnsProcess lets queries set Go's soft heap limit and collect garbage, see heapLimit.
	OwnsProcess bool
}

// Queries runs statements over a lake, and lists those of the last days (Options.KeepHistory). It is safe for
// concurrent use.
type Queries struct {
	options Options
	live    *liveQueries
	history *history // nil: the lake is read-only
	passing *passing // replaces the history of a read-only lake; nil: nothing
	results *spool.Folder
	// resultsFailed is why results is nil.
	resultsFailed error
	turns, checks *admission.Queue // of statements, and of Check
	gate          *processors.Gate // limits what statements compute with
	memory        *memory.LakePool
	spills        *spill.Space       // nil: nothing can be spilled
	numbers       *batch.TextNumbers // of texts in the lake's cache; nil: none
	sharing       *atomic.Int64      // the number of open Shared
	// cacheLimitBytes is the maximum size of the lake's cache.
	cacheLimitBytes int64
}

const (
	defaultMaxRunning = 10
	defaultMaxWaiting = 100
	defaultMaxOpen    = 200
)

// New returns the Queries of the lake that options name. The caller closes it before the lake's storage.
func New(options Options) *Queries {
	if options.AfterFunc == nil {
		options.AfterFunc = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if options.Ended == nil {
		options.Ended = func(*Info) {}
	}
	options.KeepHistory = rememberedKeepHistory(options)
	turns := func() *admission.Queue {
		return admission.NewQueue(cmp.Or(options.MaxRunning, defaultMaxRunning), cmp.Or(options.MaxWaiting, defaultMaxWaiting),
			cmp.Or(options.MaxOpen, defaultMaxOpen))
	}
	q := &Queries{
		options: options, live: &liveQueries{byID: map[string]*Query{}}, memory: memory.NewLakePool(options.LakeMemoryBytes),
		turns: turns(), checks: turns(), sharing: &atomic.Int64{}, gate: processors.NewGate(processors.Count()),
	}
	if cache := options.Storage.Cache(); cache != nil {
		q.memory.Lend(cache, q.memory.SpareBytes)
		cache.SetRoom(q.memory.SpareBytes)
		q.cacheLimitBytes = cache.Stats().LimitBytes
		q.numbers = batch.NewTextNumbers(keeper{cache}, q.cacheLimitBytes/numbersShare)
	}
	q.memory.SpillFrom(options.SpillFromBytes)
	if options.OwnsProcess {
		q.memory.BeforeLarge(heapLeapBytes, processHeap.makeRoom)
		q.memory.OnGrants(heapStepBytes, processHeap.follow)
	}
	q.openResults()
	q.openSpills()
	if !options.ReadOnly {
		var interrupted []*catalog.Query
		q.history, interrupted = newHistory(options, q.results)
		for _, record := range interrupted {
			q.tellEnded(record, request{})
		}
	}
	return q
}

// WithPrice returns the same Queries with other prices. Closing either closes both.
func (q *Queries) WithPrice(price func(bytesScanned int64) float64) *Queries {
	other := *q
	other.options.Price = price
	return &other
}

// Memory returns what queries hold now, and the most that they may hold together.
func (q *Queries) Memory() (usedBytes, limitBytes int64) {
	return q.memory.UsedBytes(), q.memory.LimitBytes()
}

// Option limits a query or sets its session.
type Option func(*request)

// request is one statement's options.
type request struct {
	id             string // of the query; "": the statement is only planned
	maxBytes       int64
	timeout        time.Duration
	timing         bool
	explainsAsJSON bool // see ExplainAsJSON
	timeZone       string
	user           string
	asker          *activity.Asker
	door, source   string
	reads          *Reads // see Reading; nil: not known before the statement is planned
	written        string // what Written says
	isDurable      bool
	keep           bool // keep the answer, see Keep
	alias          string
	refreshID      string // see OfRefresh
	prompt         string // see catalog.Alias
	deliverTo      string // see DeliverTo
	overResult     string // see OverResult
	ending         func() // see BeforeEnd
	mayRun         func() error
	until          time.Time // see Until; zero: no such end
	untilReason    string
	// arguments replace the statement's question marks.
	arguments []string
	prepared  map[string]string
	server    func() *Server
	mayRead   func(Source) error // see MayRead
	caps      func(context.Context) ([]ScanCap, error)
	capName   string        // the cap that set maxBytes; "": the query's own limit
	parsed    ast.Statement // nil: the text is not parsed yet
	shared    *Shared       // see Over
}

func requestOf(options []Option) (o request) {
	o.door, o.ending = "library", func() {} // unless an option sets another
	for _, option := range options {
		option(&o)
	}
	return o
}

// MaxBytes ends a query with EXCEEDED_SCAN_LIMIT if it would scan more than limit bytes: before it starts when that
// is certain, otherwise when it happens.
func MaxBytes(limit int64) Option { return func(o *request) { o.maxBytes = limit } }

// Timeout ends a query with EXCEEDED_TIME_LIMIT when d has passed since its submission.
func Timeout(d time.Duration) Option { return func(o *request) { o.timeout = d } }

// ThroughDoor sets the door through which the statement came in, such as command or trino, for the list of queries.
func ThroughDoor(name string) Option { return func(o *request) { o.door = name } }

// BeforeEnd calls f once when a query accepted by Submit ends, before others can see that it has. Callers that see
// the end can rely on what f has freed. f must not wait, nor end the query.
func BeforeEnd(f func()) Option { return func(o *request) { o.ending = f } }

// FromSource sets the program that the statement came from, for the list of queries.
func FromSource(program string) Option { return func(o *request) { o.source = program } }

// AskedBy sets the caller, for Options.Ended.
func AskedBy(asker activity.Asker) Option { return func(o *request) { o.asker = &asker } }

// Reading sets what the statement reads, as returned by Check, so that the list of queries shows it before the
// statement is planned.
func Reading(reads Reads) Option { return func(o *request) { o.reads = &reads } }

// Written sets the statement as its author wrote it, for the list of queries, if another runs in its place.
func Written(sql string) Option { return func(o *request) { o.written = sql } }

// Parsed passes a statement that its door has parsed, with the prepared statements of this query, so that the text
// is not parsed again. If Arguments follow it, the text is parsed again with them. The statement is not changed.
func Parsed(statement ast.Statement) Option { return func(o *request) { o.parsed = statement } }

// Durable makes Submit wait until the query is in the lake's records on disk, so that a client can ask for the id
// even after a crash.
func Durable() Option { return func(o *request) { o.isDurable = true } }

// Alias sets the statement name by which the query was requested, so that it is found by that name.
func Alias(named NamedStatement) Option {
	return func(o *request) { o.alias, o.prompt = named.Name, named.Prompt }
}

// OfRefresh sets the dashboard refresh that the statement is part of, so that it is found by that as well as by its
// alias.
func OfRefresh(id string) Option { return func(o *request) { o.refreshID = id } }

// MayRun ends a query with PERMISSION_DENIED if may returns an error, which says why, when the query's turn comes.
// A permission may have been revoked since submission.
func MayRun(may func() error) Option { return func(o *request) { o.mayRun = may } }

// Until cancels a query that has not ended at the given instant; reason says why. The zero time sets no such end.
func Until(at time.Time, reason string) Option {
	return func(o *request) { o.until, o.untilReason = at, reason }
}

// statement is a planned statement and its view of the lake.
type statement struct {
	sql     string
	view    *view
	session *metadata.Session
	root    plan.Node
}

// plan plans SQL over a snapshot. The caller closes the view.
func (q *Queries) plan(ctx context.Context, sql string, o request) (s *statement, err error) {
	defer q.recovered(&err, o.id)
	now := q.options.Now()
	if o.shared != nil {
		now = o.shared.now
	}
	fns, planned := q.options.Functions.Planning(ctx)
	defer planned()
	session, err := o.session(now)
	if err != nil {
		return nil, err
	}
	v, err := q.newView(ctx, now, o.shared)
	if err != nil {
		return nil, err
	}
	v.server = o.server
	v.restrict(o.mayRead)
	s = &statement{sql: sql, view: v, session: session}
	isPlanned := false
	defer func() { // also after a panic
		if !isPlanned {
			v.close()
		}
	}()
	if o.overResult != "" {
		if err := q.addResult(v, o.overResult); err != nil {
			return nil, err
		}
	}
	if s.root, err = o.planOver(ctx, sql, v, fns, s.session); err != nil {
		return nil, err
	}
	isPlanned = true
	return s, nil
}

// planOver plans a statement, which its door may have parsed.
func (o *request) planOver(ctx context.Context, sql string, v *view, fns metadata.Functions, session *metadata.Session) (plan.Node, error) {
	if o.parsed != nil {
		return planner.PlanStatement(ctx, o.parsed, v, fns, session)
	}
	return planner.Plan(ctx, sql, v, fns, session, o.arguments...)
}

// Query runs one SELECT (or SHOW, DESCRIBE, EXPLAIN) statement. A mistake in the statement is an *Error. The answer
// reads one snapshot, within retention at the query's instant. The caller closes it.
func (q *Queries) Query(ctx context.Context, sql string, options ...Option) (*Rows, error) {
	s, err := q.Submit(ctx, sql, options...)
	if err != nil {
		return nil, err
	}
	return s.Rows()
}

// newRows returns the answer to a statement, which is a part of a query or all of it. It takes over the statement.
// The caller then calls open.
func (q *Queries) newRows(of *Query, s *statement, o request) *Rows {
	pool := q.memory.QueryPool(q.options.MemoryLimitBytes)
	r := &Rows{
		query: of, statement: s, request: o, started: time.Now(), stats: exec.NewStats(o.timing),
		pool: pool, spilled: q.spills.NewQuery(), held: pool.Account("the answer"), limits: q.options.Limits, batch: &batch.Batch{}, noEstimate: func() {},
	}
	r.ctx, r.cancel = context.WithCancel(of.ctx)
	r.claim = q.gate.NewClaim(r.ctx)
	r.ctx = r.claim.With(r.ctx)
	pool.SetPace(r.claim.Yield)
	r.endWork, r.leaveHeap = processors.Begin(), func() {}
	if q.options.OwnsProcess {
		r.leaveHeap = processHeap.begin(q.roomInHeap)
	}
	return r
}

// queryMemoryBytes returns the memory limit of one query.
func (q *Queries) queryMemoryBytes() int64 {
	most := q.memory.QueryLimitBytes()
	if limit := q.options.MemoryLimitBytes; limit > 0 {
		return min(limit, most)
	}
	return most
}

// roomInHeap returns what one statement, and all statements together, may add to the heap: their memory, and what
// they add to the cache of decoded parts. For one statement the cache counts at most an eighth of its memory.
func (q *Queries) roomInHeap() heapRoom {
	limit, cache := q.queryMemoryBytes(), q.options.Storage.Cache().Stats()
	return heapRoom{limit + min(limit/8, cache.LimitBytes-cache.UsedBytes), q.memory.LimitBytes() - cache.UsedBytes, cache.UsedBytes}
}

// open builds the operators. After an error nothing is left to close.
func (r *Rows) open() (err error) {
	defer func() {
		if err != nil {
			r.cancel()
			r.leaveHeap()
			r.endWork()
			r.spilled.Close()
			r.pool.Close()
			r.statement.view.close()
		}
	}()
	defer r.query.recovered(&err)
	s := r.statement
	env := &exec.Env{
		Function: function.SessionEnv(s.session), Limits: r.limits,
		Source: s.view, Memory: exec.Accounted(r.pool), Spill: r.spilled, MaxBytesScanned: r.request.maxBytes, ScanLimit: r.request.capName, Stats: r.stats,
		Numbers: r.query.queries.numbers,
	}
	operator, columns, err := exec.Build(r.ctx, s.root, env)
	if err != nil {
		return err
	}
	r.operator = operator
	r.describe(s.root, columns)
	r.query.noteRows(r)
	if r.analyzed == nil {
		r.noEstimate = r.query.estimateSoon(s)
	}
	return nil
}

// recovered turns a panic (a defect) into the error of a query; id is "" for a statement without one. The log has
// the stack.
func (q *Queries) recovered(err *error, id string) {
	if p := recover(); p != nil {
		*err = q.defect(p, id)
	}
}

// recovered does the same for a running query.
func (s *Query) recovered(err *error) {
	if p := recover(); p != nil {
		*err = s.queries.defect(p, s.ID())
	}
}

func (q *Queries) defect(p any, id string) error {
	q.options.Log.Error("a statement met a defect", "query", id, "panic", p, "stack", string(debug.Stack()))
	return types.Errorf(types.GenericInternalError, types.Pos{}, "%v", p)
}

// scansOf lists the scans of a plan, from left to right.
func scansOf(root plan.Node) []*plan.Scan {
	if scan, ok := root.(*plan.Scan); ok {
		return []*plan.Scan{scan}
	}
	var out []*plan.Scan
	for _, input := range plan.Inputs(root) {
		out = append(out, scansOf(input)...)
	}
	return out
}
