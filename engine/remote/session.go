package remote

import (
	"context"
	"errors"

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

// Query is Asked.Query within this session, which replaces the statement's.
func (s *Session) Query(ctx context.Context, statement Statement) (Rows, error) {
	_, request, err := s.state.Resolve(statement.SQL)
	statement.Session, statement.InSession = s.state, true
	// The lake resolves the statement again, and lists it even if it is wrong.
	rows, askErr := s.lake.Query(ctx, statement)
	switch {
	case askErr != nil && err == nil:
		return nil, askErr
	case err != nil:
		if askErr == nil {
			err = errors.Join(err, rows.Close())
		}
		return nil, err
	}
	if request.Change != nil {
		s.state.Apply(request.Change)
	}
	return rows, nil
}
