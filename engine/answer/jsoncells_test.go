package answer_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCellsOfColumns: a column's values are written as each of them alone is.
func TestCellsOfColumns(t *testing.T) {
	for _, c := range valueCases {
		col, arr := column(t, c.typ, "[null, "+c.value+", null, "+c.value+"]")
		for name, part := range map[string]arrow.Array{"all": arr, "part": array.NewSlice(arr, 1, 4), "without NULL": array.NewSlice(arr, 3, 4)} {
			cell := answer.JSONCells(col.Type, part)
			for row := range part.Len() {
				require.Equal(t, string(answer.AppendJSON(nil, col.Type, part, row)), string(cell(nil, row)), "%s %s, %s, row %d", c.typ, c.value, name, row)
			}
		}
	}
}

// FuzzCells writes columns of texts, numbers and times, each value after another, and reads them with encoding/json.
func FuzzCells(f *testing.F) {
	f.Add("a\"b\\\n\x00\x1f\x7fé😀\xff</script>", []byte{0, 1, 2, 3})
	f.Add("", binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, math.Float64bits(-0.125)), 1<<63))
	f.Add("2024-01-02", binary.LittleEndian.AppendUint64(nil, 1_704_189_296_789))
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		numbers, doubles, texts := []int64{}, []float64{}, []string{}
		for ; len(data) >= 8; data = data[8:] {
			bits := binary.LittleEndian.Uint64(data)
			numbers, doubles = append(numbers, int64(bits)), append(doubles, math.Float64frombits(bits))
			texts = append(texts, text[int(bits%uint64(len(text)+1)):])
		}
		if len(numbers) == 0 {
			return
		}
		stamp := types.TimestampOf(3)
		column, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
		require.NoError(t, err)
		cells := []func([]byte, int) []byte{
			answer.JSONCells(types.BigIntType, batch.FromValues(arrowtype.Of(types.BigIntType), numbers, nil)),
			answer.JSONCells(types.DoubleType, batch.FromValues(arrowtype.Of(types.DoubleType), doubles, nil)),
			answer.JSONCells(types.VarcharType, column),
			answer.JSONCells(stamp, batch.FromValues(arrowtype.Of(stamp), numbers, nil)),
		}
		for row := range numbers {
			line := []byte{'['}
			for i, cell := range cells {
				if i > 0 {
					line = append(line, ',')
				}
				line = cell(line, row)
			}
			decoder := json.NewDecoder(bytes.NewReader(append(line, ']')))
			decoder.UseNumber()
			var got []any
			require.NoError(t, decoder.Decode(&got), "%s", line)
			want := []any{json.Number(strconv.FormatInt(numbers[row], 10)), json.Number(arrowtype.AppendDouble(nil, doubles[row], 64)), string([]rune(texts[row])),
				string(arrowtype.AppendTimestamp(nil, numbers[row], arrowtype.UnitsPerSecond(stamp), 3))}
			if f := doubles[row]; math.IsNaN(f) || math.IsInf(f, 0) {
				want[1] = string(arrowtype.AppendDouble(nil, f, 64))
			} else {
				read, err := strconv.ParseFloat(string(got[1].(json.Number)), 64)
				require.NoError(t, err)
				require.Equal(t, math.Float64bits(f), math.Float64bits(read))
			}
			require.Equal(t, want, got)
		}
	})
}
