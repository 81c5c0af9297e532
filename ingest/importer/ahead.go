package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/schema"
)

// Objects of a server are fetched ahead of the workers, many at a time, because a request takes long and costs
// little. The limit of requests in flight begins low and grows with each answer, until objects that were fetched
// but not read fill the memory for them. From then on the workers, not the server, are the bottleneck.
const (
	firstRequests = 16
	mostRequests  = 128
	// MaxConcurrency is the maximum of Options.Concurrency.
	MaxConcurrency = 1024

	aheadBytes       = 48 << 20 // room for fetched objects
	aheadObjectBytes = 8 << 20  // a larger object is read by its worker
	aheadObjects     = 8192     // listed objects that may wait
)

// ahead fetches objects.
type ahead struct {
	*run
	room     *semaphore.Weighted
	requests *requests
	tasks    sync.WaitGroup
	fetched  chan struct{} // has an element if a fetch has ended since the last was taken
}

func newAhead(r *run) *ahead {
	q := &requests{limit: firstRequests, most: mostRequests}
	if n := r.options.Concurrency; n > 0 {
		q.limit, q.most = n, n
	}
	q.freed = sync.NewCond(&q.mu)
	return &ahead{run: r, room: semaphore.NewWeighted(aheadBytes), requests: q, fetched: make(chan struct{}, 1)}
}

// fetchObjects passes the listed objects on, in order. For objects of servers it begins a fetch first.
func (a *ahead) fetchObjects(ctx context.Context, out chan<- listed) error {
	stop := context.AfterFunc(ctx, a.requests.end)
	defer stop()
	for o, err := range a.listing.all(ctx) {
		if err != nil {
			return err
		}
		if a.wants(&o.Object) {
			if err := a.begin(ctx, &o.Object); err != nil {
				return err
			}
		}
		select {
		case out <- o:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// wants reports whether an object is worth fetching because, by the ledger, a worker will read it.
func (a *ahead) wants(o *Object) bool {
	if !o.Remote || o.Err != nil || o.Bytes > aheadObjectBytes || kindFor(schema.Category(a.store.Category), *o, a.besideLogs) != logfile.LogFile {
		return false
	}
	before, err := a.ledger.location(o.Key)
	if err != nil || before == nil || !sameObject(before, *o) {
		return err == nil
	}
	k, err := a.ledger.known(before.ContentSHA256)
	if err != nil || len(k.files) == 0 {
		return false
	}
	for i := range k.files[0].Admissions {
		if covers(&k.files[0].Admissions[i], &a.rules.Admission) {
			return false
		}
	}
	return true
}

// begin starts fetching an object as soon as there is room for it and a request may be sent.
func (a *ahead) begin(ctx context.Context, o *Object) error {
	if err := a.room.Acquire(ctx, o.Bytes); err != nil {
		return err
	}
	if !a.requests.take() {
		return ctx.Err()
	}
	f := &fetch{begun: time.Now(), done: make(chan struct{})}
	f.release = sync.OnceFunc(func() { a.room.Release(o.Bytes) })
	o.fetch = f
	wanted := *o
	a.tasks.Go(func() {
		defer a.ended(f)
		f.err = panics.Run(a.lake.Log(), "fetching of an import", func() error { return f.read(ctx, a.source, wanted) })
		a.requests.give(f.err == nil)
	})
	return nil
}

// ended marks a fetch as done.
func (a *ahead) ended(f *fetch) {
	close(f.done)
	select {
	case a.fetched <- struct{}{}:
	default: // the receiver of the element checks all fetches
	}
}

// fetch is an object being fetched, or in memory.
type fetch struct {
	begun   time.Time
	done    chan struct{}
	release func() // returns the room; may be called again

	// Valid once done is closed:
	bytes []byte
	err   error
}

// errLonger: an object is not as it was listed. Its worker reads it.
var errLonger = errors.New("the object is longer than the listing says")

func (f *fetch) read(ctx context.Context, source Source, o Object) error {
	stored, err := source.Open(ctx, o)
	if err != nil {
		return err
	}
	defer stored.Close()
	text := bytes.NewBuffer(make([]byte, 0, o.Bytes+bytes.MinRead))
	n, err := io.Copy(text, io.LimitReader(stored, o.Bytes+1))
	switch {
	case err != nil:
		return err
	case n > o.Bytes:
		return errLonger
	}
	f.bytes = text.Bytes()
	return nil
}

// open returns the bytes of an object, fetched ones if there are any.
func (d *decoder) open(ctx context.Context, o Object) (io.ReadCloser, error) {
	f := o.fetch
	if f == nil {
		return d.source.Open(ctx, o)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case errors.Is(f.err, errLonger):
		return d.source.Open(ctx, o)
	case f.err != nil:
		return nil, f.err
	}
	return io.NopCloser(bytes.NewReader(f.bytes)), nil
}

// letGo returns the room of a fetched object.
func (f *fetch) letGo() {
	if f != nil {
		f.release()
	}
}

// requests counts the requests in flight.
type requests struct {
	mu    sync.Mutex
	freed *sync.Cond
	now   int // mu: in flight
	limit int // mu: maximum of now
	most  int
	ended bool // mu
}

// take waits until one more may be sent; false: no more will.
func (q *requests) take() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.now >= q.limit && !q.ended {
		q.freed.Wait()
	}
	q.now++
	return !q.ended
}

// give ends a request. If it was answered, one more may be in flight.
func (q *requests) give(answered bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.now--
	if answered && q.limit < q.most {
		q.limit++
	}
	q.freed.Broadcast()
}

// end wakes the waiting callers of take.
func (q *requests) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.freed.Broadcast()
}
