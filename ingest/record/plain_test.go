package record

import (
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// plain is one value of an array as Go maps, slices and scalars. Fields of
// rows that are NULL are left out.
func plain(a arrow.Array, i int) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Boolean:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.Int32:
		return a.Value(i)
	case *array.Timestamp:
		return a.Value(i).ToTime(arrow.Millisecond).Format("2006-01-02T15:04:05.000")
	case *array.Struct:
		row := map[string]any{}
		for f, field := range a.DataType().(*arrow.StructType).Fields() {
			if v := plain(a.Field(f), i); v != nil {
				row[field.Name] = v
			}
		}
		return row
	case *array.Map:
		entries := map[string]any{}
		start, end := a.ValueOffsets(i)
		for e := int(start); e < int(end); e++ {
			key := plain(a.Keys(), e).(string)
			if _, twice := entries[key]; twice {
				panic("key twice: " + key)
			}
			entries[key] = plain(a.Items(), e)
		}
		return entries
	case *array.List:
		elements := []any{}
		start, end := a.ValueOffsets(i)
		for e := int(start); e < int(end); e++ {
			elements = append(elements, plain(a.ListValues(), e))
		}
		return elements
	}
	panic(fmt.Sprintf("no plain form of %T", a))
}

// validText reports text that is not UTF-8 anywhere in the columns of a record.
func validText(rec arrow.Record) error {
	var check func(data arrow.ArrayData) error
	check = func(data arrow.ArrayData) error {
		if data.DataType().ID() == arrow.STRING {
			if text := data.Buffers()[2]; text != nil && !utf8.Valid(text.Bytes()) {
				return fmt.Errorf("invalid UTF-8 in %q", text.Bytes())
			}
		}
		for _, child := range data.Children() {
			if err := check(child); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range rec.Columns() {
		if err := check(c.Data()); err != nil {
			return err
		}
	}
	return nil
}
