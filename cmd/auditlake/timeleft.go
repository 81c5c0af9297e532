package main

import (
	"fmt"
	"sync"
	"time"
)

// timeLeft estimates how long work will take, from its pace of late.
type timeLeft struct {
	now func() time.Time

	mu    sync.Mutex
	start time.Time
	seen  []doneAt // mu: of the last windowOfRate, the oldest first
}

// doneAt is how much was done at a time.
type doneAt struct {
	at   time.Time
	done int64
}

const (
	windowOfRate = 30 * time.Second
	// firstEstimate is how long the work must have run before the first estimate.
	firstEstimate = 3 * time.Second
	// stallsAfter is how long nothing must be done before a stall is reported.
	stallsAfter = 5 * time.Second
	// longestLeft is the longest estimate that is shown: above it, too little is known.
	longestLeft = 48 * time.Hour
)

func newTimeLeft(now func() time.Time) *timeLeft { return &timeLeft{now: now, start: now()} }

// describe returns "2m left", that nothing comes, or "" where there is nothing to say.
func (t *timeLeft) describe(done, total int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if n := len(t.seen); n == 0 || t.seen[n-1].done != done {
		if n > 0 && now.Sub(t.seen[n-1].at) >= stallsAfter {
			t.seen = t.seen[:0] // the pace before a stall does not count after it
		}
		t.seen = append(t.seen, doneAt{now, done})
	}
	last := t.seen[len(t.seen)-1]
	for len(t.seen) > 1 && now.Sub(t.seen[1].at) > windowOfRate {
		t.seen = t.seen[1:]
	}
	if done >= total || now.Sub(t.start) < firstEstimate {
		return ""
	}
	if idle := now.Sub(last.at); idle >= stallsAfter {
		return fmt.Sprintf("nothing for %s", seconds(idle.Round(time.Second)))
	}
	first := t.seen[0]
	span := now.Sub(first.at)
	if last.done == first.done || span <= 0 {
		return ""
	}
	left := float64(span) * float64(total-done) / float64(last.done-first.done)
	if left > float64(longestLeft) {
		return ""
	}
	return seconds(max(time.Duration(left).Round(time.Second), time.Second)) + " left"
}
