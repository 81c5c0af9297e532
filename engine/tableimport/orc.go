package tableimport

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc"
)

// orcFile reads an ORC file a row group at a time.
type orcFile struct {
	file   *os.File
	reader *orc.Reader
	paths  []orc.Path

	stripe *orc.Stripe
	next   int // stripe
	group  int // of stripe
}

func openORC(r *Reader) (rowSource, error) {
	file, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	f := &orcFile{file: file}
	if f.reader, err = orc.Open(file, info.Size(), r.path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	fields := f.reader.Schema().Fields()
	for _, field := range fields {
		f.paths = append(f.paths, orc.Column(field.Name))
	}
	return newORCRows(r, fields, f)
}

func (f *orcFile) columns() ([]arrow.Array, error) {
	for f.stripe == nil || f.group == f.stripe.Groups() {
		if f.next == f.reader.NumStripes() {
			return nil, io.EOF
		}
		var err error
		if f.stripe, err = f.reader.Stripe(f.next); err != nil {
			return nil, err
		}
		f.next, f.group = f.next+1, 0
	}
	arrays, err := f.stripe.Read(context.Background(), f.group, f.paths, nil, nil)
	f.group++
	return arrays, err
}

func (f *orcFile) close() error { return f.file.Close() }
