package trino

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// queryInfo is a query as /v1/query shows it: what a person wants to know.
type queryInfo struct {
	QueryID   string      `json:"queryId"`
	Session   sessionInfo `json:"session"`
	State     string      `json:"state"`
	Self      string      `json:"self"`
	Query     string      `json:"query,omitempty"` // only its user sees it
	Stats     statistics  `json:"queryStats"`
	ErrorName string      `json:"errorName,omitempty"`
	ErrorType string      `json:"errorType,omitempty"`
}

type sessionInfo struct {
	User    string `json:"user"`
	Catalog string `json:"catalog,omitempty"`
	Schema  string `json:"schema,omitempty"`
	Zone    string `json:"timeZoneKey,omitempty"`
}

// info describes a query to a user, "" for one without a name. base is how the user reaches the server.
func (q *query) info(base, user string) queryInfo {
	stats, _, failure := q.status()
	info := queryInfo{
		QueryID: q.id, State: stats.State, Self: base + "/v1/query/" + q.id, Stats: stats,
		Session: sessionInfo{User: q.session.user, Catalog: q.session.catalog, Schema: q.session.schema, Zone: q.session.timeZone},
	}
	if q.isOf(user) {
		info.Query = q.sql
	}
	if failure != nil {
		e := describe(failure)
		info.ErrorName, info.ErrorType = e.ErrorName, e.ErrorType
	}
	return info
}

// isOf reports whether a user may see the query's text: it may name people, and
// what is being looked into. Whoever gives no name is nobody's user.
func (q *query) isOf(user string) bool { return user != "" && user == q.session.user }

// known returns the queries that are known, in the order of their start.
func (d *Door) known() []*query {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*query, 0, len(d.queries))
	for _, q := range d.queries {
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b *query) int { return strings.Compare(a.id, b.id) })
	return list
}

// serverState is what system.runtime shows a user.
func (d *Door) serverState(base, user string) *engine.Server {
	out := &engine.Server{URL: base, Version: protocolVersion}
	for _, q := range d.known() {
		info := q.info("", user)
		shown := engine.ServerQuery{
			ID: q.id, State: info.State, User: q.session.user, Source: q.session.source, Text: info.Query,
			Queued:  time.Duration(info.Stats.QueuedTimeMillis) * time.Millisecond,
			Created: q.created, LastSeen: time.UnixMilli(q.seenMillis.Load()), ErrorType: info.ErrorType, ErrorName: info.ErrorName,
		}
		if info.Stats.Scheduled {
			shown.Started = q.created.Add(shown.Queued)
		}
		if info.State == stateFinished || info.State == stateFailed {
			shown.Done = q.created.Add(time.Duration(info.Stats.ElapsedTimeMillis) * time.Millisecond)
		}
		out.Queries = append(out.Queries, shown)
	}
	for _, t := range d.transactions.list() {
		shown := engine.ServerTransaction{ID: t.id, Isolation: t.level.String(), ReadOnly: t.readOnly, Created: t.created}
		if t.active == 0 {
			shown.Idle = time.Since(t.idleSince)
		}
		out.Transactions = append(out.Transactions, shown)
	}
	return out
}

// listQueries shows the queries that are known, in the order of their start.
func (d *Door) listQueries(w http.ResponseWriter, r *http.Request) {
	s, ok := readSession(w, r)
	if !ok {
		return
	}
	infos := []queryInfo{}
	for _, q := range d.known() {
		infos = append(infos, q.info(s.base, s.user))
	}
	writeJSON(w, infos)
}

func (d *Door) showQuery(w http.ResponseWriter, r *http.Request) {
	s, ok := readSession(w, r)
	if !ok {
		return
	}
	d.mu.Lock()
	q := d.queries[r.PathValue("id")]
	d.mu.Unlock()
	if q == nil {
		http.Error(w, "Query not found", http.StatusGone)
		return
	}
	writeJSON(w, q.info(s.base, s.user))
}
