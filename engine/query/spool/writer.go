package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// A part ends at partBytes bytes or partRows rows: enough to compress well, few enough that a page of some rows is
// read at once.
const (
	partBytes = 1 << 20
	partRows  = 64 << 10
)

// Writer writes the result of one query. One goroutine uses it.
type Writer struct {
	folder     *Folder
	account    *memory.Account
	limitBytes int64 // of all results
	columns    []answer.Column
	file       vfs.File // nil when the writer has ended
	torn       bool     // a write failed, so the file may end in a part of it
	messages   *messages
	index      index
	bytes      int64 // of the file so far; they are reserved

	pending      [][]arrow.Array // rows that no part has yet, by column
	pendingRows  int
	pendingBytes int64
	held         int64 // of account
}

// Create begins the result of a query. What the writer needs in memory is reserved
// from account; nil: nowhere. The caller calls Finish or Abort. The error is a
// *types.Error GENERIC_INSUFFICIENT_RESOURCES when the lake keeps too many results
// already, or the disk is full; the errors of AddArrays and Finish are so, too.
func (f *Folder) Create(id string, columns []answer.Column, account *memory.Account) (w *Writer, err error) {
	if f.readOnly {
		return nil, errors.New("the lake is read-only: results cannot be kept")
	}
	if !isID(id) {
		return nil, fmt.Errorf("keep the result: %q is no id of a query", id)
	}
	if _, exists := f.Bytes(id); exists {
		return nil, fmt.Errorf("keep the result: query %s has one", id)
	}
	w = &Writer{folder: f, account: account, columns: columns, pending: make([][]arrow.Array, len(columns))}
	w.index.about = about{Query: id, Columns: columnsAbout(columns), Zones: map[int32]string{}}
	if w.limitBytes, err = f.limitBytes(); err != nil {
		return nil, err
	}
	var schema []byte
	if w.messages, schema, err = newMessages(storedSchema(columns)); err != nil {
		return nil, err
	}
	if err := f.makeDir(); err != nil {
		return nil, f.writeError(err)
	}
	if w.file, err = f.fs.Create(f.tempPath(id)); err != nil {
		return nil, f.writeError(err)
	}
	if err = w.write(encodeHeader()); err == nil {
		err = w.writePart(schema, 0)
	}
	if err != nil {
		w.Abort()
		return nil, err
	}
	return w, nil
}

// SetOrigin says what the result is computed from. It is called before the writer ends.
func (w *Writer) SetOrigin(o Origin) { w.index.about.Origin = &o }

