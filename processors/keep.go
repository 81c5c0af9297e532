package processors

import "time"

// keptFor is how long a processor is kept for fresh queries after one of them began to work. A client that asks one
// short query after the other asks the next within that time.
const keptFor = 10 * time.Millisecond

// keeping describes the processor that a gate keeps for fresh queries: the others together have one permit less.
// The gate's lock guards it.
type keeping struct {
	until   time.Duration // since the gate opened
	by      *Claim        // the last fresh query, from which nothing is kept
	isAsked bool          // the others hold all permits; one of them returns one at its next check
	isTimed bool          // a timer will admit those that wait for the end of keeping
}

// keepLocked keeps a processor for keptFor, because c is fresh and works. With a single permit it does nothing.
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

// keptLocked ends the request for a permit once one was returned or nothing is kept.
func (g *Gate) keptLocked() {
	if g.keeping.isAsked && (g.now() >= g.keeping.until || g.othersHeldLocked() < g.permits) {
		g.keeping.isAsked = false
		g.waiting.Add(-1)
	}
}

// othersHeldLocked returns the number of permits held by queries that are not fresh.
func (g *Gate) othersHeldLocked() int {
	held := 0
	for _, c := range g.claims {
		if c.noteLocked(); c.worked >= g.freshFor {
			held += c.held
		}
	}
	return held
}

// timeKeepingLocked starts a timer that admits waiters once nothing is kept from them.
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
