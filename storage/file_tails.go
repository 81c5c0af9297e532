package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// tailKey is the key of a segment's tail in the lake's cache.
type tailKey struct{ path string }

// keepTail caches a parsed tail.
func keepTail(cache *decoded.Cache, path string, reader *orc.Reader) {
	cache.Put(tailKey{path}, reader, reader.TailBytes()+int64(len(path)), decoded.Structure)
}

// forgetTail drops the cached tail of a segment, and with it all that is cached of the segment. The next scan reads
// the tail again.
func (l *Lake) forgetTail(path string) { l.cache.Forget(tailKey{path}) }

// openSegment opens a segment with the columns of its store's table, whatever columns it was written with.
func (l *Lake) openSegment(s *catalog.Segment, table *schema.Table) (*orc.Reader, error) {
	return l.openSegmentWith(l.cache, l.SegmentPath(s), s, table)
}

// openSegmentWith opens the file at path like openSegment, with the lake's cache or one on top of it.
func (l *Lake) openSegmentWith(cache *decoded.Cache, path string, s *catalog.Segment, table *schema.Table) (*orc.Reader, error) {
	columns, err := wantedColumns(table)
	if err != nil {
		return nil, err
	}
	reader, err := l.readTail(cache, path, s)
	if err != nil {
		return nil, err
	}
	return reader.As(columns).WithCache(cache), nil
}

// columnsByTable caches the columns that segments are read with: *orc.Columns by *schema.Table.
var columnsByTable sync.Map

func wantedColumns(table *schema.Table) (*orc.Columns, error) {
	if columns, ok := columnsByTable.Load(table); ok {
		return columns.(*orc.Columns), nil
	}
	columns, err := orc.NewColumns(table.ArrowWithShape(), table.Attributes)
	if err != nil {
		return nil, fmt.Errorf("storage: columns of category %s: %w", table.Category, err)
	}
	kept, _ := columnsByTable.LoadOrStore(table, columns)
	return kept.(*orc.Columns), nil
}

// readTail reads the tail of a segment at path, and checks that it is the committed file.
func (l *Lake) readTail(cache *decoded.Cache, path string, s *catalog.Segment) (*orc.Reader, error) {
	var key any = tailKey{path}
	defer cache.Lock(key)()
	if kept, ok := cache.Get(key); ok {
		return kept.(*orc.Reader), nil
	}
	info, err := l.fs.Stat(path)
	if err != nil {
		return nil, readError(path, err)
	}
	if info.Size() != s.Bytes {
		return nil, &DamagedError{Path: path, Err: fmt.Errorf("has %d bytes, %d were committed", info.Size(), s.Bytes)}
	}
	reader, err := orc.OpenWith(cache, &pooledFile{pool: l.files, path: path}, s.Bytes, path)
	if err != nil {
		return nil, readError(path, err)
	}
	if reader.NumRows() != s.Rows {
		return nil, &DamagedError{Path: path, Err: fmt.Errorf("has %d rows, %d were committed", reader.NumRows(), s.Rows)}
	}
	if err := checkTimes(path, reader, s); err != nil {
		return nil, err
	}
	keepTail(cache, path, reader)
	return reader, nil
}

// checkTimes detects another segment of as many bytes and rows in the place of this one.
func checkTimes(path string, reader *orc.Reader, s *catalog.Segment) error {
	times, err := reader.Statistics(orc.Column(timeColumn))
	if err != nil {
		return readError(path, err)
	}
	if !times.Known || times.Min.Kind != orc.IntBound || times.Max.Kind != orc.IntBound {
		return nil
	}
	if times.Min.Int != s.MinTime || times.Max.Int != s.MaxTime {
		return &DamagedError{Path: path, Err: fmt.Errorf("has eventtimes from %d to %d, %d to %d were committed", times.Min.Int, times.Max.Int, s.MinTime, s.MaxTime)}
	}
	return nil
}

// readError returns a *DamagedError for errors that only damage can cause, and adds the path to others.
func readError(path string, err error) error {
	var corrupt *orc.CorruptError
	if errors.As(err, &corrupt) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &DamagedError{Path: path, Err: err}
	}
	return fmt.Errorf("read segment %s: %w", path, err)
}