// makeDir makes the folder with its first result, durably.
func (f *Folder) makeDir() error {
	if _, err := f.fs.Stat(f.dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.fs.MkdirAll(f.dir); err != nil {
		return err
	}
	return f.fs.SyncDir(filepath.Dir(f.dir))
}

// AddArrays adds rows: arrays as in answer.Source, all of the same length. It does not keep them. After an error
// the writer cannot be used.
func (w *Writer) AddArrays(arrays []arrow.Array) (err error) {
	defer batch.Recover(&err)
	if len(arrays) == 0 || arrays[0].Len() == 0 {
		return nil
	}
	rows, bytes := arrays[0].Len(), int64(0)
	for _, a := range arrays {
		bytes += batch.ArrayBytes(a)
	}
	rowBytes := max(1, bytes/int64(rows))
	for from := 0; from < rows; {
		fitting := max(1, (partBytes-w.pendingBytes)/rowBytes)
		to := min(rows, from+int(min(fitting, int64(partRows-w.pendingRows))))
		if err := w.keep(arrays, from, to, rowBytes); err != nil {
			return err
		}
		if w.pendingBytes >= partBytes || w.pendingRows == partRows {
			if err := w.flush(); err != nil {
				return err
			}
		}
		from = to
	}
	return nil
}

// keep copies rows to the pending ones: as slices they could hold much more in memory.
func (w *Writer) keep(arrays []arrow.Array, from, to int, rowBytes int64) error {
	bytes := int64(to-from) * rowBytes
	if err := w.hold(w.pendingBytes + bytes); err != nil {
		return err
	}
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	for i, a := range arrays {
		w.pending[i] = append(w.pending[i], batch.Take(a, rows))
	}
	w.pendingRows += to - from
	w.pendingBytes += bytes
	return nil
}

// flush writes the pending rows as a part.
func (w *Writer) flush() error {
	if w.pendingRows == 0 {
		return nil
	}
	if err := w.hold(4 * w.pendingBytes); err != nil { // joined, as a message, compressed
		return err
	}
	arrays := make([]arrow.Array, len(w.columns))
	for i, c := range w.columns {
		arrays[i] = batch.Concat(w.pending[i])
		noteZones(c.Type, arrays[i].Data(), w.index.about.Zones)
	}
	message, err := w.messages.record(arrays, w.pendingRows)
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	if err := w.writePart(message, w.pendingRows); err != nil {
		return err
	}
	for i := range w.pending {
		w.pending[i] = nil
	}
	w.pendingRows, w.pendingBytes = 0, 0
	return w.hold(0)
}

// hold reserves bytes in all.
func (w *Writer) hold(bytes int64) error {
	if w.account == nil {
		return nil
	}
	if err := w.account.Reserve(bytes - w.held); err != nil {
		return err
	}
	w.held = bytes
	return nil
}

// writePart compresses and writes one message.
func (w *Writer) writePart(message []byte, rows int) error {
	if len(message) > maxPartBytes {
		return types.Errorf(types.InsufficientResources, types.Pos{},
			memory.TooLarge+"The result cannot be kept: a row of %s is longer than kept results may have", memory.FormatBytes(int64(len(message))))
	}
	stored, err := compress(message)
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	w.index.parts = append(w.index.parts, part{
		offset: w.bytes, storedBytes: uint32(len(stored)), plainBytes: uint32(len(message)), rows: uint32(rows), checksum: checksum(stored),
	})
	w.index.rows += int64(rows)
	return w.write(stored)
}

// write writes within the limits.
func (w *Writer) write(b []byte) error {
	if w.bytes+int64(len(b)) > w.folder.maxResultBytes {
		return types.Errorf(types.InsufficientResources, types.Pos{},
			memory.TooLarge+"The result cannot be kept: it is longer than the %s that one may have; ask for fewer rows or columns, or read the answer without keeping it",
			memory.FormatBytes(w.folder.maxResultBytes))
	}
	if err := w.folder.reserve(int64(len(b)), w.limitBytes); err != nil {
		return err
	}
	w.bytes += int64(len(b))
	if _, err := w.file.Write(b); err != nil {
		w.torn = true
		return w.folder.writeError(err)
	}
	return nil
}

// Rows is how many rows were added.
func (w *Writer) Rows() int64 { return w.index.rows + int64(w.pendingRows) }

// Finish makes the result durable and lets it be read. After an error the caller calls
// Abort, or FinishPart if there was no more memory or time.
func (w *Writer) Finish() (err error) {
	if err := w.hold(4 * w.pendingBytes); err != nil { // as flush does
		return err
	}
	defer func() {
		if err != nil {
			w.Abort()
		}
	}()
	defer batch.Recover(&err)
	if err := w.flush(); err != nil {
		return err
	}
	end, err := encodeIndex(&w.index)
	if err != nil {
		return err
	}
	if err := w.write(end); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return w.folder.writeError(err)
	}
	err = w.file.Close()
	w.file = nil
	if err == nil {
		err = w.publish()
	}
	if err != nil {
		w.discard()
		return w.folder.writeError(err)
	}
	w.folder.finished(w.index.about.Query, w.bytes)
	return nil
}

// FinishPart is Finish when the query's time is over, and with it its memory: pending rows are written without a
// reservation. It does nothing to a writer that has ended, and aborts one that could not write. After an error
// nothing is left.
func (w *Writer) FinishPart() error {
	if w.file == nil {
		return nil
	}
	if w.torn {
		w.Abort()
		return nil
	}
	err := w.hold(0)
	w.account = nil
	return errors.Join(err, w.Finish())
}

// publish gives the file its name.
func (w *Writer) publish() error {
	f, id := w.folder, w.index.about.Query
	if err := f.fs.Rename(f.tempPath(id), f.resultPath(id)); err != nil {
		return err
	}
	if err := f.fs.SyncDir(f.dir); err != nil {
		return errors.Join(err, f.fs.Remove(f.resultPath(id)))
	}
	return nil
}

// Abort removes what was written of an unfinished result. If that fails, the file is
// removed when the folder is next opened. It does nothing to a finished one.
func (w *Writer) Abort() {
	if w.file == nil {
		return
	}
	_ = w.file.Close()
	w.file = nil
	w.discard()
}

// discard removes the temporary file.
func (w *Writer) discard() {
	_ = w.folder.fs.Remove(w.folder.tempPath(w.index.about.Query))
	w.folder.release(w.bytes)
	_ = w.hold(0)
}

// writeError says in a user's terms why a result cannot be written.
func (f *Folder) writeError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return types.Errorf(types.InsufficientResources, types.Pos{},
			"The result cannot be kept: no space is left on the disk of %s; free some, or read the answer without keeping it", f.dir)
	}
	return fmt.Errorf("keep the result: %w", err)
}
