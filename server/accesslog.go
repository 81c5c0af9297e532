package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// maxLoggedPathBytes limits how much of the log one stranger's path can fill.
const maxLoggedPathBytes = 200

// logged writes a line for each request. Paths that match a door's pattern are logged as the pattern, because they
// may hold what only the client should know. A panic ends its request alone, and is logged with its stack.
func (h *Hall) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		counting := &countingWriter{ResponseWriter: w}
		defer func() {
			p := recover()
			if p != nil && p != http.ErrAbortHandler {
				h.options.Log.Error("panic while serving", "route", route(r), "panic", p, "stack", string(debug.Stack()))
			}
			if p != nil && counting.status == 0 {
				http.Error(counting, "internal error", http.StatusInternalServerError)
				p = nil
			}
			h.logRequest(r, counting, time.Since(start))
			if p != nil {
				panic(http.ErrAbortHandler) // cuts off the answer, so that the client sees the failure
			}
		}()
		next.ServeHTTP(counting, r)
	})
}

func (h *Hall) logRequest(r *http.Request, w *countingWriter, took time.Duration) {
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	h.options.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("route", route(r)), slog.Int("status", status),
		slog.Int64("bytes", w.bytes), slog.Duration("took", took), slog.String("remote", r.RemoteAddr), slog.Bool("tls", r.TLS != nil))
}

// route returns the pattern that a request's path matched, or else the path.
func route(r *http.Request) string {
	if r.Pattern != "" {
		return r.Pattern
	}
	return r.URL.Path[:min(len(r.URL.Path), maxLoggedPathBytes)]
}

// countingWriter records the status and size of an answer.
type countingWriter struct {
	http.ResponseWriter
	status int // 0 before the answer begins
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *countingWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // informational statuses come first
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *countingWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}
