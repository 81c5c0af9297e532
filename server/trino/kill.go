package trino

import (
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// kill ends the query that a statement names, which its client learns with the next page. Everybody may end their
// own: clients that cannot cancel what another of their threads has asked, such as Superset, do it so. Other people's
// queries are not found.
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
