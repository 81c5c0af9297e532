// Package trino is the door to a lake for clients of Trino: its client protocol over HTTP. As in Trino, the session
// (user, time zone, prepared statements) is in each request's headers; the door stores only open queries.
package trino

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
)

// Options configures a door. The zero value is right for most uses.
type Options struct {
	Idle     time.Duration // closes a query without polls; 0: 5 minutes
	Unpolled time.Duration // Idle of a running query that was never polled; 0: 10 seconds, at most Idle
	// The lake limits how many queries wait and run (engine.Options.MaxOpen). These limits are for the unread
	// answers of ended queries; beyond them the oldest are dropped. 0: 1,000 and 64 MiB.
	MaxUnread      int
	MaxUnreadBytes int64
	MaxWait        time.Duration // how long a request waits for rows; 0: 1 second
	Log            *slog.Logger  // gets defects; nil: no log
	Gate           *access.Gate  // decides who may enter; nil: one that requires keys once there are any
}

const (
	// maxStatementBytes limits the body of a request; the parser's limit is lower.
	maxStatementBytes = 1<<20 + 1<<10
	// keptAnswers is how many ended and canceled queries stay known, with their last answer.
	keptAnswers = 20
	// protocolVersion is the Trino version whose protocol this is.
	protocolVersion = "476"
)

// Door answers the requests of clients. It is a server.Door and an http.Handler.
type Door struct {
	lake    *engine.Lake
	gate    *access.Gate
	options Options
	mux     *http.ServeMux
	started time.Time
	running sync.WaitGroup

	transactions transactions

	mu          sync.Mutex // guards what follows
	queries     map[string]*query
	ended       []string // ids of the latest that have a final answer or were canceled, the oldest first
	unread      []*query // ended with an unread answer, the oldest first
	unreadBytes int64    // of their rows
	closed      bool
}

// New returns a door to a lake. The caller closes it before the lake.
func New(lake *engine.Lake, options Options) *Door {
	setDefault(&options.Idle, 5*time.Minute)
	setDefault(&options.Unpolled, min(10*time.Second, options.Idle))
	setDefault(&options.MaxUnread, 1000)
	setDefault(&options.MaxUnreadBytes, 64<<20)
	setDefault(&options.MaxWait, time.Second)
	d := &Door{
		lake: lake, options: options, mux: http.NewServeMux(), started: time.Now(),
		queries: map[string]*query{}, gate: options.Gate,
	}
	if d.gate == nil {
		d.gate = access.New(lake, false)
	}
	d.mux.HandleFunc("POST /v1/statement", d.post)
	d.mux.HandleFunc("HEAD /v1/statement", d.validate)
	d.mux.HandleFunc("GET /v1/statement/executing/{id}/{slug}/{token}", d.get)
	d.mux.HandleFunc("DELETE /v1/statement/executing/{id}/{slug}/{token}", d.delete)
	d.mux.HandleFunc("GET /v1/info", d.info)
	d.mux.HandleFunc("GET /v1/info/state", d.infoState)
	d.mux.HandleFunc("GET /v1/query", d.listQueries)
	d.mux.HandleFunc("GET /v1/query/{id}", d.showQuery)
	return d
}

func setDefault[T int | int64 | time.Duration](option *T, value T) {
	if *option == 0 {
		*option = value
	}
}

// Mount implements server.Door. Until there are keys, only programs of this machine may enter.
func (d *Door) Mount(mux *http.ServeMux) { mux.HandleFunc("/v1/", d.enter) }

// CheckAddress returns an error that wraps server.ErrNotLoopback if other machines reach an address. Unless the
// door requires a key of every client, it must not be served there.
func CheckAddress(at net.Addr) error {
	if !server.IsLoopback(at) {
		return fmt.Errorf("the Trino protocol cannot be served on %s: %w", at, server.ErrNotLoopback)
	}
	return nil
}

// ServeHTTP implements http.Handler. It lets in every client.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// Close ends all queries and waits for them. Later requests are refused.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	for _, q := range d.queries {
		q.cancel(errShutdown)
		q.idle.Stop()
	}
	d.mu.Unlock()
	d.running.Wait()
}

