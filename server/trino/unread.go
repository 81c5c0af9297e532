package trino

import "slices"

// abandon ends a query that no client has polled in time. Later requests get errAbandoned, while the query is among
// the latest that ended.
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

// settle notes that a query has ended with rowBytes of rows unread. The client has as long to read them as between
// two pages.
func (d *Door) settle(q *query, rowBytes int64) {
	var dropped []*query
	d.mu.Lock()
	if !q.released && d.queries[q.id] == q {
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

func (d *Door) forgetUnreadLocked(q *query) {
	if i := slices.Index(d.unread, q); i >= 0 {
		d.unread = slices.Delete(d.unread, i, i+1)
		d.unreadBytes -= q.unreadBytes
	}
}

// release notes that a query has its final answer or was canceled. The query and its last answer stay known until
// keptAnswers others are released.
func (d *Door) release(q *query) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgetUnreadLocked(q)
	if q.released {
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
