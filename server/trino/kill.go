package trino

import (
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// kill ends the query that a statement names; the query's client learns it with the next page. Users may only end
// their own queries; others are not found. Clients such as Superset, which cannot cancel a query of another of
// their threads, use it.
func (d *Door) kill(by *query) error {
	asked := by.statement.kill
	id := strings.ReplaceAll(asked.QueryID, "-", "")
	d.mu.Lock()
	q := d.queries[id]
	d.mu.Unlock()
	if q == nil || q.session.user != by.session.user || !q.session.isOfCaller(by.session.caller) {
		return failed("NOT_FOUND", "Target query not found: "+asked.QueryID)
	}
	q.mu.Lock()
	isOver := !q.ended.IsZero()
	q.mu.Unlock()
	if isOver {
		return failed("NOT_SUPPORTED", "Target query is not running: "+asked.QueryID)
	}
	reason := "No message provided."
	if asked.Message != "" {
		reason = "Message: " + asked.Message
	}
	q.cancel(&engine.Error{Name: "ADMINISTRATIVELY_KILLED", Message: "Query killed. " + reason})
	return nil
}
