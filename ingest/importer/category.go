package importer

import (
	"fmt"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
)

// category is the event category of the store that an import fills.
type category string

// ofTrails reports whether trails deliver the category's events beside each other.
func (c category) ofTrails() bool {
	return c == "Management" || c == "Data" || c == "NetworkActivity"
}

// kindOf is what an object is taken for.
func (c category) kindOf(o Object) logfile.Kind {
	kind := logfile.KindOf(o.Key)
	switch {
	case kind == logfile.Aggregated:
		return kind
	case o.Named:
		return logfile.LogFile
	case c.ofTrails():
		return kind
	case c == "Insight" && kind == logfile.Insight:
		return logfile.LogFile
	case logfile.OfTrail(o.Key):
		return logfile.OtherService
	}
	return kind
}

// refuses tells why an event with the category of its record does not belong into
// the store, nil if it does. A copy of trails takes whatever is in their files.
func (c category) refuses(of []byte) *ingest.Failure {
	wrong := string(of) != string(c)
	if c.ofTrails() {
		wrong = string(of) == "ConfigurationItem" || string(of) == "Evidence" || string(of) == "ActivityAuditLog"
	}
	if !wrong {
		return nil
	}
	has := "has no eventCategory"
	if len(of) > 0 {
		has = fmt.Sprintf("is of the category %.40q", of)
	}
	return &ingest.Failure{Reason: ingest.WrongCategory, Message: fmt.Sprintf("the event %s, the store takes %s events", has, c)}
}
