package trino

import (
	"net/http"
	"net/url"

	"github.com/auditlake/auditlake/engine"
)

// statement is a parsed request: a statement to run, or a change of the session. The client stores its session and
// sends it with each request.
type statement struct {
	sql        string                     // to run; "" for all else
	parsed     engine.ParsedStatement     // of sql
	updateType string                     // name of the change
	headers    http.Header                // the change, for the client to store
	control    *engine.SessionTransaction // nil for all else
	kill       *engine.SessionKill        // nil for all else
}

// interpret parses a statement. The error is a mistake in its text, or a change that cannot be made.
func (s *session) interpret(sql string) (*statement, error) {
	request, err := s.state().Interpret(sql)
	switch {
	case err != nil:
		return nil, err
	case request.Transaction != nil:
		return &statement{updateType: request.Verb, control: request.Transaction}, nil
	case request.Kill != nil:
		return &statement{updateType: request.Verb, kill: request.Kill}, nil
	case request.Change != nil:
		return &statement{updateType: request.Verb, headers: headersOf(request.Change)}, nil
	}
	return &statement{sql: sql, parsed: request.Parsed}, nil
}

// headersOf returns the headers that report a session change to the client.
func headersOf(c *engine.SessionChange) http.Header {
	name := url.QueryEscape(c.Name)
	switch c.Verb {
	case "PREPARE":
		return http.Header{"X-Trino-Added-Prepare": {name + "=" + url.QueryEscape(c.Value)}}
	case "DEALLOCATE":
		return http.Header{"X-Trino-Deallocated-Prepare": {name}}
	case "USE":
		headers := http.Header{"X-Trino-Set-Schema": {c.Name}}
		if c.Catalog != "" {
			headers.Set("X-Trino-Set-Catalog", c.Catalog)
		}
		return headers
	}
	if c.Value == "" { // SET TIME ZONE LOCAL: the client's other header has its initial zone
		return http.Header{"X-Trino-Clear-Session": {name}}
	}
	return http.Header{"X-Trino-Set-Session": {name + "=" + url.QueryEscape(c.Value)}}
}
