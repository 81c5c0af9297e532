package systemtable

import (
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// Server is what system.runtime shows of the server that runs a statement.
type Server struct {
	URL, Version string
	Queries      []Query
	Transactions []Transaction
}

// Query is a statement that a server runs, or ran a while ago. Unknown times are zero; texts that the asking user
// may not see are empty.
type Query struct {
	ID, State, User, Source, Text    string
	Queued, Analysis, Planning       time.Duration
	Created, Started, LastSeen, Done time.Time
	ErrorType, ErrorName             string
}

// Transaction is an open transaction of a client.
type Transaction struct {
	ID, Isolation string
	ReadOnly      bool
	Created       time.Time
	Idle          time.Duration
}

// runtimeTables are the tables of system.runtime. Trino's tasks are left out: a
// query here is not cut into any.
var runtimeTables = []definition{
	{"nodes", "node_id, http_uri, node_version, coordinator boolean, state", nodeRows},
	{"queries", "query_id, state, user, source, query, resource_group_id array, queued_time_ms bigint, analysis_time_ms bigint, " +
		"planning_time_ms bigint, created timestamp, started timestamp, last_heartbeat timestamp, end timestamp, error_type, error_code", queryRows},
	{"transactions", "transaction_id, isolation_level, read_only boolean, auto_commit_context boolean, create_time timestamp, " +
		"idle_time_secs bigint, written_catalog, catalogs array", transactionRows},
}

// nodeRows is the one server; a statement outside of a server runs on none.
func nodeRows(l Lake, _ string) [][]any {
	if l.Server == nil {
		return nil
	}
	return [][]any{{"auditlake", l.Server.URL, l.Server.Version, true, "active"}}
}

func queryRows(l Lake, _ string) [][]any {
	if l.Server == nil {
		return nil
	}
	var out [][]any
	for _, q := range l.Server.Queries {
		out = append(out, []any{
			q.ID, q.State, q.User, text(q.Source), text(q.Text), []types.Value{{Type: types.VarcharType, V: "global"}},
			q.Queued.Milliseconds(), q.Analysis.Milliseconds(), q.Planning.Milliseconds(),
			instant(q.Created), instant(q.Started), instant(q.LastSeen), instant(q.Done), text(q.ErrorType), text(q.ErrorName),
		})
	}
	return out
}

func transactionRows(l Lake, _ string) [][]any {
	if l.Server == nil {
		return nil
	}
	var out [][]any
	for _, t := range l.Server.Transactions {
		out = append(out, []any{
			t.ID, t.Isolation, t.ReadOnly, false, instant(t.Created), int64(t.Idle / time.Second), nil, []types.Value{},
		})
	}
	return out
}

// text is NULL for an empty one.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// instant is NULL for a time that is not known.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return types.Zoned{Instant: t.UnixMilli(), Zone: "UTC"}
}
