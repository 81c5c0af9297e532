package engine

import (
	"cmp"
	"context"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/engine/session"
)

// The types of sessions; engine/session interprets their statements.
type (
	// SessionState is what a client's statements change for later statements.
	SessionState = session.State
	// SessionRequest is what a statement asks of the keeper of its session.
	SessionRequest = session.Request
	// SessionChange is a change of a session.
	SessionChange = session.Change
	// SessionKill is CALL system.runtime.kill_query.
	SessionKill = session.Kill
	// SessionTransaction is START TRANSACTION, COMMIT or ROLLBACK.
	SessionTransaction = session.Transaction
)

// TimeZoneProperty is the session property that SET TIME ZONE changes.
const TimeZoneProperty = session.TimeZoneProperty

// Session runs statements one after the other. PREPARE, USE, SET SESSION, SET TIME ZONE and the like change it for
// later statements. Only one goroutine may use it at a time.
type Session struct {
	lake  *Lake
	state session.State
}

// NewSession begins a session. It needs no closing.
func (l *Lake) NewSession() *Session { return &Session{lake: l} }

// Query is Lake.Query within the session. A statement that changes the session answers with one row of one boolean
// column, as Trino does. The options take precedence over the session.
func (s *Session) Query(ctx context.Context, sql string, options ...QueryOption) (*Rows, error) {
	rows, change, err := s.lake.QueryInSession(ctx, &s.state, sql, options...)
	if err == nil && change != nil {
		s.state.Apply(change)
	}
	return rows, err
}

// QueryInSession is Session.Query for callers that keep the session themselves: it does not change state. The
// returned change is what the statement asks to apply to it; nil: nothing.
func (l *Lake) QueryInSession(ctx context.Context, state *SessionState, sql string, options ...QueryOption) (*Rows, *SessionChange, error) {
	run, request, err := state.Resolve(sql)
	of, sessionErr := state.Options()
	if err = cmp.Or(err, sessionErr); err != nil {
		l.queries.NoteEnded(sql, err, append(of, options...)...)
		return nil, nil, err
	}
	if request.Change != nil {
		of = append(of, query.Written(sql))
	} else {
		of = append(of, query.Parsed(request.Parsed))
	}
	rows, err := l.Query(ctx, run, append(of, options...)...)
	return rows, request.Change, err
}
