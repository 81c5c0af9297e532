package reftable

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// parquetFile reads a Parquet file.
type parquetFile struct {
	file    *os.File
	records array.RecordReader
	stop    context.CancelFunc
}

func openParquet(r *Reader) (rows rowSource, err error) {
	opened, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = opened.Close() // also when newArrowRows did
		}
	}()
	defer recovered(&err)
	reader, err := file.NewParquetReader(opened)
	if err != nil {
		return nil, err
	}
	arrowReader, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{BatchSize: batch.Rows}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	schema, err := arrowReader.Schema()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	records, err := arrowReader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		stop()
		return nil, err
	}
	return newArrowRows(r, schema.Fields(), &parquetFile{file: opened, records: records, stop: stop})
}

func (f *parquetFile) columns() ([]arrow.Array, error) {
	if !f.records.Next() {
		if err := f.records.Err(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, io.EOF
	}
	return f.records.Record().Columns(), nil
}

func (f *parquetFile) close() error {
	f.stop()
	return f.file.Close()
}
