package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestDateTruncOfColumns: what a row gives does not depend on the rows before it.
func TestDateTruncOfColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(83, 84))
	units := []string{"millisecond", "second", "minute", "Hour", "day", "week", "month", "quarter", "year"}
	for _, step := range []int64{1, 100, 3_600_000, 40 * 86_400_000} {
		values, names := make([]int64, 2000), make([]string, 2000)
		for i := range values {
			values[i], names[i] = random.Int64N(3*step+1)-step, units[random.IntN(len(units))]
			if i > 0 {
				values[i] += values[i-1]
			}
			if i > 0 && random.IntN(8) > 0 {
				names[i] = names[i-1]
			}
		}
		unit, err := batch.FromStrings(arrow.BinaryTypes.String, names, nil)
		require.NoError(t, err)
		for _, precision := range []int{0, 3, 6} {
			timestamp := types.TimestampOf(precision)
			column := batch.FromValues(arrowtype.Of(timestamp), values, nil)
			kernel := kernelOf(t, "date_trunc", types.VarcharType, timestamp)
			call := func(rows []int32) []int64 {
				args := []batch.Vector{{Array: batch.Take(unit, rows)}, {Array: batch.Take(column, rows)}}
				out, err := kernel(&Env{}, args, make([]Lambda, 2), len(rows))
				require.NoError(t, err)
				return batch.Values[int64](out.Array)
			}
			rows := make([]int32, len(values))
			for i := range rows {
				rows[i] = int32(i)
			}
			for i, got := range call(rows) {
				require.Equal(t, call(rows[i : i+1])[0], got, "date_trunc('%s', %d)", names[i], values[i])
			}
		}
	}
}

// TestDateTruncToOneUnit: a unit that all rows share gives each row what it gives alone, NULL for NULL.
func TestDateTruncToOneUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(85, 86))
	timestamp := types.TimestampOf(3)
	kernel := kernelOf(t, "date_trunc", types.VarcharType, timestamp)
	for _, unit := range []string{"millisecond", "Hour", "day", "week", "year"} {
		name, err := batch.FromStrings(arrow.BinaryTypes.String, []string{unit}, nil)
		require.NoError(t, err)
		for _, hasNulls := range []bool{false, true} {
			values, valid := []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, math.MaxInt64}, []byte(nil)
			for range 500 {
				values = append(values, values[len(values)-1]/2+random.Int64N(10_000_000)-5_000_000)
			}
			if hasNulls {
				valid = make([]byte, (len(values)+7)/8)
				for i := range valid {
					valid[i] = byte(random.Uint32())
				}
			}
			column := batch.FromValues(arrowtype.Of(timestamp), values, valid)
			call := func(column arrow.Array) arrow.Array {
				out, err := kernel(&Env{}, []batch.Vector{{Array: name, Const: true}, {Array: column}}, make([]Lambda, 2), column.Len())
				require.NoError(t, err)
				return out.Array
			}
			all := call(column)
			for i := range values {
				alone := call(batch.Take(column, []int32{int32(i)}))
				require.Equal(t, alone.IsNull(0), all.IsNull(i))
				if !all.IsNull(i) {
					require.Equal(t, batch.Values[int64](alone)[0], batch.Values[int64](all)[i], "date_trunc('%s', %d)", unit, values[i])
				}
			}
		}
	}
}

// TestDateTruncOfNoRow: a unit that there is not is an error of the first row that has a value.
func TestDateTruncOfNoRow(t *testing.T) {
	timestamp := types.TimestampOf(3)
	kernel := kernelOf(t, "date_trunc", types.VarcharType, timestamp)
	unit, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"fortnight"}, nil)
	require.NoError(t, err)
	for _, c := range []struct {
		values []int64
		valid  []byte
		fails  bool
	}{{nil, nil, false}, {[]int64{1, 2}, []byte{0}, false}, {[]int64{1, 2}, []byte{2}, true}, {[]int64{1, 2}, nil, true}} {
		column := batch.FromValues(arrowtype.Of(timestamp), c.values, c.valid)
		_, err := kernel(&Env{}, []batch.Vector{{Array: unit, Const: true}, {Array: column}}, make([]Lambda, 2), len(c.values))
		require.Equal(t, c.fails, err != nil, "%v", c)
	}
}
