package trino

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
)

// session is what the headers of a request say of its statement.
type session struct {
	user, catalog, schema, timeZone string
	source, base                    string // the client's program, and how it reaches this server
	properties                      map[string]string
	prepared                        map[string]string // statements by name
	parametricDatetime              bool              // the client knows timestamp(p)
	transaction                     string            // id of the client's transaction, "" for none
	transactions                    bool              // the client can keep a transaction's id
}

// The session properties there are, named as Trino's.
const (
	timeZoneProperty = "time_zone_id"
	runTimeProperty  = "query_max_run_time"
	scanProperty     = "query_max_scan_physical_bytes"
)

// errPassword is a request that shows a password, which nobody would check.
var errPassword = errors.New("password authentication is not supported; send a user name only (X-Trino-User)")

// sessionOf reads the headers of a request.
func sessionOf(r *http.Request) (*session, error) {
	h := r.Header
	s := &session{
		user: h.Get("X-Trino-User"), catalog: h.Get("X-Trino-Catalog"), schema: h.Get("X-Trino-Schema"), timeZone: h.Get("X-Trino-Time-Zone"),
		source: h.Get("X-Trino-Source"), base: server.BaseURL(r),
	}
	name, password, basic := r.BasicAuth()
	if password != "" || !basic && h.Get("Authorization") != "" {
		return nil, errPassword
	}
	if s.user == "" {
		s.user = name
	}
	for _, capability := range list(h.Values("X-Trino-Client-Capabilities")) {
		if capability == "PARAMETRIC_DATETIME" {
			s.parametricDatetime = true
		}
	}
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

// transactionOf reads the id of the client's transaction, "" for none. A client
// that knows transactions always sends one.
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

// options are the session as the engine takes it. The error is a catalog, a
// schema or a property that does not exist, or has no such value.
func (s *session) options() ([]engine.QueryOption, error) {
	if s.catalog != "" && !strings.EqualFold(s.catalog, engine.CatalogName) {
		return nil, failed("CATALOG_NOT_FOUND", "Catalog '"+s.catalog+"' cannot be the session's, only '"+engine.CatalogName+"' can")
	}
	if s.schema != "" && !strings.EqualFold(s.schema, engine.SchemaName) {
		return nil, failed("SCHEMA_NOT_FOUND", "Schema '"+s.schema+"' cannot be the session's, only '"+engine.SchemaName+"' can")
	}
	var out []engine.QueryOption
	if s.user != "" {
		out = append(out, engine.User(s.user))
	}
	zone := s.timeZone
	for _, name := range sortedKeys(s.properties) {
		value := s.properties[name]
		if name == timeZoneProperty {
			zone = value
			continue
		}
		option, err := propertyOption(name, value)
		if err != nil {
			return nil, err
		}
		out = append(out, option)
	}
	if zone != "" {
		out = append(out, engine.TimeZone(zone))
	}
	return out, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func propertyOption(name, value string) (engine.QueryOption, error) {
	switch name {
	case timeZoneProperty:
		return engine.TimeZone(value), nil
	case runTimeProperty:
		limit, ok := parseDuration(value)
		if !ok {
			return nil, failed("INVALID_SESSION_PROPERTY", runTimeProperty+" is not a duration such as 30.00s: "+value)
		}
		return engine.Timeout(limit), nil
	case scanProperty:
		limit, ok := parseDataSize(value)
		if !ok {
			return nil, failed("INVALID_SESSION_PROPERTY", scanProperty+" is not a data size such as 2GB: "+value)
		}
		return engine.MaxBytes(limit), nil
	}
	return nil, failed("INVALID_SESSION_PROPERTY", "Session property '"+name+"' does not exist; there are "+
		strings.Join([]string{scanProperty, runTimeProperty, timeZoneProperty}, ", "))
}

var (
	durationUnits = []struct {
		name string
		size float64
	}{
		{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 24 * 3600e9},
	}
	dataUnits = []struct {
		name string
		size float64
	}{
		{"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"PB", 1 << 50}, {"B", 1},
	}
)

// parseDuration reads a positive duration as Trino writes it: 1.50m.
func parseDuration(text string) (time.Duration, bool) {
	for _, unit := range durationUnits {
		digits, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		if n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64); err == nil {
			total := n * unit.size
			return time.Duration(total), total >= 1 && total < 1<<62
		}
	}
	return 0, false
}

// parseDataSize reads a positive data size as Trino writes it: 2GB is 2^31 bytes.
func parseDataSize(text string) (int64, bool) {
	for _, unit := range dataUnits {
		digits, ok := strings.CutSuffix(text, unit.name)
		if !ok {
			continue
		}
		if n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64); err == nil {
			total := n * unit.size
			return int64(total), total >= 1 && total < 1<<62
		}
	}
	return 0, false
}
