package remote

import (
	"context"

	"github.com/auditlake/auditlake/engine"
)

// Session is engine.Session over a lake that may be another process's: PREPARE, USE,
// SET SESSION, SET TIME ZONE and their like change it for the statements after them.
// It is for one goroutine at a time.
type Session struct {
	lake  Asked
	state engine.SessionState
}

// NewSession begins a session. There is nothing to close.
func NewSession(lake Asked) *Session { return &Session{lake: lake} }

// Query is Asked.Query within the session, which replaces that of the statement.
func (s *Session) Query(ctx context.Context, statement Statement) (Rows, error) {
	run, change, err := s.state.Resolve(statement.SQL)
	if err != nil {
		return nil, err
	}
	statement.SQL, statement.Session = run, s.state
	rows, err := s.lake.Query(ctx, statement)
	if err == nil && change != nil {
		s.state.Apply(change)
	}
	return rows, err
}
