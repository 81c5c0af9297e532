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

// ErrStalled: the server sends nothing more, and keeps the connection.
var ErrStalled = errors.New("the server sends nothing")

// defaultStallAfter is how long a server may be silent within an object.
const defaultStallAfter = 10 * time.Second

// maxTries is how often an object, or a page of a list, is asked for that stalls.
const maxTries = 2

// stalledHint tells what to do about a server that stalls.
const stalledHint = "tried twice; import again to try once more"

// watch ends the reading of an object or a page when the server is silent for too long. While nothing is asked of the server, and while
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

// listeningToEnd waits for answers and for what they hold with a watch.
type listeningToEnd struct{ listening }

// Do implements s3.HTTPClient.
func (l listeningToEnd) Do(r *http.Request) (*http.Response, error) {
	answer, err := l.listening.Do(r)
	if err == nil {
		answer.Body = watchedBody{answer.Body, l.watch}
	}
	return answer, err
}

// watchedBody is what an answer holds.
type watchedBody struct {
	io.ReadCloser
	watch *watch
}

// Read implements io.Reader.
func (b watchedBody) Read(p []byte) (int, error) {
	b.watch.listen()
	defer b.watch.pause()
	return b.ReadCloser.Read(p)
}

// stalled returns the error of a watch that ended a request, otherwise nil.
func stalled(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrStalled) {
		return cause
	}
	return nil
}
