package answer

import (
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
)

// writeParquet writes a Parquet file with zstd. Its columns have the types of ArrowSchema: timestamps with time zone
// are adjusted to UTC, those without are not.
func writeParquet(w io.Writer, src Source) (int64, error) {
	schema := ArrowSchema(src.Columns())
	fields := make([]arrow.Field, len(schema.Fields()))
	for i, f := range schema.Fields() {
		fields[i] = arrow.Field{Name: f.Name, Type: parquetType(f.Type), Nullable: f.Nullable}
	}
	parquetSchema := arrow.NewSchema(fields, nil)
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))
	sink := &firstError{w: w}
	out, err := pqarrow.NewFileWriter(parquetSchema, sink, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return 0, err
	}
	rows, err := writeRecords(schema, src, func(record arrow.Record) error {
		columns := make([]arrow.Array, record.NumCols())
		for i, column := range record.Columns() {
			columns[i] = array.MakeFromData(retyped(column.Data(), fields[i].Type))
		}
		return errors.Join(out.WriteBuffered(array.NewRecord(parquetSchema, columns, record.NumRows())), sink.err)
	})
	if err != nil {
		return rows, err
	}
	return rows, errors.Join(out.Close(), sink.err)
}

// localZone marks Arrow timestamps that Parquet must not have as adjusted to UTC. The Parquet writer marks those
// without a zone as if they were in UTC, and those of any zone but UTC as local.
const localZone = "local"

// parquetType is a type of ArrowSchema with localZone in the place of no zone.
func parquetType(t arrow.DataType) arrow.DataType {
	switch t := t.(type) {
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			return &arrow.TimestampType{Unit: t.Unit, TimeZone: localZone}
		}
	case *arrow.ListType:
		return arrow.ListOf(parquetType(t.Elem()))
	case *arrow.MapType:
		return arrow.MapOf(parquetType(t.KeyType()), parquetType(t.ItemType()))
	case *arrow.StructType:
		fields := make([]arrow.Field, len(t.Fields()))
		for i, f := range t.Fields() {
			fields[i] = arrow.Field{Name: f.Name, Type: parquetType(f.Type), Nullable: f.Nullable}
		}
		return arrow.StructOf(fields...)
	}
	return t
}

// retyped is data with a type of the same layout, at every level. The buffers are shared.
func retyped(data arrow.ArrayData, t arrow.DataType) arrow.ArrayData {
	var children []arrow.ArrayData
	switch t := t.(type) {
	case arrow.ListLikeType: // the only child of a map is its entries, a struct
		children = []arrow.ArrayData{retyped(data.Children()[0], t.Elem())}
	case *arrow.StructType:
		for i, f := range t.Fields() {
			children = append(children, retyped(data.Children()[i], f.Type))
		}
	default:
		children = data.Children()
	}
	return array.NewData(t, data.Len(), data.Buffers(), children, data.NullN(), data.Offset())
}

// firstError writes the Parquet writer's output and hides write errors from it, as it panics on them. The caller
// checks err, which is the first one.
type firstError struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (f *firstError) Write(p []byte) (int, error) {
	if f.err == nil {
		_, f.err = f.w.Write(p)
	}
	return len(p), nil
}
