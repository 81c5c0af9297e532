package remote

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote/wire"
	"github.com/auditlake/auditlake/engine/socket"
)

// Answer is the answer of another process.
type Answer struct {
	lake   *Lake
	id     string
	ctx    context.Context
	cancel context.CancelCauseFunc
	http   *http.Response
	in     *wire.Reader // nil before Ready
	arrays []arrow.Array
	begun  bool // rows were handed out
	over   bool
	err    error

	mu    sync.Mutex
	stats engine.Stats // mu; what is known
	ended bool         // mu; stats are the last
}

var _ Rows = (*Answer)(nil)

// Query implements Asked. socket.ErrHolderEnded means that the holder ended before the first row; the caller may
// then ask again, of the process that holds the lake by then.
func (l *Lake) Query(ctx context.Context, s Statement) (Rows, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	go l.watch(ctx, cancel)
	request := s.request()
	response, err := l.send(ctx, http.MethodPost, wire.QueryPath, request)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	return &Answer{lake: l, id: request.ID, ctx: ctx, cancel: cancel, http: response}, nil
}

// Ready waits for the first rows, or the end of an answer without any. Its error is
// also that of Err.
func (a *Answer) Ready() error {
	if a.in != nil || a.over {
		return a.err
	}
	in, err := wire.NewReader(a.http.Body)
	if err != nil {
		a.fail(err)
		return a.err
	}
	a.in = in
	return nil
}

// Columns implements answer.Source: none if there is no answer, see Err.
func (a *Answer) Columns() []answer.Column {
	if a.Ready() != nil || a.in == nil {
		return nil
	}
	return a.in.Columns()
}

// Next implements answer.Source.
func (a *Answer) Next() bool {
	a.arrays = nil
	if a.Ready() != nil || a.over {
		return false
	}
	arrays, err := a.in.ReadRows()
	if err != nil {
		a.fail(err)
		return false
	}
	if arrays == nil {
		a.readEnd()
		return false
	}
	a.arrays, a.begun = arrays, true
	return true
}

func (a *Answer) readEnd() {
	end, err := a.in.ReadEnd()
	if err != nil {
		a.fail(err)
		return
	}
	a.noteStats(end.Stats, true)
	a.over, a.err = true, end.Failure.Err()
}

// fail ends the answer with the error that kept it from being read.
func (a *Answer) fail(err error) {
	var silent *socket.SilentError
	switch cause := context.Cause(a.ctx); {
	case errors.As(cause, &silent):
		err = a.lake.silent(a.begun)
	case cause != nil:
		err = cause
	case errors.Is(err, wire.ErrCut) && a.begun:
		err = &socket.LostError{Printed: true}
	case errors.Is(err, wire.ErrCut):
		err = socket.ErrHolderEnded
	}
	a.over, a.err = true, err
}

// QueryID implements Rows.
func (a *Answer) QueryID() string { return a.http.Header.Get(wire.QueryIDHeader) }

// Arrays implements answer.Source.
func (a *Answer) Arrays() []arrow.Array { return a.arrays }

// Err implements answer.Source.
func (a *Answer) Err() error { return a.err }

func (a *Answer) noteStats(s wire.Stats, last bool) engine.Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ended {
		a.stats, a.ended = engine.Stats(s), last
		a.stats.Price = a.lake.options.Prices.Query(a.stats.BytesScanned - a.stats.FreeBytes)
	}
	return a.stats
}

// statsWait is how long looking at a query's progress may take.
const statsWait = time.Second

// Stats implements Rows. Until the end it asks the holder.
func (a *Answer) Stats() engine.Stats {
	a.mu.Lock()
	known, ended := a.stats, a.ended
	a.mu.Unlock()
	if ended {
		return known
	}
	ctx, cancel := context.WithTimeout(a.ctx, statsWait)
	defer cancel()
	response, err := a.lake.send(ctx, http.MethodGet, wire.RunningPath+a.id, nil)
	if err != nil {
		return known
	}
	defer response.Body.Close()
	var now wire.Stats
	if json.NewDecoder(response.Body).Decode(&now) != nil {
		return known
	}
	return a.noteStats(now, false)
}

// StatsJSON is Stats for answer's trino format.
func (a *Answer) StatsJSON() ([]byte, error) { return json.Marshal(a.Stats()) }

// Close implements Rows. The holder cancels a query whose answer was not read to its end.
func (a *Answer) Close() error {
	a.cancel(nil)
	a.over = true
	return a.http.Body.Close()
}
