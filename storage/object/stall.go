package object

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ErrStalled: the server sends nothing more, and keeps the connection.
var ErrStalled = errors.New("the server sends nothing")

// defaultStallAfter is how long a server may be silent within an object.
const defaultStallAfter = 10 * time.Second

// maxReads is how often an object is asked for that stalls.
const maxReads = 2

// watch ends the reading of an object when the server is silent for too long. While nothing is asked of the server, and while
// the client waits before it tries again, it does not count.
type watch struct {
	after  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func newWatch(ctx context.Context, after time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{after: after, cancel: cancel}
	w.timer = time.AfterFunc(after, func() { cancel(fmt.Errorf("%w for %s", ErrStalled, after)) })
	w.timer.Stop()
	return ctx, w
}

// listen begins to wait for the server.
func (w *watch) listen() { w.timer.Reset(w.after) }

// pause stops waiting.
func (w *watch) pause() { w.timer.Stop() }

func (w *watch) close() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}

// listening is an HTTP client that waits for answers with a watch.
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

// stalled returns the error of a watch that ended a request, otherwise nil.
func stalled(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrStalled) {
		return cause
	}
	return nil
}
