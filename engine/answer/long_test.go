package answer_test

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// longColumn is NULL, a timestamp and NULL, of a type of at least seven digits.
func longColumn(t *testing.T, text string) (answer.Column, arrow.Array) {
	v, err := types.ParseTimestamp(text)
	require.NoError(t, err)
	dt, valid := arrowtype.Of(v.Type), []byte{0b010}
	column := answer.Column{Name: "at", Type: v.Type}
	instants := func(dt arrow.DataType, v decimal128.Num) arrow.Array {
		return batch.FromValues(dt, []decimal128.Num{{}, v, {}}, valid)
	}
	z, ok := v.V.(types.LongZoned)
	if !ok {
		return column, instants(dt, v.V.(decimal128.Num))
	}
	zone, err := arrowtype.ParseZone(z.Zone)
	require.NoError(t, err)
	st := dt.(*arrow.StructType)
	return column, batch.FromFields(st, 3, valid, []arrow.Array{
		instants(st.Field(0).Type, z.Instant), batch.FromValues(st.Field(1).Type, []arrowtype.Zone{0, zone, 0}, valid)})
}

func TestLongTimestamps(t *testing.T) {
	cases := []struct {
		text   string
		millis string // for clients that know no precision
		arrow  string // as Arrow has it, or its error
	}{
		{"2024-02-29 01:02:03.0000004", "2024-02-29 01:02:03.000", "2024-02-29 01:02:03.0000004"},
		{"1969-12-31 23:59:59.999999999", "1970-01-01 00:00:00.000", "1969-12-31 23:59:59.999999999"},
		{"2300-02-28 01:02:03.000500000000", "2300-02-28 01:02:03.001", "2300-02-28 01:02:03.000500000000"},
		{"1500-02-28 01:02:03.1234567", "1500-02-28 01:02:03.123", "timestamp(7) '1500-02-28 01:02:03.1234567' is outside the range of nanosecond timestamps"},
		{"2300-02-28 01:02:03.123456789", "2300-02-28 01:02:03.123", "timestamp(9) '2300-02-28 01:02:03.123456789' is outside the range of nanosecond timestamps"},
		{"2024-02-29 01:02:03.0000000004 +05:30", "2024-02-29 01:02:03.000 +05:30", "2024-02-29 01:02:03.0000000004 +05:30"},
		{"2024-02-29 01:02:03.000000004 UTC", "2024-02-29 01:02:03.000 UTC", "2024-02-29 01:02:03.000000004"},
		{"2300-01-01 00:00:00.0000001 UTC", "2300-01-01 00:00:00.000 UTC", "is outside the range of nanosecond timestamps"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			column, arr := longColumn(t, c.text)
			arr = array.NewSlice(arr, 1, 3)
			require.Equal(t, c.text, string(answer.AppendText(nil, column.Type, arr, 0)))
			require.Equal(t, `"`+c.text+`"`, string(answer.AppendJSON(nil, column.Type, arr, 0)))
			require.Equal(t, "null", string(answer.AppendJSON(nil, column.Type, arr, 1)))
			require.Equal(t, c.millis, string(answer.AppendText(nil, answer.Millis(column).Type, answer.MillisArray(column.Type, arr), 0)))

			record, err := answer.Record(answer.ArrowSchema([]answer.Column{column}), []answer.Column{column}, []arrow.Array{arr})
			if err != nil {
				require.ErrorContains(t, err, c.arrow)
				require.ErrorContains(t, err, "column at: ")
				return
			}
			require.True(t, record.Column(0).IsNull(1))
			switch a := record.Column(0).(type) {
			case *array.String:
				require.Equal(t, c.arrow, a.Value(0))
				require.Greater(t, column.Type.Precision, 9)
			case *array.Timestamp:
				nanos := types.PicosOfNanos(int64(a.Value(0)))
				require.Equal(t, c.arrow, string(arrowtype.AppendLong(nil, nanos, column.Type.Precision)))
			}
		})
	}
}

// TestLongTimestampsInside looks at arrays, maps and rows of them.
func TestLongTimestampsInside(t *testing.T) {
	column, arr := longColumn(t, "2024-02-29 01:02:03.0000000004")
	lists := batch.FromLists([]int32{0, 0, 2}, []byte{0b11}, arr)
	list := answer.Column{Name: "list", Type: types.ArrayOf(column.Type)}
	record, err := answer.Record(answer.ArrowSchema([]answer.Column{list}), []answer.Column{list}, []arrow.Array{lists})
	require.NoError(t, err)
	require.Equal(t, `[null,"2024-02-29 01:02:03.0000000004"]`, string(answer.AppendJSON(nil, types.ArrayOf(types.VarcharType), record.Column(0), 1)))
	require.Equal(t, `[null,"2024-02-29 01:02:03.000"]`,
		string(answer.AppendJSON(nil, answer.Millis(list).Type, answer.MillisArray(list.Type, lists), 1)))

	column, arr = longColumn(t, "2300-02-28 01:02:03.123456789")
	row := answer.Column{Name: "row", Type: types.RowOf(types.Field{Name: "at", Type: column.Type})}
	rows := batch.FromFields(arrowtype.Of(row.Type).(*arrow.StructType), 3, nil, []arrow.Array{arr})
	_, err = answer.Record(answer.ArrowSchema([]answer.Column{row}), []answer.Column{row}, []arrow.Array{rows})
	require.ErrorContains(t, err, "is outside the range of nanosecond timestamps")
}

// TestClocksOfPicoseconds: times of the day of more than nine digits are texts outside.
func TestClocksOfPicoseconds(t *testing.T) {
	column := answer.Column{Name: "at", Type: types.TimeOf(12)}
	arr := batch.FromValues(arrowtype.Of(column.Type), []int64{86_399_999_999_999_999}, nil)
	require.Equal(t, `"23:59:59.999999999999"`, string(answer.AppendJSON(nil, column.Type, arr, 0)))
	require.Equal(t, "00:00:00.000", string(answer.AppendText(nil, answer.Millis(column).Type, answer.MillisArray(column.Type, arr), 0)))
	record, err := answer.Record(answer.ArrowSchema([]answer.Column{column}), []answer.Column{column}, []arrow.Array{arr})
	require.NoError(t, err)
	require.Equal(t, "23:59:59.999999999999", record.Column(0).(*array.String).Value(0))
}
