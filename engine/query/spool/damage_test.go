package spool

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/storage/vfs"
)

// content is a file of a result in memory.
type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

// keptBytes is the file of a small result of several types and parts.
func keptBytes(t testing.TB) []byte {
	disk := newDisk(t)
	f := open(t, disk)
	var columns []answer.Column
	var arrays []arrow.Array
	for _, c := range [][2]string{
		{"bigint", "[1, null, 3]"}, {"varchar", `["a", null, "cc"]`}, {"boolean", "[true, null, false]"},
		{"array(bigint)", "[[1, 2], null, []]"}, {"map(varchar, bigint)", `[[{"key": "a", "value": 1}], null, []]`},
		{"row(x double)", `[{"x": 1.5}, null, {"x": null}]`}, {"unknown", "[null, null, null]"},
		{"timestamp(3) with time zone", `[{"instant": "2024-01-01", "zone": 1060}, null, {"instant": "2024-01-01", "zone": 0}]`},
	} {
		column, array := typedColumn(t, c[0], c[0], c[1])
		columns, arrays = append(columns, column), append(arrays, array)
	}
	w, err := f.Create(firstID, columns, nil)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, w.AddArrays(arrays))
		require.NoError(t, w.flush())
	}
	require.NoError(t, w.Finish())
	return fileBytes(t, disk, f.resultPath(firstID))
}

func fileBytes(t testing.TB, files vfs.FS, path string) []byte {
	info, err := files.Stat(path)
	require.NoError(t, err)
	file, err := files.Open(path)
	require.NoError(t, err)
	b := make([]byte, info.Size())
	_, err = file.ReadAt(b, 0)
	require.NoError(t, err)
	return b
}

// readAll opens and reads a file, and writes every value as text.
func readAll(file []byte) (rows int64, err error) {
	r, err := openResult(content{bytes.NewReader(file)}, int64(len(file)), "x.result", firstID)
	if err != nil {
		return 0, err
	}
	return answer.Write("trino", &bytes.Buffer{}, r.Page(context.Background(), 0, -1))
}

func TestEveryDamagedByteIsFound(t *testing.T) {
	file := keptBytes(t)
	rows, err := readAll(file)
	require.NoError(t, err)
	require.EqualValues(t, 6, rows)
	for at := range file {
		for _, flip := range []byte{1, 0x80} {
			damaged := bytes.Clone(file)
			damaged[at] ^= flip
			_, err := readAll(damaged)
			require.ErrorAs(t, err, new(*DamagedError), "byte %d", at)
			require.ErrorContains(t, err, "damaged file x.result", "byte %d", at)
		}
	}
	for size := range file {
		_, err := readAll(file[:size])
		require.ErrorAs(t, err, new(*DamagedError), "%d bytes", size)
	}
	_, err = readAll(append(bytes.Clone(file), 0))
	require.ErrorAs(t, err, new(*DamagedError))
}

