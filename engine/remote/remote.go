// Package remote asks a lake that another process holds. Statements go to that process over the lake's socket;
// rows, statistics and typed errors come back as if the lake were open here. Open opens the lake, or connects to
// its holder.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote/wire"
	"github.com/auditlake/auditlake/engine/socket"
)

// Statement is a question.
type Statement struct {
	SQL string
	// Arguments are the values of the statement's parameters, as engine.Arguments has them.
	Arguments []string
	MaxBytes  int64         // see engine.MaxBytes; 0: no limit
	Timeout   time.Duration // see engine.Timeout; 0: none
	TimeZone  string        // see engine.TimeZone; "": the session's
	User      string        // see engine.User
	Door      string        // see engine.ThroughDoor
	Keep      bool          // see engine.KeepResult
	// Session is what earlier statements changed. InSession allows the statement to change it, as in
	// engine.Lake.QueryInSession.
	Session   engine.SessionState
	InSession bool
}

func (s *Statement) request() *wire.Request {
	return &wire.Request{
		ID: uuid.NewString(), SQL: s.SQL, Arguments: s.Arguments, MaxBytes: s.MaxBytes, Timeout: s.Timeout, TimeZone: s.TimeZone,
		User: s.User, Door: s.Door, Keep: s.Keep, Session: s.Session, InSession: s.InSession,
	}
}

// Asked is a lake that answers statements, here or in another process.
type Asked interface {
	// Query runs a statement, as engine.Lake.Query does. The caller closes the answer.
	Query(ctx context.Context, s Statement) (Rows, error)
	// Estimate says what a statement would scan, as engine.Lake.Estimate does.
	Estimate(ctx context.Context, s Statement) (*engine.Estimate, error)
	Close() error
}

// Rows is an answer, read by one goroutine.
type Rows interface {
	answer.Source
	// Stats is what the query did so far. Others may call it.
	Stats() engine.Stats
	// QueryID is the query's in the lake's history.
	QueryID() string
	// Close ends the query, whether its answer was read to the end or not.
	Close() error
}

// Local is a lake of this process as Asked. Closing it closes the lake.
func Local(lake *engine.Lake) Asked { return local{lake} }

type local struct{ lake *engine.Lake }

func (l local) Query(ctx context.Context, s Statement) (Rows, error) {
	rows, err := s.request().Query(ctx, l.lake)
	if err != nil {
		return nil, err // an interface without a value, not one with a nil pointer
	}
	return localRows{rows}, nil
}

type localRows struct{ *engine.Rows }

func (r localRows) QueryID() string { return r.Query().ID() }

func (l local) Estimate(ctx context.Context, s Statement) (*engine.Estimate, error) {
	options, err := s.request().Options()
	if err != nil {
		return nil, err
	}
	return l.lake.Estimate(ctx, s.SQL, options...)
}

func (l local) Close() error { return l.lake.Close() }

// Options say how another process is asked. The zero value is right for most.
type Options struct {
	// Prices are those of statistics and estimates; nil: engine.DefaultPrices.
	Prices *engine.Prices
	// Patience is how long the other process may be silent before it is given up with
	// a *socket.SilentError; 0: a minute.
	Patience time.Duration
}

// Open opens a lake for statements: here, or through the process that holds it. The error wraps engine.ErrLocked if
// that process does not serve the lake.
func Open(ctx context.Context, dir string, here engine.Options, there Options) (Asked, error) {
	lake, err := engine.Open(ctx, dir, here)
	if err == nil {
		return Local(lake), nil
	}
	if !errors.Is(err, engine.ErrLocked) {
		return nil, err
	}
	if there.Prices == nil {
		there.Prices = here.Prices
	}
	other, dialErr := Dial(ctx, dir, there)
	if errors.Is(dialErr, socket.ErrNoHolder) {
		return nil, err
	}
	if dialErr != nil {
		return nil, dialErr
	}
	return other, nil
}

// Lake is a lake that another process holds. It is safe for concurrent use.
type Lake struct {
	dir     string
	options Options
	client  *http.Client
	pid     atomic.Int64 // of the holder
}

// address is a host's name that HTTP wants; the socket is what is dialled.
const address = "http://lake"

// answerHeaderBytes is the largest allowed header of an answer.
const answerHeaderBytes = 64 << 10

// defaultPatience is far longer than a loaded machine keeps a process waiting.
const defaultPatience = time.Minute

