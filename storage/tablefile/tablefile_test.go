package tablefile_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/tablefile"
)

var schema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)

func numbers(from, count int64) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range count {
		b.Field(0).(*array.Int64Builder).Append(from + i)
	}
	return b.NewRecord()
}

func records(list ...arrow.Record) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// memoryFile is a file that knows whether it was closed.
type memoryFile struct {
	*bytes.Reader
	closed bool
}

func (m *memoryFile) Close() error { m.closed = true; return nil }

func written(t *testing.T) []byte {
	var out bytes.Buffer
	rows, err := tablefile.Write(context.Background(), &out, schema, records(numbers(0, 1000), numbers(1000, 3)))
	require.NoError(t, err)
	require.EqualValues(t, 1003, rows)
	return out.Bytes()
}

func TestRecordsComeBack(t *testing.T) {
	content := written(t)
	file := &memoryFile{Reader: bytes.NewReader(content)}
	f, err := tablefile.Open(file, int64(len(content)), "n.arrow")
	require.NoError(t, err)
	require.Equal(t, 2, f.Records())
	second, err := f.Record(1)
	require.NoError(t, err)
	first, err := f.Record(0)
	require.NoError(t, err)
	require.EqualValues(t, 1002, second.Column(0).(*array.Int64).Value(2), "a record outlives the next one")
	require.EqualValues(t, 999, first.Column(0).(*array.Int64).Value(999))
	require.NoError(t, f.Close())
	require.True(t, file.closed)
}

func TestShortFilesAreErrors(t *testing.T) {
	content := written(t)
	for _, size := range []int{0, 5, len(content) / 2} {
		file := &memoryFile{Reader: bytes.NewReader(content[:size])}
		_, err := tablefile.Open(file, int64(size), "n.arrow")
		require.ErrorContains(t, err, "n.arrow")
		require.True(t, file.closed)
	}
}

func TestWriteErrors(t *testing.T) {
	_, err := tablefile.Write(context.Background(), &bytes.Buffer{}, schema, func(yield func(arrow.Record, error) bool) { yield(nil, errors.New("no rows")) })
	require.EqualError(t, err, "no rows")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = tablefile.Write(ctx, &bytes.Buffer{}, schema, records(numbers(0, 1)))
	require.ErrorIs(t, err, context.Canceled)
}

// A batch whose bytes are damaged after the file was opened is an error that names the file, never a panic.
func TestDamagedRecordsAreErrors(t *testing.T) {
	content := written(t)
	refused := 0
	for at := 8; at < len(content)-10; at += 16 {
		damaged := append([]byte(nil), content...)
		f, err := tablefile.Open(&memoryFile{Reader: bytes.NewReader(damaged)}, int64(len(damaged)), "n.arrow")
		require.NoError(t, err)
		for i := range 16 {
			damaged[at+i] ^= 0xff
		}
		for i := range f.Records() {
			if _, err := f.Record(i); err != nil {
				require.ErrorContains(t, err, "n.arrow")
				refused++
			}
		}
		require.NoError(t, f.Close())
	}
	require.NotZero(t, refused)
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errors.New("no space")
	}
	return len(p), nil
}

// A write that fails ends the file with its error, wherever it happens.
func TestFailedWrites(t *testing.T) {
	size := len(written(t))
	for left := 0; left < size; left += 256 {
		_, err := tablefile.Write(context.Background(), &failingWriter{left: left}, schema, records(numbers(0, 1000), numbers(1000, 3)))
		require.ErrorContains(t, err, "no space", "after %d bytes", left)
	}
}
