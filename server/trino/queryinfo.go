package trino

import (
	"net/http"
	"slices"
	"strings"
)

// queryInfo is a query as /v1/query shows it: what a person wants to know.
type queryInfo struct {
	QueryID   string      `json:"queryId"`
	Session   sessionInfo `json:"session"`
	State     string      `json:"state"`
	Self      string      `json:"self"`
	Query     string      `json:"query"`
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

func (q *query) info(host string) queryInfo {
	stats, _, failure := q.status()
	info := queryInfo{
		QueryID: q.id, State: stats.State, Self: "http://" + host + "/v1/query/" + q.id, Query: q.sql, Stats: stats,
		Session: sessionInfo{User: q.session.user, Catalog: q.session.catalog, Schema: q.session.schema, Zone: q.session.timeZone},
	}
	if failure != nil {
		e := describe(failure)
		info.ErrorName, info.ErrorType = e.ErrorName, e.ErrorType
	}
	return info
}

// listQueries shows the queries that are known, in the order of their start.
func (d *Door) listQueries(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	list := make([]*query, 0, len(d.queries))
	for _, q := range d.queries {
		list = append(list, q)
	}
	d.mu.Unlock()
	slices.SortFunc(list, func(a, b *query) int { return strings.Compare(a.id, b.id) })
	infos := make([]queryInfo, len(list))
	for i, q := range list {
		infos[i] = q.info(r.Host)
	}
	writeJSON(w, infos)
}

func (d *Door) showQuery(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	q := d.queries[r.PathValue("id")]
	d.mu.Unlock()
	if q == nil {
		http.Error(w, "Query not found", http.StatusGone)
		return
	}
	writeJSON(w, q.info(r.Host))
}
