package processors

import "time"

// keptFor is how long a processor is kept for fresh queries after one of them began to work: who asks one short
// question after the other asks the next within that time.
const keptFor = 10 * time.Millisecond

// keeping is what a gate knows of the processor that it keeps for fresh queries: the others have one permit less
// between them. It is guarded by the gate's lock.
type keeping struct {
	until   time.Duration // since the gate opened
	by      *Claim        // the query that was fresh last, from which nothing is kept
	isAsked bool          // the others have all permits, and one of them gives one back at its next look
	isTimed bool          // a timer will let those in who wait for the end of it
}

// keepLocked keeps a processor for keptFor, as c is fresh and works. Where there is but one it does not.
func (g *Gate) keepLocked(c *Claim) {
	if g.permits < 2 {
		return
	}
	g.keeping.until, g.keeping.by = g.now()+keptFor, c
	if !g.keeping.isAsked && g.othersHeldLocked() >= g.permits {
		g.keeping.isAsked = true
		g.waiting.Add(1)
	}
}

// keepsLocked reports whether a processor is kept from c.
func (g *Gate) keepsLocked(c *Claim) bool {
	return g.keeping.by != c && g.now() < g.keeping.until
}

// keptLocked asks nobody for a permit any more once one was given back, or nothing is kept.
func (g *Gate) keptLocked() {
	if g.keeping.isAsked && (g.now() >= g.keeping.until || g.othersHeldLocked() < g.permits) {
		g.keeping.isAsked = false
		g.waiting.Add(-1)
	}
}

// othersHeldLocked is how many permits queries have that are not fresh.
func (g *Gate) othersHeldLocked() int {
	held := 0
	for _, c := range g.claims {
		if c.noteLocked(); c.worked >= g.freshFor {
			held += c.held
		}
	}
	return held
}

// timeKeepingLocked has those let in who wait for nothing else once nothing is kept from them.
func (g *Gate) timeKeepingLocked() {
	if g.keeping.isTimed {
		return
	}
	g.keeping.isTimed = true
	time.AfterFunc(g.keeping.until-g.now(), func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.keeping.isTimed = false
		g.grantLocked()
		if len(g.waiters) > 0 && g.now() < g.keeping.until {
			g.timeKeepingLocked()
		}
	})
}
