package tablefile_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/tablefile"
)

// failing is a file that cannot be read from some time on.
type failing struct {
	*memoryFile
	err error
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.memoryFile.ReadAt(p, at)
}

// TestRecordThatCannotBeRead: the error names file and record; the file can be read again when its disk can.
func TestRecordThatCannotBeRead(t *testing.T) {
	content := written(t)
	source := &failing{memoryFile: &memoryFile{Reader: bytes.NewReader(content)}}
	f, err := tablefile.Open(source, int64(len(content)), "n.arrow")
	require.NoError(t, err)
	source.err = errors.New("input/output error")
	_, err = f.Record(1)
	require.ErrorContains(t, err, "n.arrow")
	source.err = nil
	r, err := f.Record(1)
	require.NoError(t, err)
	require.EqualValues(t, 3, r.NumRows())
	_, err = f.Record(2)
	require.ErrorContains(t, err, "n.arrow")
}

// fullDisk takes so many bytes.
type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestFullDisk: a table that does not fit is an error, wherever it is that it ends.
func TestFullDisk(t *testing.T) {
	whole := len(written(t))
	for room := 0; room < whole; room += 1 + room/20 {
		_, err := tablefile.Write(t.Context(), &fullDisk{left: room}, schema, records(numbers(0, 1000), numbers(1000, 3)))
		require.ErrorIs(t, err, errFull, "%d of %d bytes", room, whole)
	}
	_, err := tablefile.Write(t.Context(), &fullDisk{left: whole}, schema, records(numbers(0, 1000), numbers(1000, 3)))
	require.NoError(t, err)
}
