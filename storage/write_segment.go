package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/vfs"
)

// categoryMetadata is the key in an ORC file's user metadata for the event category.
const categoryMetadata = "auditlake.category"

// rowSource returns the rows of a day by eventtime.
type rowSource interface {
	hasRows() bool
	// nextRows returns the next rows and the columns of the records that hold them: n rows, or fewer or none at the
	// end, or if they are large or dropped. Both are the caller's until the next call.
	nextRows(ctx context.Context, n int) (records [][]arrow.Array, rows []rowRef, err error)
}

// segmentKind is what the segments of one write have in common.
type segmentKind struct {
	storeID string
	day     catalog.Day
	table   *schema.Table
	schema  *arrow.Schema // of table
	rebuilt bool          // shapes replace texts
}

// writeDay writes all rows of a day to as many segments as their size requires. The temporary files of the returned
// segments exist, synced, also after an error.
func (l *Lake) writeDay(ctx context.Context, kind *segmentKind, rows rowSource) ([]*catalog.Segment, error) {
	if err := l.fs.MkdirAll(l.dayPath(kind.storeID, kind.day)); err != nil {
		return nil, err
	}
	var segments []*catalog.Segment
	for rows.hasRows() {
		s, err := l.writeSegment(ctx, kind, rows)
		if err != nil {
			return segments, err
		}
		if s != nil {
			segments = append(segments, s)
		}
	}
	return segments, nil
}

// writeSegment writes rows until they or the segment's size end, and syncs the file. It returns nil if there was no
// row.
func (l *Lake) writeSegment(ctx context.Context, kind *segmentKind, source rowSource) (s *catalog.Segment, err error) {
	s = l.newSegment(kind.storeID, kind.day)
	file, err := l.createSegment(kind, l.tempPath(s))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.abort(l.fs))
		}
	}()
	for source.hasRows() && file.bytes < l.segmentBytes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		records, rows, err := source.nextRows(ctx, sortedChunkRows)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		if err := file.encodeRows(kind.schema, records, rows); err != nil {
			return nil, err
		}
		if s.Rows == 0 {
			s.MinTime = rows[0].time
		}
		s.MaxTime = rows[len(rows)-1].time
		s.Rows += int64(len(rows))
	}
	if s.Rows == 0 {
		return nil, file.abort(l.fs)
	}
	if err := file.finish(); err != nil {
		return nil, err
	}
	s.Bytes = file.bytes
	s.SHA256 = hex.EncodeToString(file.hash.Sum(nil))
	return s, nil
}

// segmentFile is an ORC file being written; it counts and hashes its bytes.
type segmentFile struct {
	path     string
	file     vfs.File
	closed   bool
	buffered *bufio.Writer
	encoder  *orc.Writer
	shaper   *shaper // nil: texts stay
	hash     hash.Hash
	bytes    int64
}

func (l *Lake) createSegment(kind *segmentKind, path string) (*segmentFile, error) {
	file, err := l.fs.Create(path)
	if err != nil {
		return nil, err
	}
	f := &segmentFile{path: path, file: file, buffered: bufio.NewWriterSize(file, fileBufferBytes), hash: sha256.New()}
	encoded := kind.schema
	if kind.rebuilt {
		f.shaper = newShaper(kind.table)
		encoded = f.shaper.schema
	}
	if f.encoder, err = orc.NewWriter(f, encoded, l.encoderOptions(kind)); err != nil {
		return nil, errors.Join(err, f.abort(l.fs))
	}
	return f, nil
}

func (l *Lake) encoderOptions(kind *segmentKind) orc.WriterOptions {
	table := kind.table
	return orc.WriterOptions{
		Compression: orc.Zstd,
		StripeBytes: l.stripeBytes,
		Bloom: func(path string) bool {
			column, ok := table.Lookup(path)
			return ok && column.Bloom
		},
		Attributes:   table.Attributes,
		UserMetadata: map[string][]byte{categoryMetadata: []byte(table.Category)},
	}
}

// Write takes the encoder's output.
func (f *segmentFile) Write(p []byte) (int, error) {
	n, err := f.buffered.Write(p)
	f.hash.Write(p[:n])
	f.bytes += int64(n)
	return n, err
}

// encodeRows encodes rows. If their text does not fit one array, it encodes them in halves.
func (f *segmentFile) encodeRows(schema *arrow.Schema, records [][]arrow.Array, rows []rowRef) error {
	rec, err := sortedRecord(schema, records, rows)
	if errors.Is(err, errArrayTooLarge) && len(rows) > 1 {
		half := len(rows) / 2
		if err := f.encodeRows(schema, records, rows[:half]); err != nil {
			return err
		}
		return f.encodeRows(schema, records, rows[half:])
	}
	if err == nil && f.shaper != nil {
		rec, err = f.shaper.shape(rec)
	}
	if err != nil {
		return err
	}
	return f.encoder.Write(rec)
}

// sortedRecord makes a record of rows in their order. A single record whose rows are all used in its own order is
// returned as it is.
func sortedRecord(schema *arrow.Schema, records [][]arrow.Array, rows []rowRef) (arrow.Record, error) {
	if len(records) != 1 || records[0][0].Len() != len(rows) {
		return gatherRows(schema, records, rows)
	}
	for i, r := range rows {
		if int(r.row) != i {
			return gatherRows(schema, records, rows)
		}
	}
	for i, column := range records[0] {
		if !arrow.TypeEqual(column.DataType(), schema.Field(i).Type) {
			return gatherRows(schema, records, rows)
		}
	}
	return array.NewRecord(schema, records[0], int64(len(rows))), nil
}

// finish ends the file and makes its content durable.
func (f *segmentFile) finish() error {
	if _, err := f.encoder.Close(); err != nil {
		return err
	}
	if err := f.buffered.Flush(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	f.closed = true
	return f.file.Close()
}

// abort removes the file. If that fails, opening the lake removes it.
func (f *segmentFile) abort(fs vfs.FS) error {
	if !f.closed {
		_ = f.file.Close() // nothing in it is wanted
	}
	return fs.Remove(f.path)
}
