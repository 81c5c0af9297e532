package importer

import (
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/schema"
)

// kindFor returns what an object is taken for by an import into a store of a category.
func kindFor(store schema.Category, o Object) logfile.Kind {
	kind := logfile.KindOf(o.Key)
	switch {
	case kind == logfile.Aggregated:
		return kind
	case o.Named:
		return logfile.LogFile
	case store.IsOfTrails():
		return kind
	case store == schema.Insight && kind == logfile.Insight:
		return logfile.LogFile
	case logfile.OfTrail(o.Key):
		return logfile.OtherService
	}
	return kind
}
