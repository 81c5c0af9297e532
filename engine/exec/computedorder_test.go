package exec

import (
	"errors"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/types"
)

// keyOf computes a key of one eventtime.
type keyOf struct {
	expr.Evaluator
	of func(millis int64) (int64, error)
}

func (k keyOf) Eval(b *batch.Batch) (batch.Vector, error) {
	key, err := k.of(batch.Values[int64](b.Columns[0].Array)[0])
	return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{key}, nil)}, err
}

// TestLastWanted: a scan ends behind the last eventtime whose key is not after the bar, and where that is not known goes on.
func TestLastWanted(t *testing.T) {
	seconds := func(millis int64) (int64, error) { return types.FloorDiv(millis, 1000), nil }
	for _, c := range []struct {
		name       string
		of         func(millis int64) (int64, error)
		descending bool
		isForward  bool
		bar, last  int64
		isKnown    bool
	}{
		{"newest first", seconds, true, false, 7, 7000, true},
		{"oldest first", seconds, false, true, 7, 7999, true},
		{"before 1970", seconds, true, false, -7, -7000, true},
		{"a key that falls, newest first", func(m int64) (int64, error) { return -types.FloorDiv(m, 1000), nil }, false, false, -7, 7000, true},
		{"a key that falls, oldest first", func(m int64) (int64, error) { return -types.FloorDiv(m, 1000), nil }, true, true, -7, 7999, true},
		{"nothing is before the bar", seconds, true, false, newestMillis, 0, false},
		{"all is before the bar", seconds, true, false, oldestMillis, oldestMillis, true},
		{"a key that fails", func(m int64) (int64, error) {
			if m > 1<<40 {
				return 0, errors.New("too late")
			}
			return m, nil
		}, true, false, 7, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			order := &computedOrder{key: keyOf{of: c.of}, times: arrow.FixedWidthTypes.Timestamp_ms, isForward: c.isForward,
				order: sortKey{valueType: types.BigIntType, descending: c.descending}}
			bar := batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{c.bar}, nil)
			last, isNew := order.lastWanted(bar)
			require.Equal(t, c.isKnown, isNew)
			require.Equal(t, c.last, last)
			_, isNew = order.lastWanted(bar)
			require.False(t, isNew, "the bar is known")
		})
	}
}
