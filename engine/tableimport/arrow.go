package tableimport

import (
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// arrowSource gives the columns of a file in turns.
type arrowSource interface {
	// columns gives the next rows of all columns, io.EOF at the end.
	columns() ([]arrow.Array, error)
	close() error
}

// arrowRows reads a file that comes as Arrow arrays. Declared columns are found
// by name, without regard to letter case, and their values cast.
type arrowRows struct {
	source arrowSource
	wanted []metadata.Column
	from   []int         // column → column of the file
	types  []*types.Type // of the file's columns
	cast   *caster

	arrays []arrow.Array
	at     int   // row of arrays
	row    int64 // of the file, from 1
}

// newArrowRows takes the source over.
func newArrowRows(r *Reader, fields []arrow.Field, source arrowSource) (rowSource, error) {
	rows := &arrowRows{source: source, cast: newCaster()}
	if err := rows.match(r, fields); err != nil {
		_ = source.close() // the error says enough
		return nil, err
	}
	return rows, nil
}

func (a *arrowRows) match(r *Reader, fields []arrow.Field) error {
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

func (a *arrowRows) next() (row []types.Value, err error) {
	defer recovered(&err)
	for a.arrays == nil || a.at == a.arrays[0].Len() {
		if a.arrays, err = a.source.columns(); err != nil {
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

func (a *arrowRows) where() string { return fmt.Sprint("row ", a.row) }

func (a *arrowRows) close() error { return a.source.close() }

// recovered turns a panic of a foreign reader, which damage causes, into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the file is damaged or has something its reader does not know: %v", p)
	}
}

// typeOf is the Trino type of an Arrow type of a file.
func typeOf(dt arrow.DataType) (*types.Type, error) {
	switch d := dt.(type) {
	case *arrow.Uint8Type:
		return types.SmallIntType, nil
	case *arrow.Uint16Type:
		return types.IntegerType, nil
	case *arrow.Uint32Type:
		return types.BigIntType, nil
	case *arrow.Uint64Type:
		return types.DecimalOf(20, 0), nil
	case *arrow.LargeStringType:
		return types.VarcharType, nil
	case *arrow.LargeBinaryType, *arrow.FixedSizeBinaryType:
		return types.VarbinaryType, nil
	case *arrow.Date64Type:
		return types.DateType, nil
	case *arrow.Time32Type:
		return types.TimeOf(3 * int(d.Unit)), nil
	case *arrow.Time64Type:
		return types.TimeOf(3 * int(d.Unit)), nil
	case *arrow.TimestampType:
		if d.TimeZone != "" {
			return types.TimestampTZOf(3 * int(d.Unit)), nil
		}
	case *arrow.DictionaryType:
		return typeOf(d.ValueType)
	case *arrow.StructType, *arrow.MapType, arrow.ListLikeType:
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
	case arrow.ListLikeType:
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
	if a.IsNull(i) || a.DataType().ID() == arrow.NULL {
		return types.Null(t)
	}
	if d, ok := a.(*array.Dictionary); ok {
		return valueAt(t, d.Dictionary(), d.GetValueIndex(i))
	}
	if v, ok := plainValue(t, a, i); ok {
		return types.Value{Type: t, V: v}
	}
	switch x := a.(type) {
	case *array.Map:
		start, end := x.ValueOffsets(i)
		return types.Value{Type: t, V: types.MapValue{Keys: valuesOf(t.Key, x.Keys(), start, end), Values: valuesOf(t.Elem, x.Items(), start, end)}}
	case array.ListLike:
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

// plainValue reads the arrays that the engine itself does not have.
func plainValue(t *types.Type, a arrow.Array, i int) (any, bool) {
	switch x := a.(type) {
	case *array.Uint8:
		return int64(x.Value(i)), true
	case *array.Uint16:
		return int64(x.Value(i)), true
	case *array.Uint32:
		return int64(x.Value(i)), true
	case *array.Uint64:
		return decimal128.FromU64(x.Value(i)), true
	case *array.LargeString:
		return strings.Clone(x.Value(i)), true
	case *array.LargeBinary:
		return append([]byte{}, x.Value(i)...), true
	case *array.Date64:
		return int64(x.Value(i)) / (24 * time.Hour).Milliseconds(), true
	case *array.Time32:
		return int64(x.Value(i)), true
	case *array.Time64:
		return int64(x.Value(i)), true
	case *array.Timestamp:
		return types.UnixValue(t, int64(x.Value(i))).V, true
	}
	return nil, false
}
