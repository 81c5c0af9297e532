package imports

import (
	"context"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// segmentsBefore returns the names of a store's segments before an import. It returns nil if the import does not
// count the repeats that it adds: the store drops them itself, its events have no text to compare, or nothing is
// written.
func (i *Imports) segmentsBefore(ctx context.Context, s *catalog.Store, dryRun bool) (map[string]bool, error) {
	if dryRun || s.DedupeEventID || !schema.Category(s.Category).HasEventJSON() {
		return nil, nil
	}
	return i.storage.SegmentNames(ctx, s.ID)
}

// countRepeats counts the repeated events of the days that an import has added to. The import is done, so a segment
// that cannot be read is a warning.
func (i *Imports) countRepeats(ctx context.Context, s *catalog.Store, known map[string]bool) int64 {
	repeats, err := i.storage.CountRepeats(ctx, s.ID, known)
	if err != nil {
		i.storage.Log().Warn("repeated events were not counted", "store", s.Name, "error", err)
	}
	return repeats
}
