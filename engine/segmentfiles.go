package engine

import (
	"context"
	"path/filepath"
)

// SegmentFiles lists the files of a store's segments within retention, as slash-separated paths below the
// lake's folder. They are those of one snapshot; later compaction or expiry removes files of the list.
func (l *Lake) SegmentFiles(ctx context.Context, name string) ([]string, error) {
	s, err := l.Store(ctx, name)
	if err != nil {
		return nil, err
	}
	snapshot, err := l.storage.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	segments, err := snapshot.Segments(s.ID)
	if err != nil {
		return nil, err
	}
	oldest := horizon(s, l.now()).UnixMilli()
	var files []string
	for _, segment := range segments {
		if segment.Day.End() <= oldest {
			continue
		}
		path, err := filepath.Rel(l.dir, l.storage.SegmentPath(segment))
		if err != nil {
			return nil, err
		}
		files = append(files, filepath.ToSlash(path))
	}
	return files, nil
}
