package trino

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// A query has one of Options.MaxOpen places while it waits or runs. It gives the
// place back when it ends, though its answer may still wait for the client.

// newQuery gives a query a place; nil and an HTTP status when there is none left
// for its user.
func (d *Door) newQuery(s *session, sql string) (*query, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, http.StatusServiceUnavailable
	}
	own := 0
	for _, q := range d.queries {
		if q.hasPlace && q.session.user == s.user {
			own++
		}
	}
	if own >= d.options.MaxOpen-d.open {
		return nil, http.StatusTooManyRequests
	}
	d.open++
	now := time.Now()
	q := &query{slug: random(16), sql: sql, session: s, created: now, pages: make(chan page, 1), token: -1, hasPlace: true}
	q.seenMillis.Store(now.UnixMilli())
	q.ctx, q.cancel = context.WithCancelCause(context.Background())
	return q, 0
}

// abandon ends a query that nobody has asked for. Whoever asks later is answered
// with errAbandoned, while the query is among the latest that ended.
func (d *Door) abandon(q *query) {
	d.mu.Lock()
	released := q.released
	d.mu.Unlock()
	if released {
		return
	}
	q.drop(errAbandoned)
	d.release(q)
}

// settle gives back the place of a query that has ended, while rowBytes of rows
// wait for its client. For that the client has as long as between two pages.
func (d *Door) settle(q *query, rowBytes int64) {
	var dropped []*query
	d.mu.Lock()
	if q.hasPlace && d.queries[q.id] == q {
		d.givePlaceBackLocked(q)
		if !q.polled.Load() {
			q.idle.Reset(d.options.Idle)
		}
		q.unreadBytes = rowBytes
		d.unreadBytes += rowBytes
		d.unread = append(d.unread, q)
		for len(d.unread) > d.options.MaxUnread || d.unreadBytes > d.options.MaxUnreadBytes && len(d.unread) > 1 {
			dropped = append(dropped, d.unread[0])
			d.forgetUnreadLocked(d.unread[0])
		}
	}
	d.mu.Unlock()
	for _, oldest := range dropped {
		d.abandon(oldest)
	}
}

func (d *Door) givePlaceBackLocked(q *query) {
	if q.hasPlace {
		q.hasPlace = false
		d.open--
	}
}

func (d *Door) forgetUnreadLocked(q *query) {
	if i := slices.Index(d.unread, q); i >= 0 {
		d.unread = slices.Delete(d.unread, i, i+1)
		d.unreadBytes -= q.unreadBytes
	}
}

// release notes that a query has its final answer or was canceled. It stays
// known, with the answer given last, until keptAnswers others were released.
func (d *Door) release(q *query) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.givePlaceBackLocked(q)
	d.forgetUnreadLocked(q)
	if q.released || q.id == "" { // or never known
		return
	}
	q.released = true
	d.ended = append(d.ended, q.id)
	if len(d.ended) <= keptAnswers {
		return
	}
	if oldest := d.queries[d.ended[0]]; oldest != nil {
		oldest.idle.Stop()
		delete(d.queries, oldest.id)
	}
	d.ended = d.ended[1:]
}
