package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/storage/vfs"
)

// Result is an open kept result. It is safe for concurrent use.
type Result struct {
	file          vfs.ReadFile
	path          string
	index         *index
	columns       []answer.Column
	schema        *arrow.Schema
	schemaMessage []byte
	zones         map[int32]int32 // this process's codes of the file's
	fileBytes     int64
}

// OpenResult opens the result of a query: ErrNotKept if it has none, *DamagedError,
// *VersionError. The caller closes it.
func (f *Folder) OpenResult(id string) (*Result, error) {
	if _, ok := f.Bytes(id); !ok {
		return nil, fmt.Errorf("query %s: %w", id, ErrNotKept)
	}
	path := f.resultPath(id)
	info, err := f.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DamagedError{Path: path, Reason: "it is missing"}
	}
	if err != nil {
		return nil, fmt.Errorf("read a kept result: %w", err)
	}
	file, err := f.fs.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a kept result: %w", err)
	}
	r, err := openResult(file, info.Size(), path, id)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// openResult reads header, index and schema of a file.
func openResult(file vfs.ReadFile, fileBytes int64, path, id string) (r *Result, err error) {
	r = &Result{file: file, path: path, fileBytes: fileBytes}
	defer func() {
		if p := recover(); p != nil { // such as a type without values
			err = r.damaged(fmt.Sprint(p))
		}
	}()
	if fileBytes < headerBytes+trailerBytes {
		return nil, r.damaged(fmt.Sprintf("it has %d bytes", fileBytes))
	}
	header, err := r.read(0, headerBytes)
	if err != nil {
		return nil, err
	}
	found, err := decodeHeader(header)
	if err != nil {
		return nil, r.damaged(err.Error())
	}
	if found != FormatVersion {
		return nil, &VersionError{Path: path, Version: found}
	}
	if err := r.readIndex(); err != nil {
		return nil, err
	}
	if r.index.about.Query != id {
		return nil, r.damaged("it is the result of query " + r.index.about.Query)
	}
	return r, r.readSchema()
}

// readIndex reads trailer and index.
func (r *Result) readIndex() error {
	end, err := r.read(r.fileBytes-trailerBytes, trailerBytes)
	if err != nil {
		return err
	}
	t, err := decodeTrailer(end, r.fileBytes)
	if err != nil {
		return r.damaged(err.Error())
	}
	text, err := r.read(t.indexOffset, t.indexBytes)
	if err != nil {
		return err
	}
	if checksum(text) != t.indexChecksum {
		return r.damaged("the index has another checksum")
	}
	if r.index, err = decodeIndex(text, t); err != nil {
		return r.damaged(err.Error())
	}
	return nil
}

// readSchema reads the first part and compares it with the index.
func (r *Result) readSchema() (err error) {
	if r.columns, err = r.index.about.resultColumns(); err != nil {
		return r.damaged(err.Error())
	}
	if r.zones, err = zoneCodes(r.index.about.Zones); err != nil {
		return r.damaged(err.Error())
	}
	r.schema = storedSchema(r.columns)
	if r.schemaMessage, err = r.readPart(0); err != nil {
		return err
	}
	if err := checkSchema(r.schema, r.schemaMessage); err != nil {
		return r.damaged("part 0: " + err.Error())
	}
	return nil
}

func (r *Result) damaged(reason string) error { return &DamagedError{Path: r.path, Reason: reason} }

// read reads a stretch of the file.
func (r *Result) read(offset, length int64) ([]byte, error) {
	b := make([]byte, length)
	n, err := r.file.ReadAt(b, offset)
	if n == len(b) {
		return b, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return nil, r.damaged("it is shorter than it was")
	}
	return nil, fmt.Errorf("read the kept result %s: %w", r.path, err)
}

// readPart returns what a part holds.
func (r *Result) readPart(i int) ([]byte, error) {
	p := r.index.parts[i]
	stored, err := r.read(p.offset, int64(p.storedBytes))
	if err != nil {
		return nil, err
	}
	if checksum(stored) != p.checksum {
		return nil, r.damaged(fmt.Sprintf("part %d has another checksum", i))
	}
	plain, err := decompress(p, stored)
	if err != nil {
		return nil, r.damaged(fmt.Sprintf("part %d: %v", i, err))
	}
	return plain, nil
}

// readRecord returns the rows of a part.
func (r *Result) readRecord(i int) (arrow.Record, error) {
	message, err := r.readPart(i)
	if err != nil {
		return nil, err
	}
	record, err := decodeRecord(r.schema, r.schemaMessage, message, r.index.parts[i].rows)
	for c := 0; err == nil && c < len(r.columns); c++ {
		err = ownZones(r.columns[c].Type, record.Column(c).Data(), r.zones)
	}
	if err != nil {
		return nil, r.damaged(fmt.Sprintf("part %d: %v", i, err))
	}
	return record, nil
}

// Columns are the columns of the result.
func (r *Result) Columns() []answer.Column { return r.columns }

// Origin returns what the result was computed from; nil: an earlier version of the program, which did not note it,
// wrote the file.
func (r *Result) Origin() *Origin { return r.index.about.Origin }

// Rows is how many rows the result has.
func (r *Result) Rows() int64 { return r.index.rows }

// Close ends the use of the file. Rows that were read stay.
func (r *Result) Close() error { return r.file.Close() }

// Page returns up to limit rows, from number offset on, the first being 0; a negative
// limit means all that follow. Each call of Next reads one part, of up to 256 MiB but
// mostly about 1 MiB. One goroutine uses the page.
func (r *Result) Page(ctx context.Context, offset, limit int64) *Page {
	offset = min(max(0, offset), r.Rows())
	end := r.Rows()
	if limit >= 0 {
		end = min(end, offset+min(limit, end))
	}
	next, found := slices.BinarySearchFunc(r.index.parts, offset, func(p part, row int64) int {
		return int(min(1, max(-1, p.firstRow-row)))
	})
	if !found {
		next--
	}
	return &Page{ctx: ctx, result: r, next: max(1, next), from: offset, end: end}
}

// Page is some rows of a result being read.
type Page struct {
	ctx    context.Context
	result *Result
	next   int   // part
	from   int64 // the next row
	end    int64 // the row after the last
	arrays []arrow.Array
	err    error
}

var _ answer.Source = (*Page)(nil)

// Columns implements answer.Source.
func (p *Page) Columns() []answer.Column { return p.result.columns }

// Arrays implements answer.Source.
func (p *Page) Arrays() []arrow.Array { return p.arrays }

// Err implements answer.Source.
func (p *Page) Err() error { return p.err }

// Next implements answer.Source.
func (p *Page) Next() bool {
	p.arrays = nil
	if p.err != nil || p.from >= p.end {
		return false
	}
	if p.err = p.ctx.Err(); p.err != nil {
		return false
	}
	p.err = p.readNext()
	return p.err == nil
}

func (p *Page) readNext() (err error) {
	defer batch.Recover(&err)
	record, err := p.result.readRecord(p.next)
	if err != nil {
		return err
	}
	first := p.result.index.parts[p.next].firstRow
	from, to := p.from-first, min(p.end-first, record.NumRows())
	p.next++
	p.from = first + to
	p.arrays = slices.Clone(record.Columns())
	if from == 0 && to == record.NumRows() {
		return nil
	}
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from) + int32(i)
	}
	for i, a := range p.arrays {
		p.arrays[i] = batch.Take(a, rows)
	}
	return nil
}
