package storage

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// maxClockLead is how far the clock may be ahead of what the lake knows of the time before that is taken for a jump.
const maxClockLead = 7 * 24 * time.Hour

// ClockJumpError says that the clock is far ahead of what the lake knows of the time: what expires by it may not
// have expired.
type ClockJumpError struct {
	Now   time.Time // what the clock says
	Known time.Time // what the lake knows: the time of its last use, and how long the process has run since
}

func (e *ClockJumpError) Error() string {
	return fmt.Sprintf("the clock says %s, and the lake was last in use at %s: nothing expires until events of the new time come in, "+
		"or somebody confirms that the clock is right: auditlake expire --yes", e.Now.UTC().Format(time.RFC3339), e.Known.UTC().Format(time.RFC3339))
}

// trustedClock tells a clock that was set ahead from time that passed. The zero value trusts the first time that it
// sees.
type trustedClock struct {
	elapsed func() time.Duration // since the lake was opened, by a clock that cannot be set

	mu    sync.Mutex
	known time.Time     // mu: a time that was trusted
	at    time.Duration // mu: elapsed when it was
}

// begin starts with the time of the lake's last use; zero: it has none.
func (c *trustedClock) begin(lastUse time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.at = lastUse, c.elapsed()
}

// check returns a *ClockJumpError if now cannot be trusted. A time that can be is known from then on.
func (c *trustedClock) check(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	elapsed := c.elapsed()
	known := c.known.Add(elapsed - c.at)
	if !c.known.IsZero() && now.After(known.Add(maxClockLead)) {
		return &ClockJumpError{Now: now, Known: known}
	}
	if now.After(c.known) {
		c.known, c.at = now, elapsed
	}
	return nil
}

// trust makes now known, whatever was known before.
func (c *trustedClock) trust(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.at = now, c.elapsed()
}

// openClock reads the time of the lake's last use: for lakes that have not noted it, that of their last change.
func (l *Lake) openClock() error {
	var last time.Time
	err := l.catalog.View(func(tx *catalog.Tx) (err error) {
		if last, err = tx.LastUse(); err != nil || !last.IsZero() {
			return err
		}
		last, err = tx.LastChange()
		return err
	})
	if err != nil {
		return err
	}
	l.clock.begin(last)
	return nil
}

// CheckClock returns a *ClockJumpError if the clock is more than seven days ahead of what the lake knows of the time:
// when it was last in use, and how long this process has run since.
func (l *Lake) CheckClock() error { return l.clock.check(l.now()) }

// TrustClock takes the clock as right, and notes that.
func (l *Lake) TrustClock(tx *catalog.Tx) error {
	now := l.now()
	l.clock.trust(now)
	return tx.SetLastUse(now)
}

// NoteUse notes in a transaction that the lake is in use now, unless the clock cannot be trusted.
func (l *Lake) NoteUse(tx *catalog.Tx) error {
	now := l.now()
	var jump *ClockJumpError
	if err := l.clock.check(now); errors.As(err, &jump) {
		return nil
	}
	return tx.SetLastUse(now)
}

// noteEvents is NoteUse of a transaction that brings events: those of the last days say that the clock is right.
func (l *Lake) noteEvents(tx *catalog.Tx, segments []*catalog.Segment) error {
	oldest := l.now().Add(-maxClockLead).UnixMilli()
	for _, s := range segments {
		if s.MaxTime >= oldest {
			return l.TrustClock(tx)
		}
	}
	return l.NoteUse(tx)
}
