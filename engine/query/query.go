// Package query is where questions are run, whichever door they came through: it plans a statement over one snapshot,
// builds its operators, hands out the answer with its statistics, and writes what it did into the lake's records.
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

// Options is what running questions needs of the lake that is asked.
type Options struct {
	Storage   *storage.Lake
	Functions *function.Registry
	// ReadOnly: nothing is written to the lake's records.
	ReadOnly bool
	// Now is the clock, in UTC; now() and retention follow it.
	Now func() time.Time
	// AfterFunc calls a function after some time, unless what it returns is called before; nil: time.AfterFunc. Time
	// limits follow it.
	AfterFunc func(time.Duration, func()) (stop func() bool)
	// KeepHistory is how long queries are listed after they were submitted, and their results kept. The lake
	// remembers it, because the next process may not be told; 0: as the lake was told last, 7 days at first.
	KeepHistory time.Duration
	// Log is told of defects, and of what fails in the background.
	Log *slog.Logger
	// Price is what scanning bytes would cost, in USD.
	Price func(bytesScanned int64) float64
	// MaxRunning is how many statements are at work at once, MaxWaiting about how many wait for their turn, MaxOpen
	// about how many have not ended, those included whose reader takes no rows; 0: 10, 100 and 200. A user, at all
	// doors and with all access keys, may have as many waiting and open as are left for others. When MaxRunning are
	// at work, up to half as many more run for users who have nothing at work.
	MaxRunning, MaxWaiting, MaxOpen int
	// LakeMemoryBytes is what all queries may hold together; 0: memory.DefaultLakeBytes. MemoryLimitBytes is what one
	// may hold, at most half of that; 0: half. Limits is how long values and rows may be that a query makes.
	LakeMemoryBytes, MemoryLimitBytes int64
	Limits                            memory.Limits
	// MaxResultBytes is how much one kept result may take on disk, MaxResultsBytes all of them; 0: 1 GiB, and 20 GiB
	// or a tenth of the free disk.
	MaxResultBytes, MaxResultsBytes int64
	// SpillLimitBytes is how much all queries may write to disk of what they have no memory for; 0: 20 GiB, or half
	// of the free disk if that is less; less than 0: nothing.
	SpillLimitBytes int64
	// SpillFromBytes has operators spill as if a query might hold no more, see memory.LakePool; 0: by what it may hold.
	SpillFromBytes int64
	// SpillFiles is the file system that queries spill to; nil: the lake's.
	SpillFiles vfs.FS
	// Ended is told of each query that has ended, also of one that never ran, by the goroutine that ended it and
	// before others can see the end: it returns at once. Nil: nobody is told.
	Ended func(*Info)
	// OwnsProcess lets queries set the soft limit of Go's heap and collect garbage, see heapLimit.
	OwnsProcess bool
}

// Queries runs statements over a lake, and knows those that ran in the last days (Options.KeepHistory). It is safe
// for concurrent use.
type Queries struct {
	options Options
	live    *liveQueries
	history *history // nil: the lake is read only
	passing *passing // what a lake that is read only has in its place; nil: nothing
	results *spool.Folder
	// resultsFailed is why results is nil.
	resultsFailed error
	turns, checks *admission.Queue // of statements, and of Check
	gate          *processors.Gate // what statements compute with
	memory        *memory.LakePool
	spills        *spill.Space       // nil: nothing can be spilled
	numbers       *batch.TextNumbers // of what the lake's cache keeps; nil: nothing
	sharing       *atomic.Int64      // how many Shared are open
	// cacheLimitBytes is how much the lake's cache may have.
	cacheLimitBytes int64
}

const (
	defaultMaxRunning = 10
	defaultMaxWaiting = 100
	defaultMaxOpen    = 200
)

// New returns what runs statements over the lake of options. The caller closes it before the lake's storage.
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

// WithPrice is the same with other prices. Closing either closes both.
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

// request is what is asked of one statement besides its text.
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
	keep           bool // the answer, see Keep
	alias          string
	refreshID      string // see OfRefresh
	prompt         string // see catalog.Alias
	deliverTo      string // see DeliverTo
	overResult     string // see OverResult
	ending         func() // see BeforeEnd
	mayRun         func() error
	until          time.Time // see Until; zero: no such end
	untilReason    string
	// arguments stand in for the statement's question marks.
	arguments []string
	prepared  map[string]string
	server    func() *Server
	mayRead   func(Source) error // see MayRead
	caps      func(context.Context) ([]ScanCap, error)
	capName   string        // whose limit maxBytes is; "": the query's own
	parsed    ast.Statement // nil: the text is not parsed yet
	shared    *Shared       // see Over
}

