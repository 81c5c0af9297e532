package answer

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// ArrowSchema is the schema of an answer outside the engine: the layout of engine/arrowtype with three differences.
// A timestamp with time zone is an Arrow timestamp in UTC: the instant, without the zone it was shown in. Times of
// more than nine fraction digits are texts, and NULL-typed columns are nulls. A timestamp without time zone has
// none there either; those of events are in UTC.
func ArrowSchema(columns []Column) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.Name, Type: publicType(c.Type), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

func publicType(t *types.Type) arrow.DataType {
	switch {
	case isPublicText(t):
		return arrow.BinaryTypes.String
	case t.IsLong():
		return nanosType(t)
	}
	switch t.Kind {
	case types.TimestampTZ:
		return arrowtype.Of(t).(*arrow.StructType).Field(0).Type
	case types.TimeTZ:
		return arrowtype.Of(t).(*arrow.StructType).Field(0).Type
	case types.Array:
		return arrow.ListOf(publicType(t.Elem))
	case types.Map:
		return arrow.MapOf(publicType(t.Key), publicType(t.Elem))
	case types.Row:
		fields := make([]arrow.Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = arrow.Field{Name: f.Name, Type: publicType(f.Type), Nullable: true}
		}
		return arrow.StructOf(fields...)
	}
	return arrowtype.Of(t)
}

// Record makes a record of ArrowSchema from the arrays of a Source. It returns an error for a value that Arrow
// cannot hold.
func Record(schema *arrow.Schema, columns []Column, arrays []arrow.Array) (arrow.Record, error) {
	out := make([]arrow.Array, len(arrays))
	for i, arr := range arrays {
		data, err := publicData(columns[i].Type, arr.Data())
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", columns[i].Name, err)
		}
		out[i] = array.MakeFromData(data)
	}
	return array.NewRecord(schema, out, int64(rowsOf(arrays))), nil
}

// publicData drops the zones of values with time zone, at every level; the
// buffers are shared, but for times that Arrow does not have.
func publicData(t *types.Type, data arrow.ArrayData) (arrow.ArrayData, error) {
	switch {
	case isPublicText(t):
		return textData(t, data), nil
	case t.IsLong():
		return nanosData(t, data)
	}
	children := data.Children()
	switch t.Kind {
	case types.TimestampTZ, types.TimeTZ:
		// The validity counts from the struct's offset, the instants from their own.
		buffers := []*memory.Buffer{data.Buffers()[0], nil}
		if values := children[0].Buffers()[1]; values != nil {
			buffers[1] = memory.NewBufferBytes(values.Bytes()[children[0].Offset()*arrow.Int64SizeBytes:])
		}
		return array.NewData(publicType(t), data.Len(), buffers, nil, data.NullN(), data.Offset()), nil
	case types.Array:
		elems, err := publicData(t.Elem, children[0])
		if err != nil {
			return nil, err
		}
		return rebuilt(t, data, elems), nil
	case types.Map:
		entries := children[0]
		kv, err := publicParts([]*types.Type{t.Key, t.Elem}, entries.Children())
		if err != nil {
			return nil, err
		}
		entryType := publicType(t).(*arrow.MapType).Elem()
		return rebuilt(t, data, array.NewData(entryType, entries.Len(), entries.Buffers(), kv, entries.NullN(), entries.Offset())), nil
	case types.Row:
		parts := make([]*types.Type, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type
		}
		fields, err := publicParts(parts, children)
		if err != nil {
			return nil, err
		}
		return rebuilt(t, data, fields...), nil
	}
	return data, nil
}

func publicParts(parts []*types.Type, children []arrow.ArrayData) (out []arrow.ArrayData, err error) {
	out = make([]arrow.ArrayData, len(children))
	for i, t := range parts {
		if out[i], err = publicData(t, children[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func rebuilt(t *types.Type, data arrow.ArrayData, children ...arrow.ArrayData) arrow.ArrayData {
	return array.NewData(publicType(t), data.Len(), data.Buffers(), children, data.NullN(), data.Offset())
}

// writeArrowStream writes the Arrow IPC stream format.
func writeArrowStream(w io.Writer, src Source) (int64, error) {
	schema := ArrowSchema(src.Columns())
	out := ipc.NewWriter(w, ipc.WithSchema(schema))
	rows, err := writeRecords(schema, src, out.Write)
	if err != nil {
		return rows, err
	}
	return rows, out.Close()
}

// writeArrowFile writes the Arrow IPC file format, which readers may also map into memory.
func writeArrowFile(w io.Writer, src Source) (int64, error) {
	schema := ArrowSchema(src.Columns())
	out, err := ipc.NewFileWriter(&position{w: w}, ipc.WithSchema(schema))
	if err != nil {
		return 0, err
	}
	rows, err := writeRecords(schema, src, out.Write)
	if err != nil {
		return rows, err
	}
	return rows, out.Close()
}

// position counts what is written, for a writer of files that asks where it is and never goes elsewhere.
type position struct {
	w  io.Writer
	at int64
}

// Write implements io.Writer.
func (p *position) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.at += int64(n)
	return n, err
}

// Seek implements io.Seeker for the current position alone.
func (p *position) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return p.at, errors.New("answer: this output has no other position than its end")
	}
	return p.at, nil
}

func writeRecords(schema *arrow.Schema, src Source, write func(arrow.Record) error) (int64, error) {
	var rows int64
	for src.Next() {
		record, err := Record(schema, src.Columns(), src.Arrays())
		if err != nil {
			return rows, err
		}
		if err := write(record); err != nil {
			return rows, err
		}
		rows += record.NumRows()
	}
	return rows, src.Err()
}
