package awsapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/access"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// polls are the operations that clients repeat until a query has ended.
var polls = map[string]bool{"GetQueryResults": true, "DescribeQuery": true}

// readingPrefixes begin the names of operations that change nothing.
var readingPrefixes = []string{"Get", "List", "Describe", "Lookup", "Search", "StartQuery"}

func reading(operation string) bool {
	for _, prefix := range readingPrefixes {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return false
}

// note records a request in the lake's activity, with its answer or its error.
func (d *Door) note(r *http.Request, p protocol, c *call, answer []byte, failure *apiError) {
	activity := d.lake.Activity()
	if activity == nil {
		return
	}
	e := &engine.ActivityEvent{
		At: d.lake.Now(), Source: p.service() + ".amazonaws.com", Name: cmp.Or(c.operation, "UnknownOperation"), Type: engine.ActivityAPICall,
		RequestID: c.id, ReadOnly: reading(c.operation), Parameters: engine.ActivityParameters(c.members),
	}
	if failure != nil {
		e.ErrorCode, e.ErrorMessage, e.Denied = failure.code, failure.message, failure.code == accessDenied
	}
	if c.caller == nil { // the caller is unknown, and its parameters are unverified
		e.Name, e.Denied, e.By = "SignIn", true, engine.Asker{IP: access.OriginOf(r).Address(), Program: c.userAgent}
		activity.NotePoll(engine.ActivityPoll{Name: e.Name, Asker: e.By.IP, ErrorCode: e.ErrorCode}, e)
		return
	}
	e.By = c.asker()
	if polls[c.operation] {
		query, _ := c.members["QueryId"].(string)
		activity.NotePoll(engine.ActivityPoll{Name: e.Name, Asker: e.By.KeyID, Query: query, ErrorCode: e.ErrorCode}, e)
		return
	}
	if failure == nil && p.service() == model.CloudTrail && (!e.ReadOnly || c.operation == "StartQuery") {
		e.Response = responseElements(answer)
	}
	activity.Note(e)
}

// asker returns the caller with its program, for the activity.
func (c *call) asker() engine.Asker {
	asker := c.caller.Asker()
	asker.Program = c.userAgent
	return asker
}

// responseElements returns the members of an answer for an event, nil if there are none.
func responseElements(answer []byte) json.RawMessage {
	var members map[string]any
	if json.Unmarshal(answer, &members) != nil {
		return nil
	}
	return engine.ActivityParameters(members)
}
