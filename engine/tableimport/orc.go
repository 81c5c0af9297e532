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
	if f.reader, err = openReader(file, info.Size(), r.path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	fields := f.reader.Schema().Fields()
	for _, field := range fields {
		f.paths = append(f.paths, orc.Column(field.Name))
	}
	return newORCRows(r, fields, f)
}

// openReader opens an ORC file. Timestamps are read as nanoseconds; columns with instants beyond the range of
// nanoseconds, such as the end of the year 9999, are read as microseconds. To find these columns, it reads the
// columns with timestamps once.
func openReader(file *os.File, size int64, path string) (*orc.Reader, error) {
	var coarse []string
	for {
		reader, err := orc.Open(file, size, path)
		if err != nil {
			return nil, err
		}
		for _, column := range coarse {
			if err := reader.Coarsen(column); err != nil {
				return nil, err
			}
		}
		var outside *orc.RangeError
		if err := tryTimestamps(reader); !errors.As(err, &outside) || outside.Unit != arrow.Nanosecond {
			return reader, nil // any other error comes again where the rows are read
		}
		coarse = append(coarse, outside.Column)
	}
}

// tryTimestamps reads the columns of a file that contain timestamps in nanoseconds.
func tryTimestamps(reader *orc.Reader) (err error) {
	defer recovered(&err)
	var paths []orc.Path
	for _, field := range reader.Schema().Fields() {
		if hasNanoseconds(field.Type) {
			paths = append(paths, orc.Column(field.Name))
		}
	}
	if len(paths) == 0 {
		return nil
	}
	for n := range reader.NumStripes() {
		stripe, err := reader.Stripe(n)
		if err != nil {
			return err
		}
		for group := range stripe.Groups() {
			if _, err := stripe.Read(context.Background(), group, paths, nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasNanoseconds reports whether a type is, or contains, timestamps in nanoseconds.
func hasNanoseconds(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.TimestampType:
		return t.Unit == arrow.Nanosecond
	case arrow.NestedType:
		for _, field := range t.Fields() {
			if hasNanoseconds(field.Type) {
				return true
			}
		}
	}
	return false
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
