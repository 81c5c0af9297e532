package sqldriver

import (
	"database/sql/driver"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/planner/types"
)

// rows walks an answer row by row.
type rows struct {
	answer remote.Rows
	at     int // the next row of the current arrays
	held   int // their length
}

// Columns implements driver.Rows.
func (r *rows) Columns() []string {
	names := make([]string, len(r.answer.Columns()))
	for i, c := range r.answer.Columns() {
		names[i] = c.Name
	}
	return names
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.answer.Columns()[i].Type.Display() }

// Close implements driver.Rows.
func (r *rows) Close() error { return r.answer.Close() }

// Next implements driver.Rows.
func (r *rows) Next(into []driver.Value) error {
	for r.at == r.held {
		if !r.answer.Next() {
			if err := r.answer.Err(); err != nil {
				return err
			}
			return io.EOF
		}
		r.at, r.held = 0, r.answer.Arrays()[0].Len()
	}
	for i, c := range r.answer.Columns() {
		into[i] = value(c.Type, r.answer.Arrays()[i], r.at)
	}
	r.at++
	return nil
}

func value(t *types.Type, arr arrow.Array, row int) driver.Value {
	if answer.IsNull(arr, row) {
		return nil
	}
	switch a := arr.(type) {
	case *array.Boolean:
		return a.Value(row)
	case *array.Int8:
		return int64(a.Value(row))
	case *array.Int16:
		return int64(a.Value(row))
	case *array.Int32:
		if t.Kind == types.Integer {
			return int64(a.Value(row))
		}
	case *array.Int64:
		if t.Kind == types.BigInt {
			return a.Value(row)
		}
	case *array.Float32:
		return float64(a.Value(row))
	case *array.Float64:
		return a.Value(row)
	case *array.Binary:
		return append([]byte{}, a.Value(row)...)
	case *array.Date32:
		return a.Value(row).ToTime()
	case *array.Timestamp:
		return instant(a, row)
	case *array.Struct:
		if t.Kind == types.TimestampTZ && !t.IsLong() {
			return instant(a.Field(0).(*array.Timestamp), row)
		}
	}
	return string(answer.AppendText(nil, t, arr, row))
}

func instant(a *array.Timestamp, row int) time.Time {
	return a.Value(row).ToTime(a.DataType().(*arrow.TimestampType).Unit).UTC()
}