func requestOf(options []Option) (o request) {
	o.door, o.ending = "library", func() {} // unless an option says another
	for _, option := range options {
		option(&o)
	}
	return o
}

// MaxBytes ends a query with EXCEEDED_SCAN_LIMIT when it would scan more than
// limit bytes: before it starts when that is certain, else when it happens.
func MaxBytes(limit int64) Option { return func(o *request) { o.maxBytes = limit } }

// Timeout ends a query with EXCEEDED_TIME_LIMIT when it was submitted d ago.
func Timeout(d time.Duration) Option { return func(o *request) { o.timeout = d } }

// ThroughDoor sets which way the statement came in, such as command or trino, for the list of queries.
func ThroughDoor(name string) Option { return func(o *request) { o.door = name } }

// BeforeEnd calls f once when a query that Submit has taken in ends, before others can see that it has: what f frees
// is free for whoever sees it. f must not wait, nor end the query.
func BeforeEnd(f func()) Option { return func(o *request) { o.ending = f } }

// FromSource sets which program the statement came from, for the list of queries.
func FromSource(program string) Option { return func(o *request) { o.source = program } }

// AskedBy sets who asks, for whoever is told that the query has ended.
func AskedBy(asker activity.Asker) Option { return func(o *request) { o.asker = &asker } }

// Reading says what the statement reads, as Check returned it, so that the query is listed with it before it is
// planned.
func Reading(reads Reads) Option { return func(o *request) { o.reads = &reads } }

// Written sets the statement as its author wrote it, for the list of queries, where another runs in its place.
func Written(sql string) Option { return func(o *request) { o.written = sql } }

// Parsed hands on a statement that its door has parsed to learn its kind, with the prepared statements of this query:
// its text is not parsed again. Arguments after it need the text parsed with them. Nothing changes the statement.
func Parsed(statement ast.Statement) Option { return func(o *request) { o.parsed = statement } }

// Durable makes Submit wait until the query is in the lake's records on disk: whoever is given the id may ask for it
// later, whatever happens.
func Durable() Option { return func(o *request) { o.isDurable = true } }

// Alias says by which name of a statement it was asked for, so that the query is found by that.
func Alias(named NamedStatement) Option {
	return func(o *request) { o.alias, o.prompt = named.Name, named.Prompt }
}

// OfRefresh says of which refresh of a dashboard a statement is part, so that it is found by that besides its alias.
func OfRefresh(id string) Option { return func(o *request) { o.refreshID = id } }

// MayRun ends a query with PERMISSION_DENIED if may returns an error, which says why, when the query's turn has come:
// what was allowed when it was submitted may not be any more.
func MayRun(may func() error) Option { return func(o *request) { o.mayRun = may } }

// Until cancels a query that has not ended at an instant; reason says why. The zero time is no such end.
func Until(at time.Time, reason string) Option {
	return func(o *request) { o.until, o.untilReason = at, reason }
}

// statement is a planned statement with what it will read.
type statement struct {
	sql     string
	view    *view
	session *metadata.Session
	root    plan.Node
}

// plan turns SQL into a plan over a snapshot. The caller closes the view.
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

// Query runs one SELECT (or SHOW, DESCRIBE, EXPLAIN) statement. An error of
// the statement's author is an *Error. The answer reads one snapshot, within
// retention at the query's instant; the caller closes it.
func (q *Queries) Query(ctx context.Context, sql string, options ...Option) (*Rows, error) {
	s, err := q.Submit(ctx, sql, options...)
	if err != nil {
		return nil, err
	}
	return s.Rows()
}

// newRows returns the answer to a statement as a part of a query, or as all of it. It takes the statement over; open
// comes next.
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

// queryMemoryBytes is what one query may hold.
func (q *Queries) queryMemoryBytes() int64 {
	most := q.memory.QueryLimitBytes()
	if limit := q.options.MemoryLimitBytes; limit > 0 {
		return min(limit, most)
	}
	return most
}

// roomInHeap is what a statement may add to the heap, and all statements together: their memory, and what they leave in
// the cache of decoded parts, which is not let in beyond an eighth of that before garbage is collected more often.
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

// recovered turns a panic, a defect of ours, into the error of a query, "" for a statement that is none. The log has
// the stack.
func (q *Queries) recovered(err *error, id string) {
	if p := recover(); p != nil {
		*err = q.defect(p, id)
	}
}

// recovered is the same of a query that runs.
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
