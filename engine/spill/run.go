package spill

import (
	"hash/crc32"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/pierrec/lz4/v4"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Run is rows in a file, in the order in which they were written. One goroutine uses it
// at a time.
type Run struct {
	spiller    *Spiller
	path       string
	limitBytes int64    // of the space
	file       vfs.File // nil: the run is finished, or closed
	broken     bool     // a write has failed
	closed     bool

	records  []record
	types    []arrow.DataType // of arrays; a record has their numbers
	rows     int64
	unpacked int64 // of the records before they are packed
	bytes    int64 // of the file; they are reserved
	packer   lz4.Compressor
	plain    []byte // buffers of the last record, kept while they are not long
	packed   []byte
}

// record is a stretch of the file.
type record struct {
	offset      int64
	storedBytes uint32
	plainBytes  uint32 // storedBytes if it is not compressed
	checksum    uint32 // of the stored bytes
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// NewRun begins a run. Its errors, and those of Write and Finish, are *types.Errors:
// EXCEEDED_SPILL_LIMIT, GENERIC_INSUFFICIENT_RESOURCES for a full disk, GENERIC_INTERNAL_ERROR
// for one that fails, and those of reserving memory.
func (s *Spiller) NewRun() (*Run, error) {
	path, limit, err := s.query.space.newFile()
	if err != nil {
		return nil, s.query.space.writeError(err)
	}
	file, err := s.query.space.fs.Create(path)
	if err != nil {
		return nil, s.query.space.writeError(err)
	}
	r := &Run{spiller: s, path: path, limitBytes: limit, file: file}
	if !s.query.opened(r) {
		r.remove()
		return nil, errEnded
	}
	return r, nil
}

// Rows is how many rows were written.
func (r *Run) Rows() int64 { return r.rows }

// PlainBytes is about how long the rows are in memory.
func (r *Run) PlainBytes() int64 { return r.unpacked }

// Bytes is how long the file is.
func (r *Run) Bytes() int64 { return r.bytes }

// Write adds the live rows of a batch and keeps no reference to it. After an error the run cannot be used.
func (r *Run) Write(b *batch.Batch) (err error) {
	defer batch.Recover(&err)
	for first := 0; first < b.Live(); {
		rows, bytes, err := batch.Fitting(b, first, r.spiller.recordBytes, func(int64) error { return nil })
		if err != nil {
			return err
		}
		rows = min(rows, batch.Rows)
		if err := r.writeRecord(&batch.Batch{Columns: batch.Part(b, first, rows), Len: rows}, bytes); err != nil {
			return err
		}
		first += rows
	}
	return nil
}

// recordOverhead is what packing a record needs besides its bytes.
const recordOverhead = 192 << 10

// packingBytes is the memory for writing a record with this many bytes of rows: their copy, as a record, packed.
func (s *Spiller) packingBytes(bytes int64) int64 {
	return 3*bytes + min(recordOverhead, 4*s.recordBytes)
}

// writeRecord writes a dense batch of about the given size in bytes.
func (r *Run) writeRecord(b *batch.Batch, bytes int64) error {
	account := r.spiller.account
	needed := r.spiller.packingBytes(bytes)
	if err := account.Reserve(needed); err != nil {
		return err
	}
	defer account.Release(needed)
	r.plain = r.appendBatch(r.plain[:0], b)
	if len(r.plain) > math.MaxInt32 {
		return errTooLong
	}
	stored, err := r.pack()
	if err != nil {
		return err
	}
	if err := r.append(stored); err != nil {
		return err
	}
	r.records = append(r.records, record{
		offset: r.bytes - int64(len(stored)), storedBytes: uint32(len(stored)), plainBytes: uint32(len(r.plain)), checksum: checksum(stored),
	})
	r.rows += int64(b.Len)
	r.unpacked += int64(len(r.plain))
	if int64(cap(r.plain)) > 2*r.spiller.recordBytes {
		r.plain, r.packed = nil, nil
	}
	return nil
}

// pack compresses the plain record, or returns it as it is if that does not make it shorter.
func (r *Run) pack() ([]byte, error) {
	if bound := lz4.CompressBlockBound(len(r.plain)); cap(r.packed) < bound {
		r.packed = make([]byte, bound)
	}
	n, err := r.packer.CompressBlock(r.plain, r.packed[:cap(r.packed)])
	if err != nil {
		return nil, r.spiller.query.space.writeError(err)
	}
	if n == 0 || n >= len(r.plain) {
		return r.plain, nil
	}
	return r.packed[:n], nil
}

func (r *Run) append(b []byte) error {
	if r.file == nil || r.broken {
		return errEnded
	}
	s := r.spiller
	if err := s.query.space.reserve(int64(len(b)), r.limitBytes); err != nil {
		return err
	}
	r.bytes += int64(len(b))
	s.spilled.Add(int64(len(b)))
	s.query.spilled.Add(int64(len(b)))
	if _, err := r.file.Write(b); err != nil {
		r.broken = true
		return s.query.space.writeError(err)
	}
	return nil
}

// Finish ends the writing: the run can be read.
func (r *Run) Finish() error {
	if r.file == nil || r.broken {
		return errEnded
	}
	r.plain, r.packed = nil, nil
	err := r.file.Close()
	r.file = nil
	if err != nil {
		r.broken = true
		return r.spiller.query.space.writeError(err)
	}
	return nil
}

// Close removes the run's file. Readers are closed before. It may be called again.
func (r *Run) Close() {
	if r.closed {
		return
	}
	r.spiller.query.forget(r)
	r.remove()
}

func (r *Run) remove() {
	r.closed = true
	space := r.spiller.query.space
	if r.file != nil {
		_ = r.file.Close()
		r.file = nil
	}
	_ = space.fs.Remove(r.path) // else it is removed when the lake is next opened
	space.release(r.bytes)
	r.records, r.plain, r.packed = nil, nil, nil
}
