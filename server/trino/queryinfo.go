package trino

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// queryInfo is a query as /v1/query shows it to people.
type queryInfo struct {
	QueryID   string      `json:"queryId"`
	Session   sessionInfo `json:"session"`
	State     string      `json:"state"`
	Self      string      `json:"self"`
	Query     string      `json:"query,omitempty"` // for the query's own user only
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

// info describes a query to a user, "" for one without a name. base is the URL at which the user reaches the
// server.
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

// isOf reports whether a user may see the query's text, which may name people and reveal an investigation. A client
// without a user name sees no texts.
func (q *query) isOf(user string) bool { return user != "" && user == q.session.user }

// known returns the known queries in the order of their start.
func (d *Door) known() []*query {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*query, 0, len(d.queries))
	for _, q := range d.queries {
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b *query) int { return a.created.Compare(b.created) })
	return list
}

// shownQueries limits the queries in system.runtime.
const shownQueries = 100

// serverState returns what system.runtime shows to a user: the latest queries of all doors.
func (d *Door) serverState(base, user string) *engine.Server {
	out := &engine.Server{URL: base, Version: protocolVersion}
	infos, err := d.lake.Queries().List(context.Background(), engine.QueryFilter{Limit: shownQueries})
	if err != nil {
		panic(fmt.Errorf("system.runtime: %w", err)) // ends the statement that asks, and is logged
	}
	for _, info := range infos {
		out.Queries = append(out.Queries, d.shown(info, user))
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

// shown returns a query of any door as system.runtime shows it to a user. Only the query's own user gets its text.
func (d *Door) shown(info *engine.QueryInfo, user string) engine.ServerQuery {
	q := engine.ServerQuery{
		ID: strings.ReplaceAll(info.ID, "-", ""), State: string(info.State), User: info.User, Source: info.Source,
		Created: info.CreatedAt, Started: info.StartedAt, LastSeen: info.EndedAt, Done: info.EndedAt, ErrorName: info.ErrorName,
	}
	if user != "" && user == info.User {
		q.Text = info.SQL
	}
	if !info.StartedAt.IsZero() {
		q.Queued = info.StartedAt.Sub(info.CreatedAt)
	}
	if info.State == engine.QueryCancelled || info.State == engine.QueryTimedOut {
		q.State = stateFailed
	}
	if info.ErrorName != "" {
		q.ErrorType = describe(failed(info.ErrorName, "")).ErrorType
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if own := d.queries[q.ID]; own != nil {
		q.LastSeen = time.UnixMilli(own.seenMillis.Load())
	}
	return q
}

// listQueries shows the known queries in the order of their start.
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
