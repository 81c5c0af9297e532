package engine

import (
	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/orc"
)

// FormatVersions are the versions of a lake's files that this program writes. It also reads earlier versions, and
// refuses a lake whose catalog has a later one. docs/formats describes them.
type FormatVersions struct {
	Catalog    int `json:"catalog"`    // the manifest, the import ledger and all other records
	Segment    int `json:"segment"`    // the generation of the ORC files
	Log        int `json:"log"`        // pushed events that are not yet in a segment
	KeptResult int `json:"keptResult"` // kept answers of queries
}

// Formats returns the versions of the formats.
func Formats() FormatVersions {
	return FormatVersions{Catalog: catalog.FormatVersion, Segment: orc.Generation, Log: hotlog.FormatVersion, KeptResult: spool.FormatVersion}
}
