// Package wire is what a statement and its answer are between two processes: the
// request as JSON; the answer as an Arrow IPC stream, after which its end follows as
// JSON. socket.QueryProtocol grows with every change here.
package wire

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// The paths of the door.
const (
	QueryPath    = "/local/v1/query"    // POST Request; the answer
	EstimatePath = "/local/v1/estimate" // POST Request; an Estimate
	RunningPath  = "/local/v1/running/" // GET with a Request's ID; Stats so far
	AlivePath    = "/local/v1/alive"    // GET; nothing
)

// QueryIDHeader of an answer is the query's id in the lake's history.
const QueryIDHeader = "Auditlake-Query"

// MaxRequestBytes is more than a statement with its arguments may have.
const MaxRequestBytes = 4 << 20

// Request is a statement with what its session says.
type Request struct {
	// ID names the query while it runs, for its client.
	ID        string        `json:"id"`
	SQL       string        `json:"sql"`
	Arguments []string      `json:"arguments,omitempty"`
	MaxBytes  int64         `json:"maxBytes,omitempty"`
	Timeout   time.Duration `json:"timeoutNanos,omitempty"`
	TimeZone  string        `json:"timeZone,omitempty"`
	User      string        `json:"user,omitempty"`
	Door      string        `json:"door,omitempty"`
	Keep      bool          `json:"keep,omitempty"`
	// Session is what earlier statements of the client changed. InSession: the statement may be one that changes it.
	Session   engine.SessionState `json:"session"`
	InSession bool                `json:"inSession,omitempty"`
}

// Query runs the request on a lake.
func (r *Request) Query(ctx context.Context, lake *engine.Lake) (rows *engine.Rows, err error) {
	options, err := r.Options()
	switch {
	case err != nil:
		lake.Queries().NoteEnded(r.SQL, err, options...)
	case r.InSession:
		rows, _, err = lake.QueryInSession(ctx, &r.Session, r.SQL, options...) // its client applies the change
	default:
		rows, err = lake.Query(ctx, r.SQL, options...)
	}
	return rows, err
}

// Options returns the request as the engine takes it. What the session says counts
// more than the rest. The error is a session that cannot be.
func (r *Request) Options() ([]engine.QueryOption, error) {
	options := []engine.QueryOption{engine.Arguments(r.Arguments...)}
	if r.MaxBytes > 0 {
		options = append(options, engine.MaxBytes(r.MaxBytes))
	}
	if r.Timeout > 0 {
		options = append(options, engine.Timeout(r.Timeout))
	}
	if r.TimeZone != "" {
		options = append(options, engine.TimeZone(r.TimeZone))
	}
	if r.User != "" {
		options = append(options, engine.User(r.User))
	}
	if r.Door != "" {
		options = append(options, engine.ThroughDoor(r.Door))
	}
	if r.Keep {
		options = append(options, engine.KeepResult())
	}
	of, err := r.Session.Options()
	return append(options, of...), err
}

// Stats is engine.Stats with every field as it is.
type Stats engine.Stats

// End follows the rows of an answer. An answer without it was cut.
type End struct {
	Stats   Stats    `json:"stats"`
	Failure *Failure `json:"failure,omitempty"`
}

// Failure is an error on its way to another process.
type Failure struct {
	Text string `json:"text"` // of the whole error
	// Name, Message, Line and Column describe the *engine.Error in its chain, if there is one.
	Name      string `json:"name,omitempty"`
	Message   string `json:"message,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	Cancelled bool   `json:"cancelled,omitempty"` // its chain has context.Canceled
	Invalid   bool   `json:"invalid,omitempty"`   // its chain has engine.ErrInvalidParameter
}

// FailureOf returns what travels of an error, nil for nil.
func FailureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	f := &Failure{Text: err.Error(), Cancelled: errors.Is(err, context.Canceled), Invalid: errors.Is(err, engine.ErrInvalidParameter)}
	var e *engine.Error
	if errors.As(err, &e) {
		f.Name, f.Message, f.Line, f.Column = e.Name, e.Message, e.Pos.Line, e.Pos.Column
	}
	return f
}

// Err returns the error that FailureOf was given, as far as it travelled; nil for nil.
func (f *Failure) Err() error {
	if f == nil {
		return nil
	}
	out := &failure{text: f.Text}
	if f.Name != "" {
		e := &engine.Error{Name: f.Name, Message: f.Message}
		e.Pos.Line, e.Pos.Column = f.Line, f.Column
		if e.Error() == f.Text {
			return e
		}
		out.causes = append(out.causes, e)
	}
	if f.Cancelled {
		out.causes = append(out.causes, context.Canceled)
	}
	if f.Invalid {
		out.causes = append(out.causes, engine.ErrInvalidParameter)
	}
	return out
}

// failure is an error of another process.
type failure struct {
	text   string
	causes []error
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return f.causes }

// ParseRequest reads a request, which has at most MaxRequestBytes.
func ParseRequest(text []byte) (*Request, error) {
	r := &Request{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, err
	}
	if r.MaxBytes < 0 || r.Timeout < 0 {
		return nil, errors.New("a limit of the request is negative")
	}
	return r, nil
}
