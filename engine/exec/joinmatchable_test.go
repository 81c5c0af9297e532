package exec

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// TestRightRowsThatMatchNothing looks at which right rows a join keeps: those without a key only where they are given out.
func TestRightRowsThatMatchNothing(t *testing.T) {
	right := sample(1000, rand.New(rand.NewPCG(1, 2)))
	withKey := 0
	for row := range right.rows {
		if !arrowdata.IsNull(right.columns[1], row) {
			withKey++
		}
	}
	require.Less(t, withKey, right.rows)
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for kind, want := range map[plan.JoinKind]int{plan.InnerJoin: withKey, plan.LeftJoin: withKey, plan.RightJoin: right.rows, plan.FullJoin: right.rows} {
			j := &hashJoin{kind: kind, left: input(sample(1, random)), right: input(right), leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
				leftKeys: []int{1}, rightKeys: []int{1}, memory: unlimited(), out: unlimited()}
			_, err := j.Next(context.Background())
			require.NoError(t, err)
			require.Equal(t, want, j.build.table.rows.rows, kind)
			j.Close()
		}
	})
}

// TestMatchingKeys: which rows may match by one key, and by two.
func TestMatchingKeys(t *testing.T) {
	numbers := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 0, 3, 4}, []byte{0b1101})}
	floats := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Float64, []float64{1, 2, 3, math.NaN()}, nil)}
	complete := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 2, 3, 4}, nil)}
	null := batch.Vector{Array: array.NewNull(1), Const: true}
	lists := batch.Vector{Array: batch.FromLists([]int32{0, 1, 2, 3, 4}, nil, numbers.Array)}
	for _, c := range []struct {
		name     string
		matching matching
		keys     []batch.Vector
		want     []int32
	}{
		{"no NULL", equalToSome, []batch.Vector{complete}, []int32{0, 1, 2, 3}},
		{"NULL", equalToSome, []batch.Vector{numbers}, []int32{0, 2, 3}},
		{"NULL for every row", equalToSome, []batch.Vector{null}, []int32{}},
		{"NaN", equalToSome, []batch.Vector{floats}, []int32{0, 1, 2}},
		{"NaN is no NULL", notNull, []batch.Vector{floats}, []int32{0, 1, 2, 3}},
		{"a list with NULL", equalToSome, []batch.Vector{lists}, []int32{0, 2, 3}},
		{"such a list is no NULL", notNull, []batch.Vector{lists}, []int32{0, 1, 2, 3}},
		{"two keys", equalToSome, []batch.Vector{numbers, complete, floats}, []int32{0, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, c.matching.rowsOf(c.keys, 4))
			require.Equal(t, len(c.want) < 4, c.matching.dropsAny(c.keys, 4))
			ids := []int32{7, 7, 7, 7}
			require.Equal(t, len(c.want) < 4, dropOthers(ids, c.matching.ofAll(c.keys, 4)))
			for row, id := range ids {
				require.Equal(t, slices.Contains(c.want, int32(row)), id == 7)
			}
		})
	}
}
