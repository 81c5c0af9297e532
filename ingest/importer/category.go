package importer

import (
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/schema"
)

// kindFor returns what an object is taken for by an import into a store of a category. Results that the managed
// service delivered beside a trail's log files are answers about these files' events, and not taken with them.
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

// InsightFile is what a file of Insights events is called among the files that were left out.
var InsightFile = logfile.Insight.Describe("")