// post starts a statement.
func (d *Door) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStatementBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, fmt.Sprintf("statement is larger than %d bytes", maxStatementBytes), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "statement could not be read: "+err.Error(), http.StatusBadRequest)
		return
	case len(body) == 0:
		http.Error(w, "SQL statement is empty", http.StatusBadRequest)
		return
	}
	s, ok := readSession(w, r)
	if !ok {
		return
	}
	q := newQuery(s, string(body))
	if status := d.start(q); status != 0 {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many open queries, or the server is shutting down; try again later", status)
		return
	}
	q.serving.Lock()
	defer q.serving.Unlock()
	d.respond(w, r, q, nil, q.statement != nil && q.statement.sql != "")
}

// readSession reads a request's session. If it returns false, the request is answered.
func readSession(w http.ResponseWriter, r *http.Request) (*session, bool) {
	s, err := sessionOf(r)
	switch {
	case errors.Is(err, errPassword):
		http.Error(w, err.Error(), http.StatusUnauthorized)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return s, err == nil
}

// validate answers HEAD, with which a client checks its session.
func (d *Door) validate(w http.ResponseWriter, r *http.Request) { readSession(w, r) }

// start runs the statement. status is the HTTP status of a refusal for lack of room or at shutdown, otherwise 0.
func (d *Door) start(q *query) (status int) {
	var err error
	if q.statement, err = q.session.interpret(q.sql); err != nil {
		if leave, useErr := d.transactions.use(q.session.transaction, false); useErr == nil {
			leave(err)
		}
		return d.finish(q, err)
	}
	if q.statement.control != nil {
		return d.finish(q, d.control(q))
	}
	if q.statement.kill != nil {
		return d.finish(q, d.kill(q))
	}
	leave, err := d.transactions.use(q.session.transaction, q.statement.sql != "")
	if err != nil {
		return d.finish(q, err)
	}
	if q.statement.sql == "" {
		leave(nil)
		return d.finish(q, nil)
	}
	options, err := q.session.state().Options()
	if err == nil {
		options = append(append(options, engine.Parsed(q.statement.parsed)), d.optionsOf(q.session)...)
		q.asked, err = d.lake.Queries().Submit(q.ctx, q.statement.sql, options...)
	}
	if err != nil {
		leave(err)
		if describe(err).ErrorName == "QUERY_QUEUE_FULL" {
			return http.StatusTooManyRequests
		}
		return d.finish(q, err)
	}
	if !d.takeIn(q, q.asked.ID()) {
		leave(errShutdown)
		return http.StatusServiceUnavailable
	}
	go func() {
		defer d.running.Done()
		q.run(d, leave)
	}()
	return 0
}

// optionsOf returns the options of a session's statements: the user, its rights, and what system.runtime shows.
func (d *Door) optionsOf(s *session) []engine.QueryOption {
	var options []engine.QueryOption
	if s.caller != nil {
		options = s.caller.QueryOptions()
	} else {
		options = append(options, engine.MayRead(access.WithoutKey))
	}
	return append(options, engine.AskedBy(s.asker),
		engine.User(s.user), engine.ThroughDoor("trino"), engine.FromSource(s.source),
		engine.InServer(func() *engine.Server { return d.serverState(s.base, s.user) }),
	)
}

// takeIn registers a query by its id, and its goroutine, which must call running.Done. It returns false if the door
// is closed.
func (d *Door) takeIn(q *query, id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		q.cancel(errShutdown)
		return false
	}
	q.id = strings.ReplaceAll(id, "-", "")
	q.idle = time.AfterFunc(d.options.Unpolled, func() { d.abandon(q) })
	d.queries[q.id] = q
	d.running.Add(1)
	return true
}

// finish ends a query that did not run, because of err or because it only changed the session.
func (d *Door) finish(q *query, err error) (status int) {
	if !d.takeIn(q, d.lake.Queries().NoteEnded(q.sql, err, d.optionsOf(q.session)...)) {
		return http.StatusServiceUnavailable
	}
	defer d.running.Done()
	close(q.pages)
	q.finish(err)
	return 0
}

