// Package session keeps what a client's statements change for the statements after them: prepared statements,
// session properties, the time zone. It runs nothing. A server that takes a client's statements interprets each
// with the client's session. It then applies the change that the statement asks for, or runs the statement with the
// session's options.
package session

import (
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/planner/types"
)

// The session properties there are, named as Trino's.
const (
	TimeZoneProperty = "time_zone_id"
	RunTimeProperty  = "query_max_run_time"
	ScanProperty     = "query_max_scan_physical_bytes"
)

// maxPrepared bounds the prepared statements of a session. The parser bounds each of them.
const maxPrepared = 1000

// State is one client's session. The zero value is a new one. It is for one goroutine at a time.
type State struct {
	User, Catalog, Schema string
	TimeZone              string            // the client's own; the property of the same meaning comes first
	Properties            map[string]string // set by SET SESSION, by name
	Prepared              map[string]string // texts of statements by name
}

// Options are the session as a query takes it. The error is a catalog, a schema or
// a property that does not exist, or has no such value.
func (s *State) Options() ([]query.Option, error) {
	if s.Catalog != "" && !strings.EqualFold(s.Catalog, query.CatalogName) {
		return nil, failed(types.CatalogNotFound, "Catalog '%s' cannot be the session's, only '%s' can", s.Catalog, query.CatalogName)
	}
	if s.Schema != "" && !strings.EqualFold(s.Schema, query.SchemaName) {
		return nil, failed(types.SchemaNotFound, "Schema '%s' cannot be the session's, only '%s' can", s.Schema, query.SchemaName)
	}
	options := []query.Option{query.Prepared(s.Prepared)}
	if s.User != "" {
		options = append(options, query.User(s.User))
	}
	zone := s.TimeZone
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		value := s.Properties[name]
		if name == TimeZoneProperty {
			zone = value
			continue
		}
		option, err := propertyOption(name, value)
		if err != nil {
			return nil, err
		}
		options = append(options, option)
	}
	if zone != "" {
		options = append(options, query.TimeZone(zone))
	}
	return options, nil
}

func failed(name, format string, args ...any) error {
	return types.Errorf(name, types.Pos{}, format, args...)
}
