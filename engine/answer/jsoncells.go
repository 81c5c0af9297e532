package answer

import (
	"math"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// RowCells are JSONCells of each column.
func RowCells(columns []Column, arrays []arrow.Array) []func(out []byte, row int) []byte {
	cells := make([]func([]byte, int) []byte, len(columns))
	for i, c := range columns {
		cells[i] = JSONCells(c.Type, arrays[i])
	}
	return cells
}

// JSONCells returns a function that appends the value at a row as AppendJSON does. It evaluates once what depends
// on the column alone. The function is for one goroutine at a time.
func JSONCells(t *types.Type, arr arrow.Array) func(out []byte, row int) []byte {
	cell := jsonCells(t, arr)
	if cell == nil {
		return func(out []byte, row int) []byte { return AppendJSON(out, t, arr, row) }
	}
	valid := arrowdata.Validity(arr)
	if valid == nil {
		return cell
	}
	return func(out []byte, row int) []byte {
		if !arrowdata.IsValid(valid, row) {
			return append(out, "null"...)
		}
		return cell(out, row)
	}
}

// jsonCells returns JSONCells for values that are not NULL; nil if this type has no fast way.
func jsonCells(t *types.Type, arr arrow.Array) func(out []byte, row int) []byte {
	switch arr := arr.(type) {
	case *array.Int64:
		if t.Kind == types.BigInt {
			values := arr.Int64Values()
			return func(out []byte, row int) []byte { return strconv.AppendInt(out, values[row], 10) }
		}
	case *array.Int32:
		if t.Kind == types.Integer {
			values := arr.Int32Values()
			return func(out []byte, row int) []byte { return strconv.AppendInt(out, int64(values[row]), 10) }
		}
	case *array.Float64:
		values := arr.Float64Values()
		return func(out []byte, row int) []byte {
			if f := values[row]; !math.IsNaN(f) && !math.IsInf(f, 0) {
				return arrowtype.AppendDouble(out, f, 64)
			}
			return AppendJSON(out, t, arr, row)
		}
	case *array.String:
		switch t.Kind {
		case types.Varchar, types.Char, types.JSON:
			return func(out []byte, row int) []byte { return jsontext.AppendQuoted(out, arr.Value(row), jsontext.Shortest) }
		}
	case *array.Timestamp:
		if t.Kind == types.Timestamp {
			values, stamps := batch.Values[int64](arr), arrowtype.TimestampsOf(t)
			return func(out []byte, row int) []byte { return append(stamps.Append(append(out, '"'), values[row]), '"') }
		}
	}
	return nil
}
