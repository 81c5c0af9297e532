package server

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// strangerBodyBytes limits a body before a door lets its request in: sign-ins are shorter.
	strangerBodyBytes = 64 << 10
	// strangerTimeout is how long such a body may take to arrive.
	strangerTimeout = 10 * time.Second
	// signedTimeout is how long a body may take if its signature is checked after it has arrived, see AllowBody.
	signedTimeout = 30 * time.Second
	// lingerTimeout is how long the rest of a request is discarded after its answer, so that the client reads the
	// answer and not a reset.
	lingerTimeout = 500 * time.Millisecond
)

// visit is the hall's state of a request: whether a door let it in, and how far its body has arrived. Until a door
// lets the request in, its body is limited in length and time.
type visit struct {
	conn       *connection // nil: the listener is not the hall's
	controller *http.ResponseController
	isShared   bool // the connection has other requests at the same time

	isAdmitted atomic.Bool
	maxBytes   atomic.Int64 // of the body before a door lets the request in
	arrived    sync.Once
	hasArrived atomic.Bool
}

type visitKey struct{}

// visitOf returns the visit of a request, nil for a request that did not come through a hall.
func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	return v
}

// Admit lifts the limits on a stranger's body. A door calls it when it lets a request in without a key.
func Admit(r *http.Request) {
	if v := visitOf(r); v != nil && !v.isAdmitted.Swap(true) {
		v.expectBody(readTimeout)
	}
}

// Identify is Admit for an authenticated request. From then on the hall does not close the request's connection to
// make room for strangers.
func Identify(r *http.Request) {
	Admit(r)
	if v := visitOf(r); v != nil && v.conn != nil {
		v.conn.identify()
	}
}

// AllowBody raises the limit of a request's body to maxBytes before the request is let in: the door needs the whole
// body to authenticate it.
func AllowBody(r *http.Request, maxBytes int64) {
	if v := visitOf(r); v != nil && !v.isAdmitted.Load() {
		v.maxBytes.Store(maxBytes)
		v.expectBody(signedTimeout)
	}
}

// expectBody sets the deadline for the rest of the body.
func (v *visit) expectBody(timeout time.Duration) {
	if !v.hasArrived.Load() {
		_ = v.controller.SetReadDeadline(time.Now().Add(timeout)) // only tests have connections without deadlines
	}
}

// arrive notes that the whole request has arrived.
func (v *visit) arrive() {
	v.arrived.Do(func() {
		// net/http's own deadline; it ends the read by which net/http notices that the client is gone
		v.expectBody(readTimeout)
		v.hasArrived.Store(true)
		if v.conn != nil {
			v.conn.beginWork()
		}
	})
}

// end notes that the request is answered.
func (v *visit) end() {
	if v.conn != nil && v.isShared && v.hasArrived.Load() {
		v.conn.endWork()
	}
}

// watched limits what strangers send, and closes their connections if no door lets them in.
func watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _ := r.Context().Value(connectionKey{}).(*connection)
		v := &visit{conn: conn, controller: http.NewResponseController(w), isShared: r.ProtoMajor > 1}
		v.maxBytes.Store(strangerBodyBytes)
		defer v.end()
		hasBody := r.Body != nil && r.Body != http.NoBody
		asked := r
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		defer func() { asked.Pattern = r.Pattern }() // for the access log
		if hasBody {
			v.expectBody(strangerTimeout)
			r.Body = &watchedBody{ReadCloser: r.Body, visit: v, left: r.ContentLength}
		} else {
			v.arrive()
		}
		next.ServeHTTP(&watchedWriter{ResponseWriter: w, visit: v}, r)
	})
}

// watchedBody is the body of a request.
type watchedBody struct {
	io.ReadCloser
	visit *visit
	read  int64
	left  int64 // negative: unknown
}

// Read implements io.Reader. Its error is an *http.MaxBytesError if a stranger's body is too long.
func (b *watchedBody) Read(p []byte) (int, error) {
	if limit := b.visit.maxBytes.Load(); !b.visit.isAdmitted.Load() {
		if b.read > limit {
			return 0, &http.MaxBytesError{Limit: limit}
		}
		p = p[:min(int64(len(p)), limit+1-b.read)]
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if err == io.EOF || b.left >= 0 && b.read >= b.left {
		b.visit.arrive()
	}
	if limit := b.visit.maxBytes.Load(); b.read > limit && !b.visit.isAdmitted.Load() {
		return n, &http.MaxBytesError{Limit: limit}
	}
	return n, err
}

// watchedWriter closes the connection after the answer if the request was refused or its body was not read to the
// end.
type watchedWriter struct {
	http.ResponseWriter
	visit *visit
	began bool
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) WriteHeader(status int) {
	if !w.began && status >= http.StatusOK {
		w.began = true
		v := w.visit
		isRefused, isPartial := status >= http.StatusBadRequest && !v.isAdmitted.Load(), !v.hasArrived.Load()
		if isRefused || isPartial && !v.isShared {
			w.Header().Set("Connection", "close")
			if v.conn != nil && !v.isShared {
				v.conn.refuse()
			}
		}
		if isPartial {
			v.expectBody(lingerTimeout)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	if !w.began {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}
