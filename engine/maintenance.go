package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage"
)

// Maintenance is the background work of an open lake, besides flushing pushed events. It blocks no work: queries
// keep reading their snapshot, and pushes continue.
type Maintenance struct {
	// CompactEvery is the interval at which the small segments of each day are merged (see Compact); 0: never.
	CompactEvery time.Duration
	// ExpireEvery is the interval at which data past retention is removed (see Expire); 0: never.
	ExpireEvery time.Duration
}

// maxFirstWait is the longest time from opening the lake to a task's first run, whatever its interval.
const maxFirstWait = time.Minute

// maintenance runs tasks in the background, one at a time, from begin to end.
type maintenance struct {
	lake  *Lake
	log   *slog.Logger
	tasks []*task

	stop func()
	done sync.WaitGroup
}

type task struct {
	name  string
	every time.Duration
	due   time.Time
	run   func(context.Context) ([]any, error) // what it did, as slog arguments; nil: nothing
}

func newMaintenance(lake *Lake, plan Maintenance, log *slog.Logger) *maintenance {
	m := &maintenance{lake: lake, log: log}
	m.add("compaction", plan.CompactEvery, m.compact)
	m.add("expiry", plan.ExpireEvery, m.expire)
	return m
}

func (m *maintenance) add(name string, every time.Duration, run func(context.Context) ([]any, error)) {
	if every > 0 {
		m.tasks = append(m.tasks, &task{name: name, every: every, due: m.lake.now().Add(min(every, maxFirstWait)), run: run})
	}
}

func (m *maintenance) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	m.stop = cancel
	if len(m.tasks) == 0 {
		return
	}
	m.done.Go(func() {
		for ctx.Err() == nil {
			timer := time.NewTimer(m.runDue(ctx, m.lake.now()))
			select {
			case <-ctx.Done():
				timer.Stop()
			case <-timer.C:
			}
		}
	})
}

// end interrupts the running task and waits for it. Further calls do nothing.
func (m *maintenance) end() {
	m.stop()
	m.done.Wait()
}

// runDue runs the tasks that are due at now, and returns how long to wait for the next.
func (m *maintenance) runDue(ctx context.Context, now time.Time) time.Duration {
	for _, t := range m.tasks {
		if latest := now.Add(t.every); t.due.After(latest) { // the clock was set back
			t.due = latest
		}
		if !now.Before(t.due) && ctx.Err() == nil {
			m.run(ctx, t)
			t.due = now.Add(t.every)
		}
	}
	next := m.tasks[0].due
	for _, t := range m.tasks[1:] {
		if t.due.Before(next) {
			next = t.due
		}
	}
	// The clock may be set, so check it now and then.
	return min(max(next.Sub(m.lake.now()), time.Millisecond), maxFirstWait)
}

func (m *maintenance) run(ctx context.Context, t *task) {
	start := time.Now()
	var did []any
	err := panics.Run(m.log, t.name, func() (err error) {
		did, err = t.run(ctx)
		return err
	})
	took := slog.Duration("took", time.Since(start).Round(time.Millisecond))
	if ctx.Err() != nil || errors.Is(err, ErrClosed) {
		err = nil // the lake is being closed; work done before is still logged
	}
	switch {
	case err != nil:
		m.log.Error(t.name+" failed", append(did, "error", err, took)...)
	case did != nil:
		m.log.Info(t.name, append(did, took)...)
	}
}

func (m *maintenance) compact(ctx context.Context) ([]any, error) {
	done, err := m.lake.Compact(ctx)
	if done.Merged == 0 {
		return nil, err
	}
	return []any{"merged", done.Merged, "written", done.Written, "events", done.Rows, "repeats", done.Repeats,
		"bytesBefore", done.BytesBefore, "bytesAfter", done.BytesAfter}, err
}

func (m *maintenance) expire(ctx context.Context) ([]any, error) {
	removed, err := m.lake.Expire(ctx)
	if removed == (Removed{}) {
		return nil, err
	}
	return []any{"segments", removed.Segments, "events", removed.Events, "bytes", removed.Bytes}, err
}

// Flushed is the result of a flush of pushed events.
type Flushed = storage.Flushed

// flushed reports a flush of pushed events to the option's function and to the log.
func (o *Options) flushed(done Flushed, err error) {
	if o.Flushed != nil {
		o.Flushed(done, err)
	}
	took := slog.Duration("took", done.Took.Round(time.Millisecond))
	if err != nil {
		o.Log.Error("flush failed", "error", err, took)
		return
	}
	o.Log.Info("flush", "events", done.Events, "bytes", done.Bytes, "segments", done.Segments, took)
}
