package store

import (
	"context"
	"path/filepath"
)

// SegmentFiles lists the files of a store's segments within retention, as slash-separated paths below the lake's
// folder. The list is of one snapshot; later compaction or expiry removes some of its files.
func (s *Stores) SegmentFiles(ctx context.Context, name string) ([]string, error) {
	record, err := Record(ctx, s.storage, name)
	if err != nil {
		return nil, err
	}
	snapshot, err := s.storage.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	segments, err := snapshot.Segments(record.ID)
	if err != nil {
		return nil, err
	}
	oldest := record.Horizon(s.place.Now()).UnixMilli()
	var files []string
	for _, segment := range segments {
		if segment.Day.End() <= oldest {
			continue
		}
		path, err := filepath.Rel(s.place.Dir, s.storage.SegmentPath(segment))
		if err != nil {
			return nil, err
		}
		files = append(files, filepath.ToSlash(path))
	}
	return files, nil
}
