package reftable

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/apache/arrow/go/v15/parquet/schema"

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
	own, err := arrowReader.Schema()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	records, err := arrowReader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		stop()
		return nil, err
	}
	return newArrowRows(r, localTimes(own.Fields(), reader.MetaData().Schema), &parquetFile{file: opened, records: records, stop: stop})
}

// localTimes takes the zone off the timestamps that the file does not have as
// instants: Arrow gives it to all of them.
func localTimes(fields []arrow.Field, file *schema.Schema) []arrow.Field {
	column := 0
	plain := func(dt arrow.DataType) arrow.DataType {
		c := file.Column(column)
		column++
		at, isTime := dt.(*arrow.TimestampType)
		if !isTime {
			return dt
		}
		if logical, ok := c.LogicalType().(*schema.TimestampLogicalType); ok && logical.IsAdjustedToUTC() {
			return dt
		}
		return &arrow.TimestampType{Unit: at.Unit}
	}
	out := slices.Clone(fields)
	for i := range out {
		out[i].Type = mapLeaves(out[i].Type, plain)
	}
	return out
}

// mapLeaves makes a type of what leaf makes of the types in it, in the order of the file's columns.
func mapLeaves(dt arrow.DataType, leaf func(arrow.DataType) arrow.DataType) arrow.DataType {
	switch d := dt.(type) {
	case *arrow.StructType:
		fields := slices.Clone(d.Fields())
		for i := range fields {
			fields[i].Type = mapLeaves(fields[i].Type, leaf)
		}
		return arrow.StructOf(fields...)
	case *arrow.MapType:
		key := mapLeaves(d.KeyType(), leaf)
		return arrow.MapOf(key, mapLeaves(d.ItemType(), leaf))
	case arrow.ListLikeType:
		return arrow.ListOf(mapLeaves(d.Elem(), leaf))
	}
	return leaf(dt)
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
