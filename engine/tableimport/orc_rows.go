package tableimport

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// orcRows are the rows of an ORC file. Declared columns are found by name, without
// regard to letter case, and their values cast.
type orcRows struct {
	file   *orcFile
	wanted []metadata.Column
	from   []int         // column → column of the file
	types  []*types.Type // of the file's columns
	cast   *caster

	arrays []arrow.Array // of the current row group
	at     int           // row of arrays
	row    int64         // of the file, from 1
}

// newORCRows takes the file over.
func newORCRows(r *Reader, fields []arrow.Field, file *orcFile) (rowSource, error) {
	rows := &orcRows{file: file, cast: newCaster()}
	if err := rows.match(r, fields); err != nil {
		_ = file.close() // the error says enough
		return nil, err
	}
	return rows, nil
}

func (a *orcRows) match(r *Reader, fields []arrow.Field) error {
	var own []metadata.Column
	for _, f := range fields {
		t, err := typeOf(f.Type)
		if err != nil {
			return fmt.Errorf("column %s: %w", f.Name, err)
		}
		own = append(own, metadata.Column{Name: strings.ToLower(f.Name), Type: t})
		a.types = append(a.types, t)
	}
	var err error
	a.from, err = r.matchColumns(own)
	a.wanted = r.columns
	return err
}

func (a *orcRows) next() (row []types.Value, err error) {
	defer recovered(&err)
	for a.arrays == nil || a.at == a.arrays[0].Len() {
		if a.arrays, err = a.file.columns(); err != nil {
			return nil, err
		}
		a.at = 0
	}
	a.row++
	row = make([]types.Value, len(a.wanted))
	for i, c := range a.wanted {
		t := a.types[a.from[i]]
		v := valueAt(t, a.arrays[a.from[i]], a.at)
		if row[i], err = a.cast.cast(v, c.Type); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	a.at++
	return row, nil
}

func (a *orcRows) where() string { return fmt.Sprint("row ", a.row) }

func (a *orcRows) close() error { return a.file.close() }

// recovered turns a panic of the reader, which damage may cause, into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the file is damaged or uses a feature that is not supported: %v", p)
	}
}

// typeOf is the Trino type of a column of an ORC file.
func typeOf(dt arrow.DataType) (*types.Type, error) {
	switch d := dt.(type) {
	case *arrow.TimestampType:
		if d.TimeZone != "" {
			return types.TimestampTZOf(3 * int(d.Unit)), nil
		}
	case *arrow.StructType, *arrow.MapType, *arrow.ListType:
		return nestedTypeOf(dt)
	}
	return arrowtype.FromArrow(dt)
}

func nestedTypeOf(dt arrow.DataType) (*types.Type, error) {
	switch d := dt.(type) {
	case *arrow.MapType:
		key, err := typeOf(d.KeyType())
		if err != nil {
			return nil, err
		}
		value, err := typeOf(d.ItemType())
		if err != nil {
			return nil, err
		}
		return types.MapOf(key, value), nil
	case *arrow.ListType:
		elem, err := typeOf(d.Elem())
		if err != nil {
			return nil, err
		}
		return types.ArrayOf(elem), nil
	}
	var fields []types.Field
	for _, f := range dt.(*arrow.StructType).Fields() {
		t, err := typeOf(f.Type)
		if err != nil {
			return nil, err
		}
		fields = append(fields, types.Field{Name: strings.ToLower(f.Name), Type: t})
	}
	return types.RowOf(fields...), nil
}

// valueAt is a value of an array of a file; t is typeOf its type.
func valueAt(t *types.Type, a arrow.Array, i int) types.Value {
	if a.IsNull(i) {
		return types.Null(t)
	}
	switch x := a.(type) {
	case *array.Timestamp:
		return types.UnixValue(t, int64(x.Value(i)))
	case *array.Map:
		start, end := x.ValueOffsets(i)
		return types.Value{Type: t, V: types.MapValue{Keys: valuesOf(t.Key, x.Keys(), start, end), Values: valuesOf(t.Elem, x.Items(), start, end)}}
	case *array.List:
		start, end := x.ValueOffsets(i)
		return types.Value{Type: t, V: valuesOf(t.Elem, x.ListValues(), start, end)}
	case *array.Struct:
		fields := make([]types.Value, len(t.Fields))
		for f := range fields {
			fields[f] = valueAt(t.Fields[f].Type, x.Field(f), i)
		}
		return types.Value{Type: t, V: fields}
	}
	return function.ValueAt(t, a, i)
}

func valuesOf(t *types.Type, a arrow.Array, start, end int64) []types.Value {
	out := make([]types.Value, 0, end-start)
	for i := start; i < end; i++ {
		out = append(out, valueAt(t, a, int(i)))
	}
	return out
}
