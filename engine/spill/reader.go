package spill

import (
	"fmt"

	"github.com/pierrec/lz4/v4"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Reader gives the rows of a finished run. One goroutine uses it.
type Reader struct {
	run    *Run
	file   vfs.ReadFile
	next   int   // record
	held   int64 // of the account, for the batch that was given last
	closed bool
}

// Reader begins to read the run from its first row on. Its error, and Next's, is GENERIC_INTERNAL_ERROR if the file
// cannot be read or does not hold what was written, or an error of reserving memory. The caller closes the reader
// before the run.
func (r *Run) Reader() (*Reader, error) {
	if r.file != nil || r.broken || r.closed {
		return nil, errEnded
	}
	file, err := r.spiller.query.space.fs.Open(r.path)
	if err != nil {
		return nil, r.readError(err)
	}
	return &Reader{run: r, file: file}, nil
}

// Next returns the next rows, nil at the end. Their memory is counted until the next call, or Close:
// who keeps them longer reserves it.
func (d *Reader) Next() (b *batch.Batch, err error) {
	account := d.run.spiller.account
	account.Release(d.held)
	d.held = 0
	if d.closed || d.next == len(d.run.records) {
		return nil, nil
	}
	at := d.run.records[d.next]
	d.next++
	stored, plain := int64(at.storedBytes), int64(at.plainBytes)
	if err := account.Reserve(stored + plain); err != nil {
		return nil, err
	}
	if b, err = d.read(at); err != nil {
		account.Release(stored + plain)
		return nil, err
	}
	account.Release(stored)
	d.held = plain
	return b, nil
}

func (d *Reader) read(at record) (b *batch.Batch, err error) {
	stored := make([]byte, at.storedBytes)
	if _, err := d.file.ReadAt(stored, at.offset); err != nil {
		return nil, d.run.readError(err)
	}
	if checksum(stored) != at.checksum {
		return nil, d.run.readError(fmt.Errorf("the record at byte %d is damaged", at.offset))
	}
	plain := stored
	if at.plainBytes != at.storedBytes {
		plain = make([]byte, at.plainBytes)
		n, err := lz4.UncompressBlock(stored, plain)
		if err == nil && n != len(plain) {
			err = fmt.Errorf("the record at byte %d has %d bytes instead of %d", at.offset, n, len(plain))
		}
		if err != nil {
			return nil, d.run.readError(err)
		}
	}
	return d.run.decodeBatch(plain), nil
}

// Close ends the reading. It may be called again.
func (d *Reader) Close() {
	if d.closed {
		return
	}
	d.closed = true
	d.run.spiller.account.Release(d.held)
	d.held = 0
	_ = d.file.Close()
}
