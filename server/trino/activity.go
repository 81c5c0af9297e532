package trino

import (
	"cmp"
	"net/http"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
)

// eventSource is the event source of the door in the activity.
const eventSource = "trino.auditlake"

// askerOf returns the asker of a request in a session. Without a key it is the user that the client names.
func askerOf(r *http.Request, s *session) engine.Asker {
	asker := engine.Asker{UserName: s.user, IP: access.OriginOf(r).Address()}
	if s.caller != nil {
		asker = s.caller.Asker()
	}
	asker.Program = cmp.Or(s.source, r.UserAgent())
	return asker
}

// notePoll records that a client asks for the next page or the state of a query, or cancels it.
func (d *Door) notePoll(r *http.Request, q *query) {
	name := "GetPage"
	if r.Method == http.MethodDelete {
		name = "CancelQuery"
	}
	asker := q.session.asker
	key := engine.ActivityPoll{Name: name, Asker: cmp.Or(asker.KeyID, asker.UserName), Query: q.id}
	d.lake.Activity().NotePoll(key, &engine.ActivityEvent{
		At: d.lake.Now(), Source: eventSource, Name: name, Type: engine.ActivityServiceEvent, By: asker, ReadOnly: r.Method != http.MethodDelete,
		Parameters: engine.ActivityParameters(map[string]any{"queryId": lakeID(q.id)}),
	})
}

// lakeID returns the lake's id of a query.
func lakeID(id string) string {
	if parsed, err := uuid.Parse(id); err == nil {
		return parsed.String()
	}
	return id
}

// noteRefusal records that a caller was refused. Its identity is unknown.
func (d *Door) noteRefusal(r *http.Request, code, message string) {
	asker := engine.Asker{IP: access.OriginOf(r).Address(), Program: r.UserAgent()}
	d.lake.Activity().NotePoll(engine.ActivityPoll{Name: "SignIn", Asker: asker.IP, ErrorCode: code}, &engine.ActivityEvent{
		At: d.lake.Now(), Source: eventSource, Name: "SignIn", Type: engine.ActivityServiceEvent, By: asker,
		ErrorCode: code, ErrorMessage: message, Denied: true,
	})
}
