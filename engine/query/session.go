package query

import (
	"cmp"
	"strconv"
	"time"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// The one catalog of a lake, and the schema of its stores.
const (
	CatalogName = "auditlake"
	SchemaName  = "default"
)

// TimeZone sets the session's time zone: a region such as Europe/Berlin, or an offset. now(), current_timestamp and
// casts between times with and without a zone follow it. The default is UTC. With an unknown zone the query fails
// with INVALID_FUNCTION_ARGUMENT.
func TimeZone(name string) Option { return func(o *request) { o.timeZone = name } }

// User sets current_user; the default is auditlake.
func User(name string) Option { return func(o *request) { o.user = name } }

// Arguments sets the values of the statement's parameters (question marks), in their order, as SQL: constant
// expressions such as 'a' or DATE '2026-01-31'.
func Arguments(expressions ...string) Option {
	return func(o *request) {
		o.arguments = expressions
		if len(expressions) > 0 {
			o.parsed = nil
		}
	}
}

// Prepared sets the texts of the prepared statements, by name, for EXECUTE, DESCRIBE INPUT and DESCRIBE OUTPUT.
func Prepared(statements map[string]string) Option {
	return func(o *request) { o.prepared = statements }
}

// properties returns the session's properties under Trino's names.
func (o *request) properties() []metadata.SessionProperty {
	scan, run := "", ""
	if o.maxBytes > 0 {
		scan = dataSize(o.maxBytes)
	}
	if o.timeout > 0 {
		run = duration(o.timeout)
	}
	return []metadata.SessionProperty{
		{Name: "query_max_run_time", Value: run, Type: "varchar", Description: "Maximum run time of a query (includes the queueing time)"},
		{Name: "query_max_scan_physical_bytes", Value: scan, Type: "varchar", Description: "Maximum scan physical bytes of a query"},
		{Name: "time_zone_id", Value: o.timeZone, Type: "varchar", Description: "Time Zone Id for the current session"},
	}
}

// dataSize formats bytes in the largest unit that divides them: 2GB is 2^31.
func dataSize(bytes int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	at := 0
	for ; bytes%1024 == 0 && at < len(units)-1; at++ {
		bytes /= 1024
	}
	return strconv.FormatInt(bytes, 10) + units[at]
}

// duration formats a time in the largest unit that it reaches, as 1.50m.
func duration(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}}
	for _, unit := range units {
		if d >= unit.size {
			return strconv.FormatFloat(float64(d)/float64(unit.size), 'f', 2, 64) + unit.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + ".00ns"
}

// userName returns the caller's name.
func (o *request) userName() string { return cmp.Or(o.user, "auditlake") }

// session returns what a statement's meaning depends on besides its text.
func (o *request) session(now time.Time) (*metadata.Session, error) {
	s := &metadata.Session{
		Now: now, Location: time.UTC, Zone: "UTC", User: o.userName(), Catalog: CatalogName, Schema: SchemaName,
	}
	s.Properties = o.properties()
	s.Prepared = o.prepared
	if o.timeZone == "" {
		return s, nil
	}
	var err error
	s.Location, s.Zone, err = types.LoadZone(o.timeZone)
	return s, err
}
