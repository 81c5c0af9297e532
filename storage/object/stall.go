package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ErrStalled: the server keeps the connection and sends nothing more, or next to nothing.
var ErrStalled = errors.New("the server stalled")

// defaultStallAfter is how long a server may be silent during an object.
const defaultStallAfter = 10 * time.Second

// A server may also be too slow to be of use. In each period of slowStalls times the allowed silence, at least
// leastBytesPerSecond must arrive, which is less than each of many requests gets on a bad line.
const (
	slowStalls          = 3
	leastBytesPerSecond = 100
)

// maxTries is how often an object or a page of a list is requested if it stalls.
const maxTries = 2

// stalledHint says what to do about a server that stalls.
const stalledHint = "tried twice; run the import again to retry"

// watch ends the reading of an object or a page when the server is silent, or sends hardly anything, for too long.
// Time does not count while no request waits for the server, and while the client pauses before a retry.
type watch struct {
	after  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc

	// Of the answer's body, since the last time enough bytes had come; the reading goroutine owns them:
	waited time.Duration
	bytes  int
}

func newWatch(ctx context.Context, after time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{after: after, cancel: cancel}
	w.timer = time.AfterFunc(after, func() { cancel(fmt.Errorf("%w: no data for %s", ErrStalled, after)) })
	w.timer.Stop()
	return ctx, w
}

// listen begins to wait for the server.
func (w *watch) listen() { w.timer.Reset(w.after) }

// pause stops waiting.
func (w *watch) pause() { w.timer.Stop() }

// read reads bytes of the server, and ends the request if too few have come for a while.
func (w *watch) read(from io.Reader, p []byte) (int, error) {
	begun := time.Now()
	w.listen()
	n, err := from.Read(p)
	w.pause()
	w.waited, w.bytes = w.waited+time.Since(begun), w.bytes+n
	if err != nil || w.waited < slowStalls*w.after {
		return n, err
	}
	if float64(w.bytes) < leastBytesPerSecond*w.waited.Seconds() {
		err = fmt.Errorf("%w: only %d bytes in %s", ErrStalled, w.bytes, w.waited.Round(time.Second))
		w.cancel(err)
	}
	w.waited, w.bytes = 0, 0
	return n, err
}

func (w *watch) close() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}

// listening is an HTTP client that watches the wait for answers.
type listening struct {
	next  s3.HTTPClient
	watch *watch
}

// Do implements s3.HTTPClient.
func (l listening) Do(r *http.Request) (*http.Response, error) {
	l.watch.listen()
	defer l.watch.pause()
	return l.next.Do(r)
}

// listeningToEnd watches the wait for answers and the reading of their bodies.
type listeningToEnd struct{ listening }

// Do implements s3.HTTPClient.
func (l listeningToEnd) Do(r *http.Request) (*http.Response, error) {
	answer, err := l.listening.Do(r)
	if err == nil {
		answer.Body = watchedBody{answer.Body, l.watch}
	}
	return answer, err
}

// watchedBody is the body of an answer.
type watchedBody struct {
	io.ReadCloser
	watch *watch
}

// Read implements io.Reader.
func (b watchedBody) Read(p []byte) (int, error) {
	return b.watch.read(b.ReadCloser, p)
}

// stalled returns the error of a watch that ended a request, otherwise nil.
func stalled(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrStalled) {
		return cause
	}
	return nil
}