func TestOtherVersions(t *testing.T) {
	for name, c := range map[string]struct {
		version uint32
		says    string
	}{
		"older": {0, "kept by a version of auditlake that is older, in format 0 where this one reads 1; run the query again"},
		"newer": {2, "kept by a version of auditlake that is newer, in format 2 where this one reads 1; run the query again"},
	} {
		t.Run(name, func(t *testing.T) {
			file := keptBytes(t)
			binary.LittleEndian.PutUint32(file[8:], c.version)
			binary.LittleEndian.PutUint32(file[12:], checksum(file[:12]))
			// Nothing else of the file can be expected to be as it is here.
			clear(file[headerBytes:])
			_, err := readAll(file)
			require.ErrorAs(t, err, new(*VersionError))
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestResultOfAnotherQuery(t *testing.T) {
	file := keptBytes(t)
	_, err := openResult(content{bytes.NewReader(file)}, int64(len(file)), "x.result", secondID)
	require.ErrorAs(t, err, new(*DamagedError))
	require.ErrorContains(t, err, "result of query "+firstID)
}

// TestHostileLengths: an Arrow message that states more than it holds is refused
// before the Arrow library allocates that much.
func TestHostileLengths(t *testing.T) {
	file := keptBytes(t)
	r, err := openResult(content{bytes.NewReader(file)}, int64(len(file)), "x.result", firstID)
	require.NoError(t, err)
	for name, damage := range map[string]func(message *flatbuffers.Table, buffer []byte){
		"body":          func(m *flatbuffers.Table, _ []byte) { m.MutateInt64Slot(messageBodyLength, 1<<50) },
		"buffer":        func(_ *flatbuffers.Table, b []byte) { binary.LittleEndian.PutUint64(b[8:], 1<<40) },
		"negative":      func(_ *flatbuffers.Table, b []byte) { binary.LittleEndian.PutUint64(b[8:], 1<<63) },
		"place":         func(_ *flatbuffers.Table, b []byte) { binary.LittleEndian.PutUint64(b, 1<<62) },
		"kind":          func(m *flatbuffers.Table, _ []byte) { m.MutateByteSlot(messageHeaderType, 2) },
		"unknown kind":  func(m *flatbuffers.Table, _ []byte) { m.MutateByteSlot(messageHeaderType, 99) },
		"table's place": func(m *flatbuffers.Table, _ []byte) { clear(m.Bytes[4:12]) },
	} {
		t.Run(name, func(t *testing.T) {
			message, err := r.readPart(1)
			require.NoError(t, err)
			_, err = decodeRecord(r.schema, r.schemaMessage, message, 3)
			require.NoError(t, err)
			metadata := message[8 : 8+binary.LittleEndian.Uint32(message[4:])]
			table := flatbuffers.Table{Bytes: metadata, Pos: flatbuffers.GetUOffsetT(metadata)}
			var batch flatbuffers.Table
			table.Union(&batch, flatbuffers.UOffsetT(table.Offset(messageHeader)))
			damage(&table, metadata[batch.Vector(flatbuffers.UOffsetT(batch.Offset(batchBuffers)))+bufferStructBytes:])
			_, err = decodeRecord(r.schema, r.schemaMessage, message, 3)
			require.Error(t, err)
		})
	}
	message, err := r.readPart(1)
	require.NoError(t, err)
	_, err = decodeRecord(r.schema, r.schemaMessage, message, 4)
	require.ErrorContains(t, err, "3 rows where the index says 4")
	binary.LittleEndian.PutUint32(message[4:], 1<<31)
	_, err = decodeRecord(r.schema, r.schemaMessage, message, 3)
	require.ErrorIs(t, err, errNoMessage)
}

// mended gives a file the checksums that its bytes have, so that what reads them
// has nothing to trust but its own checks.
func mended(file []byte) []byte {
	if len(file) < headerBytes+trailerBytes {
		return file
	}
	file = bytes.Clone(file)
	copy(file, encodeHeader())
	end := file[len(file)-trailerBytes:]
	offset := int64(binary.LittleEndian.Uint64(end))
	if offset < headerBytes || offset > int64(len(file)-trailerBytes) {
		return file
	}
	index := file[offset : len(file)-trailerBytes]
	binary.LittleEndian.PutUint32(end[16:], uint32(len(index)))
	if len(index) >= 4 {
		at := int64(headerBytes)
		entries := index[4:]
		for range binary.LittleEndian.Uint32(index) {
			if len(entries) < entryBytes {
				break
			}
			next := at + int64(binary.LittleEndian.Uint32(entries))
			if next > offset {
				break
			}
			binary.LittleEndian.PutUint32(entries[12:], checksum(file[at:next]))
			at, entries = next, entries[entryBytes:]
		}
	}
	binary.LittleEndian.PutUint32(end[20:], checksum(index))
	binary.LittleEndian.PutUint32(end[24:], checksum(end[:24]))
	copy(end[28:], trailerMagic[:])
	return file
}

// FuzzOpen: whatever a file holds, reading it ends with its rows or an error, also
// when all checksums are right.
func FuzzOpen(f *testing.F) {
	file := keptBytes(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = readAll(file)
		_, _ = readAll(mended(file))
	})
}

// FuzzDecodeRecord: whatever an Arrow message holds, what is read of it can be used.
func FuzzDecodeRecord(f *testing.F) {
	file := keptBytes(f)
	r, err := openResult(content{bytes.NewReader(file)}, int64(len(file)), "x.result", firstID)
	require.NoError(f, err)
	message, err := r.readPart(1)
	require.NoError(f, err)
	f.Add(message, uint32(3))
	f.Fuzz(func(t *testing.T, message []byte, rows uint32) {
		record, err := decodeRecord(r.schema, r.schemaMessage, message, rows)
		if err != nil {
			return
		}
		for c, column := range r.columns {
			if ownZones(column.Type, record.Column(c).Data(), r.zones) != nil {
				return
			}
			for i := range min(1000, record.Column(c).Len()) {
				_ = answer.AppendJSON(nil, column.Type, record.Column(c), i)
			}
		}
	})
}