func random(bytes int) string {
	out := make([]byte, bytes)
	rand.Read(out) // never fails
	return hex.EncodeToString(out)
}

// find returns the query in a request's path. If there is none it answers the request and returns nil.
func (d *Door) find(w http.ResponseWriter, r *http.Request) *query {
	d.mu.Lock()
	q := d.queries[r.PathValue("id")]
	d.mu.Unlock()
	if q == nil || q.slug != r.PathValue("slug") || !q.session.isOf(r) {
		http.Error(w, "Query not found", http.StatusNotFound)
		return nil
	}
	d.notePoll(r, q)
	q.polled.Store(true)
	q.seenMillis.Store(time.Now().UnixMilli())
	q.idle.Reset(d.options.Idle)
	return q
}

// get sends the next rows, or repeats the last answer to a client that asks again.
func (d *Door) get(w http.ResponseWriter, r *http.Request) {
	q := d.find(w, r)
	if q == nil || r.Method == http.MethodHead { // HEAD only shows that the client is alive
		return
	}
	token, err := strconv.ParseInt(r.PathValue("token"), 10, 64)
	if err != nil {
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	q.serving.Lock()
	defer q.serving.Unlock()
	defer q.idle.Reset(d.options.Idle)
	switch {
	case token == q.token:
		d.send(w, q)
		return
	case token != q.token+1 || q.isOver.Load():
		http.Error(w, "page is gone, or not there yet", http.StatusGone)
		return
	}
	p, more := q.wait(r.Context(), d.options.MaxWait)
	if r.Context().Err() != nil && p.rows == nil {
		return // the client is gone; it may ask for the page again
	}
	d.respond(w, r, q, p.rows, more && !p.last)
}

// respond makes the next answer and sends it. The caller holds q.serving.
func (d *Door) respond(w http.ResponseWriter, r *http.Request, q *query, page rows, more bool) {
	stats, columns, failure := q.status()
	base := server.BaseURL(r) + "/v1/"
	answer := &results{ID: q.id, InfoURI: base + "query/" + q.id, Columns: columns, Stats: stats, Warnings: []string{}}
	if q.statement != nil {
		answer.UpdateType = q.statement.updateType
	}
	switch {
	case more:
		answer.NextURI = fmt.Sprintf("%sstatement/executing/%s/%s/%d", base, q.id, q.slug, q.token+2)
		if stats.State == stateFinished { // the client has not read all rows
			answer.Stats.State = stateRunning
		}
	case failure != nil:
		answer.Error = describe(failure)
		if q.statement != nil && q.statement.control != nil {
			q.note = q.statement.headers // the transaction has ended all the same
		}
	case q.statement != nil:
		q.note = q.statement.headers
		if q.statement.sql == "" { // as Trino does: some clients need columns in every final answer
			answer.Columns, page = json.RawMessage(changeColumns), rows{[]byte("[true]")}
		}
	}
	text, err := answer.encode(page)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	q.token++
	q.answer = text
	if !more {
		q.isOver.Store(true)
		d.release(q)
	}
	d.send(w, q)
}

// changeColumns are the columns of the answer to a session change.
const changeColumns = `[{"name":"result","type":"boolean","typeSignature":{"rawType":"boolean","arguments":[]}}]`

// send sends the last answer.
func (d *Door) send(w http.ResponseWriter, q *query) {
	for name, values := range q.note {
		w.Header()[name] = values
	}
	q.answer.send(w)
}

// delete cancels a query. Most clients do not ask for its end afterwards.
func (d *Door) delete(w http.ResponseWriter, r *http.Request) {
	q := d.find(w, r)
	if q == nil {
		return
	}
	q.cancel(errCanceled)
	d.release(q)
	w.WriteHeader(http.StatusNoContent)
}

// info describes the server.
func (d *Door) info(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]any{
		"nodeVersion": map[string]string{"version": protocolVersion}, "environment": "auditlake", "coordinator": true,
		"starting": false, "uptime": fmt.Sprintf("%.2fs", time.Since(d.started).Seconds()),
	})
}

func (d *Door) infoState(w http.ResponseWriter, _ *http.Request) { writeJSON(w, "ACTIVE") }

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // a client that is gone asks again
}
