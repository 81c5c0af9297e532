// Package local is the door to a lake for other processes of the same user. It takes a statement and returns its
// rows, statistics and typed errors. It is served over the lake's socket, which checks its clients; engine/remote
// is the client.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/remote/wire"
)

// requestTimeout is how long a request may take to arrive.
const requestTimeout = 30 * time.Second

// errClosed ends statements when the door is closed.
var errClosed = errors.New("the process that holds the lake is ending")

// Door answers statements. It is a server.Door and an http.Handler. It lets in every client.
type Door struct {
	lake  *engine.Lake
	mux   *http.ServeMux
	ctx   context.Context
	close context.CancelCauseFunc

	mu      sync.Mutex
	closed  bool                    // mu
	running map[string]*engine.Rows // mu; by the client's id
	work    sync.WaitGroup
}

// New returns a door to a lake. The caller closes it before the lake.
func New(lake *engine.Lake) *Door {
	d := &Door{lake: lake, mux: http.NewServeMux(), running: map[string]*engine.Rows{}}
	d.ctx, d.close = context.WithCancelCause(context.Background())
	d.Mount(d.mux)
	return d
}

// Mount implements server.Door.
func (d *Door) Mount(mux *http.ServeMux) {
	mux.HandleFunc("POST "+wire.QueryPath, d.query)
	mux.HandleFunc("POST "+wire.EstimatePath, d.estimate)
	mux.HandleFunc("GET "+wire.RunningPath+"{id}", d.showRunning)
	mux.HandleFunc("GET "+wire.AlivePath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// Close implements server.Door.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.close(errClosed)
	d.work.Wait()
}

// begin reads a request. If it returns nil, the request is answered; otherwise the caller calls end. The lake
// limits how many statements run and wait.
func (d *Door) begin(w http.ResponseWriter, r *http.Request) (request *wire.Request, ctx context.Context, end func()) {
	body := http.NewResponseController(w)
	_ = body.SetReadDeadline(time.Now().Add(requestTimeout)) // a slow client hangs up at worst
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxRequestBytes))
	if err == nil {
		request, err = wire.ParseRequest(text)
	}
	if err != nil {
		http.Error(w, "request: "+err.Error(), http.StatusBadRequest)
		return nil, nil, nil
	}
	_ = body.SetReadDeadline(time.Time{})
	if request.Door == "" {
		request.Door = "socket"
	}
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		http.Error(w, errClosed.Error(), http.StatusServiceUnavailable)
		return nil, nil, nil
	}
	d.work.Add(1)
	d.mu.Unlock()
	ctx, cancel := context.WithCancelCause(r.Context())
	stop := context.AfterFunc(d.ctx, func() { cancel(errClosed) })
	return request, ctx, func() {
		stop()
		cancel(nil)
		d.work.Done()
	}
}

// query runs a statement at its client's pace. The statement ends if the client hangs up.
func (d *Door) query(w http.ResponseWriter, r *http.Request) {
	request, ctx, end := d.begin(w, r)
	if request == nil {
		return
	}
	defer end()
	rows, err := request.Query(ctx, d.lake)
	if err != nil {
		refuse(w, err)
		return
	}
	d.noteRunning(request.ID, rows)
	defer d.forgetRunning(request.ID)
	w.Header().Set(wire.QueryIDHeader, rows.Query().ID())
	w.Header().Set("Content-Type", "application/vnd.apache.arrow.stream")
	sending := http.NewResponseController(w)
	err = sending.Flush() // the statement is valid, and its client may ask for its progress
	out := wire.NewWriter(w, rows.Columns())
	for err == nil && rows.Next() {
		err = errors.Join(out.WriteRows(rows.Arrays()), sending.Flush())
	}
	if err != nil { // the client is gone
		_ = rows.Close()
		return
	}
	failure := errors.Join(rows.Err(), rows.Close())
	// A client that gets no end knows that the answer is cut off.
	_ = out.WriteEnd(wire.End{Stats: wire.Stats(rows.Stats()), Failure: wire.FailureOf(failure)})
}

func (d *Door) estimate(w http.ResponseWriter, r *http.Request) {
	request, ctx, end := d.begin(w, r)
	if request == nil {
		return
	}
	defer end()
	options, err := request.Options()
	if err != nil {
		refuse(w, err)
		return
	}
	estimate, err := d.lake.Estimate(ctx, request.SQL, options...)
	if err != nil {
		refuse(w, err)
		return
	}
	writeJSON(w, http.StatusOK, estimate)
}

func (d *Door) noteRunning(id string, rows *engine.Rows) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running[id] = rows
}

func (d *Door) forgetRunning(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, id)
}

// showRunning answers with the progress of a statement.
func (d *Door) showRunning(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	rows := d.running[r.PathValue("id")]
	d.mu.Unlock()
	if rows == nil {
		http.Error(w, "no such statement runs", http.StatusNotFound)
		return
	}
	writeJSON(w, http.StatusOK, wire.Stats(rows.Stats()))
}

// refuse answers with the error of a statement.
func refuse(w http.ResponseWriter, err error) {
	writeJSON(w, http.StatusUnprocessableEntity, wire.FailureOf(err))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a client that is gone needs none
}
