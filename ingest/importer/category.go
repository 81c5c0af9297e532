package importer

import (
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/schema"
)

// kindFor returns how an import into a store of a category treats an object. Results that the managed service
// delivered next to a trail's log files are answers about these files' events, so they are not imported with them.
func kindFor(store schema.Category, o Object, besideLogs bool) logfile.Kind {
	kind := logfile.KindOf(o.Key)
	switch {
	case o.LeftOut != "":
		return logfile.OtherFile
	case kind == logfile.Aggregated:
		return kind
	case o.Named, kind == logfile.ResultFile && !(besideLogs && logfile.OfLake(o.Key)):
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

// InsightFile is the name of a file of Insights events among the files that were left out.
var InsightFile = logfile.Insight.Describe("")
