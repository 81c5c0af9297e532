package function

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestTimesOfColumns: fields, texts and differences of timestamps in a column are those of each row alone.
func TestTimesOfColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(85, 86))
	var calls []struct{ name, text string }
	for _, f := range append(dateFields, timeFields...) {
		calls = append(calls, struct{ name, text string }{f.names[0], ""})
	}
	for _, pattern := range []string{"%Y-%m-%d", "%H:%i", "%T.%f", "%x %v %a", "%l %p", "%%", "at %s", "%k%"} {
		calls = append(calls, struct{ name, text string }{"date_format", pattern})
	}
	for _, pattern := range []string{"yyyy-MM-dd", "HH:mm", "ss.SSS", "xxxx ww e", "h a", "'some' EEE", "k"} {
		calls = append(calls, struct{ name, text string }{"format_datetime", pattern})
	}
	for unit := range clockNanos {
		calls = append(calls, struct{ name, text string }{"date_diff", unit})
	}
	calls = append(calls, struct{ name, text string }{"date_diff", "Month"})
	for _, step := range []int64{1, 300, 100_000, 86_400_000} {
		values := make([]int64, 2000)
		valid := make([]byte, len(values)/8)
		for i := range values {
			if values[i] = -step; i > 0 {
				values[i] = values[i-1] + random.Int64N(3*step+1) - step
			}
		}
		for i := range valid {
			valid[i] = byte(random.Uint32()) | 1
		}
		for _, precision := range []int{0, 3, 6} {
			timestamp := types.TimestampOf(precision)
			column := batch.FromValues(arrowtype.Of(timestamp), values, valid)
			for _, c := range calls {
				of := []*types.Type{timestamp}
				text, err := batch.FromStrings(arrow.BinaryTypes.String, []string{c.text}, nil)
				require.NoError(t, err)
				constant := batch.Vector{Array: text, Const: true}
				switch {
				case c.name == "date_diff":
					of = []*types.Type{types.VarcharType, timestamp, timestamp}
				case c.text != "":
					of = append(of, types.VarcharType)
				}
				kernel := kernelOf(t, c.name, of...)
				call := func(rows []int32) arrow.Array {
					taken := batch.Vector{Array: batch.Take(column, rows)}
					args := []batch.Vector{taken, constant}[:min(len(of), 2)]
					if c.name == "date_diff" {
						first := batch.Vector{Array: batch.Take(column, []int32{0}), Const: true}
						args = []batch.Vector{constant, first, taken}
					}
					out, err := kernel(&Env{}, args, make([]Lambda, 3), len(rows))
					require.NoError(t, err)
					return batch.Decode(out.Array)
				}
				rows := make([]int32, len(values))
				for i := range rows {
					rows[i] = int32(i)
				}
				all := call(rows)
				for range 200 {
					row := random.IntN(len(rows))
					require.Equal(t, call([]int32{int32(row)}).ValueStr(0), all.ValueStr(row), "%s(%s) of %d, precision %d", c.name, c.text, values[row], precision)
				}
			}
		}
	}
}
