package activity

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/auditlake/auditlake/panics"
)

const (
	// writeEvery is how long an event waits for others, and so what a power cut may lose.
	writeEvery = 500 * time.Millisecond
	// maxQueued and maxQueuedBytes are how much waits to be written. What comes then is lost, which becomes an event.
	maxQueued      = 20_000
	maxQueuedBytes = 32 << 20
	// maxBatch is how many events are written together.
	maxBatch = 2_000
)

// Options is what a recorder needs of its lake.
type Options struct {
	Region, AccountID string // of the lake
	// StoreARN returns the ARN of the store with an id, "" if there is none.
	StoreARN func(id string) string
	Now      func() time.Time // in UTC
	// Write makes events durable, all or none.
	Write func(ctx context.Context, events [][]byte) error
	Log   *slog.Logger
}

// Recorder takes in events and writes them in the background, in batches. A nil one records nothing. It is safe for
// concurrent use.
type Recorder struct {
	options Options

	mu        sync.Mutex
	queue     []*Event          // mu
	bytes     int               // mu: about what the queue holds
	polls     map[PollKey]*poll // mu: what is counted
	pollOrder []*poll           // mu: from the oldest on, and some that are counted no more
	dropped   loss              // mu: what did not fit into the queue
	closed    bool              // mu

	writing  sync.Mutex // held while batches are written, and guards what follows
	failures int        // attempts to write that failed since the last that did not
	failure  error      // the last of them

	hurry, stop chan struct{}
	done        sync.WaitGroup
}

// loss is how many events were lost, and when.
type loss struct {
	events      int
	first, last time.Time
}

// New returns a recorder that writes until it is closed.
func New(options Options) *Recorder {
	r := &Recorder{options: options, polls: map[PollKey]*poll{}, hurry: make(chan struct{}, 1), stop: make(chan struct{})}
	r.done.Go(r.run)
	return r
}

// Note takes in an event. It does not wait, whatever the disk does.
func (r *Recorder) Note(e *Event) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noteLocked(e)
}

func (r *Recorder) noteLocked(e *Event) {
	size := e.size()
	if r.closed || len(r.queue) >= maxQueued || r.bytes+size > maxQueuedBytes {
		if r.dropped.events == 0 {
			r.dropped.first = e.At
		}
		r.dropped.events++
		r.dropped.last = e.At
		return
	}
	r.queue = append(r.queue, e)
	r.bytes += size
	if len(r.queue) >= maxBatch {
		select {
		case r.hurry <- struct{}{}:
		default: // it is in a hurry already
		}
	}
}

// size is about what an event holds of memory.
func (e *Event) size() int {
	size := 500 + len(e.Parameters) + len(e.ErrorMessage) + len(e.By.Program) + len(e.By.UserName) + len(e.RequestID)
	for _, value := range e.Data {
		if text, ok := value.(string); ok {
			size += len(text)
		}
	}
	return size
}

// run writes what is noted, until stop.
func (r *Recorder) run() {
	ticker := time.NewTicker(writeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-ticker.C:
		case <-r.hurry:
		}
		_ = r.Flush(context.Background()) // it is in the log, and tried again
	}
}

// Flush writes what was noted before the call. What cannot be written is tried again with the next batch; the error
// is also in the log.
func (r *Recorder) Flush(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	for {
		events, lost := r.take()
		if len(events) == 0 && lost.events == 0 {
			return nil
		}
		err := panics.Run(r.options.Log, "activity", func() error { return r.write(ctx, events, lost) })
		if err != nil {
			r.giveBack(events, lost)
			if r.failures++; r.failures == 1 {
				r.options.Log.Error("activity cannot be written; it is tried again", "error", err)
			}
			r.failure = err
			return err
		}
		r.failures, r.failure = 0, nil
	}
}

// take takes a batch out of the queue, and what was lost before it.
func (r *Recorder) take() ([]*Event, loss) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foldPollsLocked(r.options.Now())
	count := min(len(r.queue), maxBatch)
	events, lost := r.queue[:count:count], r.dropped
	r.queue, r.dropped = r.queue[count:], loss{}
	for _, e := range events {
		r.bytes -= e.size()
	}
	return events, lost
}

// giveBack puts a batch back, before what came meanwhile.
func (r *Recorder) giveBack(events []*Event, lost loss) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(events, r.queue...)
	for _, e := range events {
		r.bytes += e.size()
	}
	if lost.events > 0 {
		if r.dropped.events == 0 {
			r.dropped.last = lost.last
		}
		r.dropped.first = lost.first
		r.dropped.events += lost.events
	}
}

func (r *Recorder) write(ctx context.Context, events []*Event, lost loss) error {
	if r.failures > 0 {
		events = append(events[:len(events):len(events)], r.event("ActivityWriteFailed", "WriteFailed", r.failure.Error(), map[string]any{"attempts": r.failures}))
	}
	if lost.events > 0 {
		events = append(events[:len(events):len(events)], r.event("ActivityLost", "QueueFull", "events came faster than they could be written",
			map[string]any{"lost": lost.events, "from": lost.first.UTC().Format(time.RFC3339), "to": lost.last.UTC().Format(time.RFC3339)}))
	}
	texts := make([][]byte, 0, len(events))
	for _, e := range events {
		text, err := r.options.encode(e)
		if err != nil { // a defect, that must not keep the others from the disk
			r.options.Log.Error("an event of the activity cannot be written", "event", e.Name, "error", err)
			continue
		}
		texts = append(texts, text)
	}
	return r.options.Write(ctx, texts)
}

// event is one about the recorder itself.
func (r *Recorder) event(name, code, message string, data map[string]any) *Event {
	return &Event{
		At: r.options.Now(), Source: "activity.auditlake", Name: name, Type: ServiceEvent, By: Asker{IsOwner: true},
		ErrorCode: code, ErrorMessage: message, Data: data,
	}
}

// NoteInterruption notes that the process before this one did not end in order, and so may have lost what it noted
// last.
func (r *Recorder) NoteInterruption() {
	r.Note(r.event("ActivityLost", "Interrupted", "the process before was interrupted: what happened in its last second may be missing", nil))
}

// ErrClosed means that a recorder was closed before.
var ErrClosed = errors.New("activity: the recorder is closed")

// Close writes what is left and ends the recorder. What is noted afterwards is lost. The error is ErrClosed, or why
// something could not be written.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return ErrClosed
	}
	r.foldPollsLocked(r.options.Now().Add(foldEvery)) // all of them
	r.closed = true
	r.mu.Unlock()
	close(r.stop)
	r.done.Wait()
	return r.Flush(context.Background())
}