// Dial connects to the process that holds the lake in dir: socket.ErrNoHolder if
// there is none, or it does not serve. The caller closes the lake.
func Dial(ctx context.Context, dir string, options Options) (*Lake, error) {
	if options.Prices == nil {
		options.Prices = engine.DefaultPrices()
	}
	if options.Patience <= 0 {
		options.Patience = defaultPatience
	}
	l := &Lake{dir: dir, options: options}
	l.client = &http.Client{Transport: &http.Transport{
		DialContext: l.dial, MaxIdleConnsPerHost: 4, IdleConnTimeout: 5 * time.Minute, MaxResponseHeaderBytes: answerHeaderBytes, DisableCompression: true,
	}}
	if err := l.alive(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close hangs up. Answers that are still being read end with an error.
func (l *Lake) Close() error {
	l.client.CloseIdleConnections()
	return nil
}

// dial connects, checks who answers and asks for HTTP.
func (l *Lake) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, err := socket.Dial(ctx, l.dir)
	if err != nil {
		return nil, err
	}
	l.pid.Store(int64(socket.PeerPID(conn))) // a holder that is stopped never greets
	if err := l.greet(ctx, conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (l *Lake) greet(ctx context.Context, conn *net.UnixConn) error {
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(l.options.Patience)); err != nil {
		return err
	}
	g, err := socket.ReadGreeting(conn)
	if err == nil {
		l.pid.Store(int64(g.PID))
		if err := g.CheckQueries(l.dir); err != nil {
			return err
		}
		err = socket.AskForHTTP(conn)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return l.silent(false)
	case errors.Is(err, socket.ErrNotAuditlake):
		return err
	case err != nil:
		return socket.ErrNoHolder
	}
	return conn.SetDeadline(time.Time{})
}

// send sends a request and returns its answer, if its status is 200 or 204.
func (l *Lake) send(ctx context.Context, method, path string, request *wire.Request) (*http.Response, error) {
	var body io.Reader
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		if len(text) > wire.MaxRequestBytes {
			return nil, fmt.Errorf("%w: the statement with its arguments has %d bytes: more than %d", engine.ErrInvalidParameter, len(text), wire.MaxRequestBytes)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, address+path, body)
	if err != nil {
		return nil, err
	}
	response, err := l.client.Do(r)
	if err != nil {
		return nil, l.unanswered(ctx, err)
	}
	if response.StatusCode == http.StatusOK || response.StatusCode == http.StatusNoContent {
		return response, nil
	}
	defer response.Body.Close()
	return nil, refusal(response)
}

// unanswered returns why a request got no answer.
func (l *Lake) unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var silent *socket.SilentError
	var version *socket.VersionError
	for _, known := range []error{socket.ErrNoHolder, socket.ErrHolderBusy, socket.ErrOtherUser, socket.ErrNotAuditlake} {
		if errors.Is(err, known) {
			return err
		}
	}
	if errors.As(err, &silent) || errors.As(err, &version) {
		return err
	}
	return fmt.Errorf("%w (%w)", socket.ErrHolderEnded, err)
}

const maxFailureBytes = 16 << 20

// refusal reads what is wrong with a request.
func refusal(response *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxFailureBytes))
	if err != nil {
		return fmt.Errorf("%w (%w)", socket.ErrHolderEnded, err)
	}
	switch response.StatusCode {
	case http.StatusUnprocessableEntity:
		failure := &wire.Failure{}
		if err := json.Unmarshal(text, failure); err == nil {
			return failure.Err()
		}
	case http.StatusServiceUnavailable:
		return socket.ErrHolderEnded
	}
	return fmt.Errorf("the process that holds the lake answered %s: %s", response.Status, bytes.TrimSpace(text))
}

// alive asks whether the holder answers.
func (l *Lake) alive(ctx context.Context) error {
	waited, cancel := context.WithTimeout(ctx, l.options.Patience)
	defer cancel()
	response, err := l.send(waited, http.MethodGet, wire.AlivePath, nil)
	if err != nil && ctx.Err() == nil && waited.Err() != nil {
		return l.silent(false)
	}
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func (l *Lake) silent(printed bool) *socket.SilentError {
	return &socket.SilentError{PID: int(l.pid.Load()), Patience: l.options.Patience, Printed: printed}
}

// lifeChecks is how often the holder is asked for a sign of life within its patience.
const lifeChecks = 4

// watch ends a request, whose context cancel ends, if the holder shows no sign of life.
func (l *Lake) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	every := time.NewTicker(max(l.options.Patience/lifeChecks, time.Millisecond))
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		var silent *socket.SilentError
		if err := l.alive(ctx); errors.As(err, &silent) {
			cancel(silent)
			return
		}
	}
}

// Estimate implements Asked.
func (l *Lake) Estimate(ctx context.Context, s Statement) (*engine.Estimate, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go l.watch(ctx, cancel)
	response, err := l.send(ctx, http.MethodPost, wire.EstimatePath, s.request())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	estimate := &engine.Estimate{}
	if err := json.NewDecoder(response.Body).Decode(estimate); err != nil {
		return nil, l.unanswered(ctx, err)
	}
	price := l.options.Prices.Query
	estimate.LowPrice, estimate.HighPrice = price(estimate.LowBytes-estimate.FreeLowBytes), price(estimate.HighBytes-estimate.FreeHighBytes)
	return estimate, nil
}
