package storage

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

// maxClockLead is how far the clock may be ahead of the latest known time before that counts as a jump.
const maxClockLead = 7 * 24 * time.Hour

// ClockJumpError means that the clock is far ahead of the latest time the lake knows, so what seems expired may not
// be.
type ClockJumpError struct {
	Now   time.Time // by the clock
	Known time.Time // the time of the lake's last use, plus the time that the process has run since
}

func (e *ClockJumpError) Error() string {
	return fmt.Sprintf("the clock says %s, and the lake was last in use at %s: nothing expires until events of the new time come in, "+
		"or somebody confirms that the clock is right: auditlake expire --yes", e.Now.UTC().Format(time.RFC3339), e.Known.UTC().Format(time.RFC3339))
}

// trustedClock distinguishes a clock that was set ahead from time that passed. The zero value trusts the first time
// it sees.
type trustedClock struct {
	elapsed func() time.Duration // since the lake was opened, by a clock that cannot be set

	mu    sync.Mutex
	known time.Time     // mu: the last trusted time
	at    time.Duration // mu: elapsed at that time
}

// begin starts with the time of the lake's last use; zero: there is none.
func (c *trustedClock) begin(lastUse time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.at = lastUse, c.elapsed()
}

// check returns a *ClockJumpError if now cannot be trusted. Otherwise now becomes the known time.
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

// trust makes now the known time, whatever it was before.
func (c *trustedClock) trust(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.at = now, c.elapsed()
}

// openClock reads the time of the lake's last use or, for lakes that have not recorded it, of their last change.
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

// CheckClock returns a *ClockJumpError if the clock is more than seven days ahead of the lake's last use plus the
// time that this process has run since.
func (l *Lake) CheckClock() error { return l.clock.check(l.now()) }

// TrustClock accepts the clock as right, and records that.
func (l *Lake) TrustClock(tx *catalog.Tx) error {
	now := l.now()
	l.clock.trust(now)
	return tx.SetLastUse(now)
}

// NoteUse records in a transaction that the lake is in use now, unless the clock cannot be trusted.
func (l *Lake) NoteUse(tx *catalog.Tx) error {
	now := l.now()
	var jump *ClockJumpError
	if err := l.clock.check(now); errors.As(err, &jump) {
		return nil
	}
	return tx.SetLastUse(now)
}

// noteEvents is NoteUse for a transaction that adds events: events of the last days show that the clock is right.
func (l *Lake) noteEvents(tx *catalog.Tx, segments []*catalog.Segment) error {
	oldest := l.now().Add(-maxClockLead).UnixMilli()
	for _, s := range segments {
		if s.MaxTime >= oldest {
			return l.TrustClock(tx)
		}
	}
	return l.NoteUse(tx)
}
