package trino

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
	"github.com/auditlake/auditlake/server/access"
)

// session is the session in a request's headers.
type session struct {
	user, catalog, schema, timeZone string
	source, base                    string // the client's program, and the URL at which it reaches this server
	properties                      map[string]string
	prepared                        map[string]string // statements by name
	parametricDatetime              bool              // the client knows timestamp(p)
	transaction                     string            // id of the client's transaction, "" for none
	transactions                    bool              // the client can store a transaction's id
	caller                          *access.Caller    // the caller with a key, who is the user; nil: no key
	asker                           engine.Asker      // the asker in the activity
}

// isOf reports whether a request comes from the session's caller.
func (s *session) isOf(r *http.Request) bool { return s.isOfCaller(callerOf(r)) }

func (s *session) isOfCaller(caller *access.Caller) bool {
	if caller == nil || s.caller == nil {
		return caller == nil && s.caller == nil
	}
	return caller.Key().ID == s.caller.Key().ID
}

// errPassword refuses a password that no key check has accepted.
var errPassword = errors.New("password authentication is not supported; send a user name only (X-Trino-User)")

// sessionOf reads the headers of a request.
func sessionOf(r *http.Request) (*session, error) {
	h := r.Header
	s := &session{
		user: h.Get("X-Trino-User"), catalog: h.Get("X-Trino-Catalog"), schema: h.Get("X-Trino-Schema"), timeZone: h.Get("X-Trino-Time-Zone"),
		source: h.Get("X-Trino-Source"), base: server.BaseURL(r),
	}
	name, password, basic := r.BasicAuth()
	s.caller = callerOf(r)
	if s.caller == nil && (password != "" || !basic && h.Get("Authorization") != "") {
		return nil, errPassword
	}
	switch {
	case s.caller != nil:
		s.user = s.caller.User()
	case s.user == "":
		s.user = name
	}
	for _, capability := range list(h.Values("X-Trino-Client-Capabilities")) {
		if capability == "PARAMETRIC_DATETIME" {
			s.parametricDatetime = true
		}
	}
	s.asker = askerOf(r, s)
	var err error
	if s.transaction, s.transactions, err = transactionOf(h); err != nil {
		return nil, err
	}
	if s.properties, err = pairs(h.Values("X-Trino-Session")); err != nil {
		return nil, err
	}
	if s.prepared, err = pairs(h.Values("X-Trino-Prepared-Statement")); err != nil {
		return nil, err
	}
	return s, nil
}

// transactionOf reads the id of the client's transaction, "" for none. A client that supports transactions always
// sends one.
func transactionOf(h http.Header) (id string, known bool, err error) {
	values := h.Values("X-Trino-Transaction-Id")
	if len(values) == 0 {
		return "", false, nil
	}
	id = strings.TrimSpace(values[0])
	if id == "" || strings.EqualFold(id, "none") {
		return "", true, nil
	}
	parsed, err := uuid.Parse(id)
	if err != nil {
		return "", true, fmt.Errorf("X-Trino-Transaction-Id: %w", err)
	}
	return parsed.String(), true, nil
}

// list splits headers at commas.
func list(values []string) []string {
	var out []string
	for _, value := range values {
		for _, part := range strings.Split(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// pairs reads headers of the form name=value,… whose parts are URL-encoded.
func pairs(values []string) (map[string]string, error) {
	out := map[string]string{}
	for _, part := range list(values) {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, errors.New("header has no name=value: " + part)
		}
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, nil
}

// state converts the session for the engine.
func (s *session) state() *engine.SessionState {
	return &engine.SessionState{
		User: s.user, Catalog: s.catalog, Schema: s.schema, TimeZone: s.timeZone, Properties: s.properties, Prepared: s.prepared,
	}
}
