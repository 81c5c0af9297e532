package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/errgroup"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/vfs"
)

// categoryMetadata names the entry of an ORC file's user metadata that holds the event category.
const categoryMetadata = "auditlake.category"

// writeSegments writes the writer's buffered rows, several days at once. Temporary files of the
// segments it returns exist, synced; those of failed ones are removed.
func (l *Lake) writeSegments(ctx context.Context, w *Writer) ([]*catalog.Segment, error) {
	order := w.buffer.sorted(w.timeCol)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(encodeWorkers)
	var mu sync.Mutex
	var segments []*catalog.Segment
	for len(order) > 0 {
		day := catalog.DayOf(order[0].time)
		n := daySize(order, day)
		rows := order[:n]
		order = order[n:]
		group.Go(func() error {
			written, err := l.writeDay(ctx, w, day, rows)
			mu.Lock()
			defer mu.Unlock()
			segments = append(segments, written...)
			return err
		})
	}
	err := group.Wait()
	return segments, err
}

// writeDay writes the sorted rows of one day to as many segments as their size asks for.
func (l *Lake) writeDay(ctx context.Context, w *Writer, day catalog.Day, rows []rowRef) ([]*catalog.Segment, error) {
	if err := l.fs.MkdirAll(l.dayPath(w.storeID, day)); err != nil {
		return nil, err
	}
	var segments []*catalog.Segment
	for len(rows) > 0 {
		s := l.newSegment(w.storeID, day)
		n, err := l.writeSegment(ctx, w, s, rows)
		if err != nil {
			return segments, err
		}
		segments = append(segments, s)
		rows = rows[n:]
	}
	return segments, nil
}

// writeSegment writes rows until they or the segment's size end, syncs the file and completes s.
// It returns how many rows went in.
func (l *Lake) writeSegment(ctx context.Context, w *Writer, s *catalog.Segment, rows []rowRef) (n int, err error) {
	file, err := l.createSegment(w, l.tempPath(s))
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.abort(l.fs))
		}
	}()
	for n < len(rows) && file.bytes < l.segmentBytes {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		chunk := rows[n:min(n+sortedChunkRows, len(rows))]
		if err := file.write(w.schema, w.buffer.records, chunk); err != nil {
			return 0, err
		}
		n += len(chunk)
	}
	if err := file.finish(); err != nil {
		return 0, err
	}
	s.Rows, s.Bytes = int64(n), file.bytes
	s.MinTime, s.MaxTime = rows[0].time, rows[n-1].time
	s.SHA256 = hex.EncodeToString(file.hash.Sum(nil))
	return n, nil
}

// segmentFile is an ORC file being written; it counts and hashes its bytes.
type segmentFile struct {
	path     string
	file     vfs.File
	closed   bool
	buffered *bufio.Writer
	encoder  *orc.Writer
	hash     hash.Hash
	bytes    int64
}

func (l *Lake) createSegment(w *Writer, path string) (*segmentFile, error) {
	file, err := l.fs.Create(path)
	if err != nil {
		return nil, err
	}
	f := &segmentFile{path: path, file: file, buffered: bufio.NewWriterSize(file, fileBufferBytes), hash: sha256.New()}
	if f.encoder, err = orc.NewWriter(f, w.schema, l.encoderOptions(w.table)); err != nil {
		return nil, errors.Join(err, f.abort(l.fs))
	}
	return f, nil
}

func (l *Lake) encoderOptions(table *schema.Table) orc.WriterOptions {
	return orc.WriterOptions{
		Compression: orc.Zstd,
		Level:       orc.Fastest,
		StripeBytes: l.stripeBytes,
		Bloom: func(path string) bool {
			column, ok := table.Lookup(path)
			return ok && column.Bloom
		},
		Attributes:   table.Attributes,
		UserMetadata: map[string][]byte{categoryMetadata: []byte(table.Category)},
	}
}

// Write takes what the encoder has ready.
func (f *segmentFile) Write(p []byte) (int, error) {
	n, err := f.buffered.Write(p)
	f.hash.Write(p[:n])
	f.bytes += int64(n)
	return n, err
}

// write encodes rows. Text that passes what one array can hold is encoded in halves.
func (f *segmentFile) write(schema *arrow.Schema, records []arrow.Record, rows []rowRef) error {
	rec, err := gatherRows(schema, records, rows)
	if errors.Is(err, errArrayTooLarge) && len(rows) > 1 {
		half := len(rows) / 2
		if err := f.write(schema, records, rows[:half]); err != nil {
			return err
		}
		return f.write(schema, records, rows[half:])
	}
	if err != nil {
		return err
	}
	return f.encoder.Write(rec)
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

// abort removes the file. One that cannot be removed is when the lake is opened.
func (f *segmentFile) abort(fs vfs.FS) error {
	if !f.closed {
		_ = f.file.Close() // nothing in it is wanted
	}
	return fs.Remove(f.path)
}
