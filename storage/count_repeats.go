package storage

import (
	"context"

	"github.com/auditlake/auditlake/storage/catalog"
)

// CountRepeats returns how many events a compaction would drop if the store left repeats out: those that repeat an
// earlier one with the same day, eventid, recipientaccountid and bytes. It counts only in days with new segments. A
// segment is new if known lacks its name.
func (l *Lake) CountRepeats(ctx context.Context, storeID string, known map[string]bool) (repeats int64, err error) {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	segments, err := s.Segments(storeID)
	if err != nil {
		return 0, err
	}
	store, err := s.Store(storeID)
	if err != nil {
		return 0, err
	}
	table, err := tableOf(store)
	if err != nil {
		return 0, err
	}
	byDay, changed := map[catalog.Day][]*catalog.Segment{}, map[catalog.Day]bool{}
	for _, segment := range segments {
		byDay[segment.Day] = append(byDay[segment.Day], segment)
		changed[segment.Day] = changed[segment.Day] || !known[segment.Name]
	}
	for day, segments := range byDay {
		if !changed[day] {
			continue
		}
		d := daySegments{storeID, day, table, segments}
		if err := l.compareDay(ctx, s, d, func(*catalog.Segment, int64) { repeats++ }); err != nil {
			return 0, err
		}
	}
	return repeats, nil
}

// SegmentNames returns the names of a store's segments.
func (l *Lake) SegmentNames(ctx context.Context, storeID string) (map[string]bool, error) {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	segments, err := s.Segments(storeID)
	names := make(map[string]bool, len(segments))
	for _, segment := range segments {
		names[segment.Name] = true
	}
	return names, err
}
