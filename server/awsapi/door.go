// Package awsapi is the door to a lake for AWS clients.
//
// It serves the API of CloudTrail over AWS JSON 1.1, that of cloudtrail-data over REST-JSON, and the one operation
// of STS that clients call first, all on one listener. A request is signed (sigv4) with an access key of the lake
// and checked against the shape of its operation (model). Then the operation's function runs: one file for each
// group.
package awsapi

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/sigv4"
)

// Options are the settings of a door.
type Options struct {
	Now func() time.Time // nil: time.Now
	// AfterFunc calls a function after some time, unless stop is called before; nil: time.AfterFunc. Schedules of
	// dashboards use it.
	AfterFunc func(time.Duration, func()) (stop func() bool)
	// LookupsPerSecond limits an account's LookupEvents requests per second; 0: no limit.
	LookupsPerSecond int
	Log              *slog.Logger // gets defects; nil: no log
	// Gate counts wrong secrets together with the lake's other doors; nil: the door counts alone.
	Gate *access.Gate
	// Answered is called after each answer, by the request's goroutine. Nil: no calls.
	Answered func(Answered)
}

// Answered is an answered request.
type Answered struct {
	Operation string // one of the API's; "": refused before the operation was known
	Status    int    // HTTP status
	Took      time.Duration
}

// maxBodyBytes limits the body of a request: above what the shapes of any operation allow for text that people
// write.
const maxBodyBytes = 2 << 20

// Door answers the requests of clients. It is a server.Door and an http.Handler.
type Door struct {
	lake   *engine.Lake
	gate   *access.Gate
	tokens tokens
	now    func() time.Time
	log    *slog.Logger
	told   func(Answered)

	lookups *throttle // of the event history; nil: no limit

	ctx     context.Context // of queries; done when the door is closed
	close   context.CancelFunc
	running sync.WaitGroup  // of queries
	courier *engine.Courier // nil: the lake is read-only

	afterFunc func(time.Duration, func()) (stop func() bool)

	mu           sync.Mutex
	closed       bool           // mu
	open         map[string]int // mu: queries queued or running, by user
	stopSchedule func() bool    // mu: ends the wait for due refreshes; nil: no wait
}

// New returns a door to a lake for clients with a key of it. The caller closes the door before the lake.
func New(lake *engine.Lake, options Options) (*Door, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.AfterFunc == nil {
		options.AfterFunc = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	if options.Answered == nil {
		options.Answered = func(Answered) {}
	}
	if options.Gate == nil {
		options.Gate = access.New(lake, true)
	}
	tokenKey, err := lake.Keys().DeriveKey("page tokens")
	// A read-only lake may have no sealing key. Then tokens are valid until this process ends.
	if errors.Is(err, engine.ErrReadOnly) {
		tokenKey, err = make([]byte, 32), nil
		rand.Read(tokenKey) // never fails
	}
	if err != nil {
		return nil, fmt.Errorf("key of page tokens: %w", err)
	}
	d := &Door{
		lake: lake, gate: options.Gate.RequiringKeys(), tokens: tokens{tokenKey}, now: options.Now, log: options.Log, told: options.Answered, open: map[string]int{},
		afterFunc: options.AfterFunc, lookups: newThrottle(options.LookupsPerSecond, options.Now, options.AfterFunc),
	}
	if !lake.IsReadOnly() {
		if d.courier, err = lake.NewCourier(); err != nil {
			return nil, err
		}
	}
	d.ctx, d.close = context.WithCancel(context.Background())
	d.scheduleRefreshes()
	return d, nil
}

// Mount implements server.Door. GET is for presigned requests to STS.
func (d *Door) Mount(mux *http.ServeMux) {
	mux.Handle("POST /{$}", d)
	mux.Handle("GET /{$}", d)
	mux.Handle("POST /PutAuditEvents", d)
}

// Close implements server.Door. It cancels the running queries.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	if d.stopSchedule != nil {
		d.stopSchedule()
	}
	d.mu.Unlock()
	d.close()
	d.running.Wait()
	if d.courier != nil {
		d.courier.Close()
	}
}

// call is one request whose signature was verified.
type call struct {
	id        string // of the request
	caller    *access.Caller
	operation string
	members   map[string]any // of the input, checked
	userAgent string
	// presignedFor is how long the request may be repeated. 0: it is signed in its headers and valid for a few
	// minutes.
	presignedFor time.Duration
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: uuid.NewString(), userAgent: r.UserAgent()}
	w.Header().Set("x-amzn-RequestId", c.id)
	w.Header().Set("Cache-Control", "no-store")
	p := protocolOf(r)
	began := time.Now()
	counted := &statusWriter{ResponseWriter: w, status: http.StatusInternalServerError} // for panics before the answer
	defer func() { d.told(Answered{Operation: c.operation, Status: counted.status, Took: time.Since(began)}) }()
	answer, err := d.answer(r, p, c)
	if err != nil {
		failure := d.errorOf(c, err)
		d.note(r, p, c, nil, failure)
		p.writeError(counted, c, failure)
		return
	}
	d.note(r, p, c, answer, nil)
	p.writeAnswer(counted, c, answer)
}

// statusWriter records the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// answer runs a request and returns the answer's body.
func (d *Door) answer(r *http.Request, p protocol, c *call) ([]byte, error) {
	body, err := d.authenticate(r, p, c)
	if err != nil {
		return nil, err
	}
	if d.isClosed() {
		return nil, fail(serviceUnavailable, "The server is stopping.")
	}
	return p.do(d, r, c, body)
}

func (d *Door) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// authenticate identifies the caller and returns the request's body. It does the cheap checks before it reads the
// body.
func (d *Door) authenticate(r *http.Request, p protocol, c *call) (body []byte, err error) {
	if !p.takes(r.Method) {
		return nil, fail("UnknownOperationException", "Operations of %s take POST, not %s.", p.service(), r.Method)
	}
	signature, err := sigv4.Read(r)
	if err != nil {
		return nil, err
	}
	c.presignedFor = signature.PresignedFor()
	if err := signature.CheckScope(p.service(), p.regions(d.lake.Region())...); err != nil {
		return nil, err
	}
	if err := signature.CheckTime(d.now()); err != nil {
		return nil, err
	}
	from := access.OriginOf(r)
	if err := d.gate.CheckAttempt(signature.AccessKeyID, from); err != nil {
		return nil, err
	}
	credential, err := d.lake.Keys().Find(signature.AccessKeyID)
	if errors.Is(err, engine.ErrKeyNotFound) {
		return nil, cmp.Or(d.gate.NoteUnknown(signature.AccessKeyID, from), err)
	}
	if err != nil {
		return nil, err
	}
	server.AllowBody(r, maxBodyBytes)
	body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBodyBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fail("RequestEntityTooLargeException", "The body of the request is longer than %d bytes.", maxBodyBytes)
	case err != nil:
		return nil, fail("SerializationException", "The body of the request cannot be read: %v.", err)
	}
	invalid := signature.Verify(r, body, credential.Secret)
	if err := d.gate.NoteAttempt(credential.ID, from, invalid == nil); err != nil {
		return nil, err
	}
	if invalid != nil {
		return nil, invalid
	}
	if err := credential.Check(signature.SessionToken, d.now()); err != nil {
		return nil, err
	}
	c.caller, err = d.callerOf(r, credential)
	return body, err
}
