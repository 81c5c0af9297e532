package function

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestListsThatGrowAreCounted adds texts one by one: what is counted is the list's room, whatever it grows by, and a list that
// is short moves seldom.
func TestListsThatGrowAreCounted(t *testing.T) {
	m := memory.NewPool(1 << 24).Account("an expression").Meter(0)
	var list []int32
	moves, shortMoves := 0, 0
	for n := range 400_000 {
		before := cap(list)
		var err error
		list, err = withRoom(m, list, 1)
		require.NoError(t, err)
		list = append(list, int32(n))
		if cap(list) != before {
			moves++
			require.EqualValues(t, 4*cap(list), m.Used())
			if 4*cap(list) <= shortList {
				shortMoves++
			} else if 4*before >= shortList {
				require.LessOrEqual(t, cap(list), before+before/4)
			}
		}
	}
	require.Equal(t, 17, shortMoves, "by doubling from one number to 65,536")
	require.Less(t, moves, 30)
	require.EqualValues(t, 399_999, list[399_999])
}

// TestListsThatGrowKeepTheLimit: what the memory has no room for is not allocated.
func TestListsThatGrowKeepTheLimit(t *testing.T) {
	m := memory.NewPool(1000).Account("an expression").Meter(0)
	list, err := withRoom(m, []int64(nil), 100)
	require.NoError(t, err)
	_, err = withRoom(m, list[:100], 1)
	require.Error(t, err)
}

// TestKernelsLookWhileTheyCopy: what puts many bytes together gives others the processor about each megabyte, and ends there with its statement.
func TestKernelsLookWhileTheyCopy(t *testing.T) {
	long := strings.Repeat("x", 4<<20)
	longTexts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{long, "", long, "short"}, nil)
	require.NoError(t, err)
	rows := make([]int64, 64)
	for i := range rows {
		rows[i] = int64(i)
	}
	numbers := batch.FromValues(arrow.PrimitiveTypes.Int64, rows, nil)
	ends := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{9999}, nil), Const: true}
	lists := func(env *Env) batch.Vector {
		v, err := kernelOf(t, "sequence", types.BigIntType, types.BigIntType)(env, []batch.Vector{{Array: numbers}, ends}, nil, len(rows))
		require.NoError(t, err)
		return v
	}
	listType := types.ArrayOf(types.BigIntType)
	for _, c := range []struct {
		name       string
		leastLooks int
		call       func(env *Env) (batch.Vector, error)
	}{
		{"a list that grows", 16, func(env *Env) (batch.Vector, error) {
			_, err := withRoom(env.Meter, make([]int64, 2<<20), 1)
			return batch.Vector{}, err
		}},
		{"texts", 4 + 8, func(env *Env) (batch.Vector, error) {
			return kernelOf(t, "trim", types.VarcharType)(env, []batch.Vector{{Array: longTexts}}, nil, 4)
		}},
		{"texts joined", 256, func(env *Env) (batch.Vector, error) {
			short := batch.Vector{Array: batch.Take(longTexts, slices.Repeat([]int32{3}, 4096))}
			return kernelOf(t, "concat", types.VarcharType, types.VarcharType)(env, []batch.Vector{short, short}, nil, 4096)
		}},
		{"lists side by side", 64 + 2*64*10_000/batch.PieceRows, func(env *Env) (batch.Vector, error) {
			list := lists(&Env{})
			return kernelOf(t, "zip", listType, listType)(env, []batch.Vector{list, list}, nil, len(rows))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			looks, stopAt := 0, math.MaxInt
			pool := memory.NewPool(1 << 30)
			pool.SetPace(func() {
				if looks++; looks == stopAt {
					pool.Stop(errNull)
				}
			})
			account := pool.Account("an expression")
			call := func() (err error) {
				defer batch.Recover(&err)
				_, err = c.call(&Env{Meter: account.Meter(0)})
				return err
			}
			require.NoError(t, call())
			require.GreaterOrEqual(t, looks, c.leastLooks)
			stopAt, looks = looks-1, 0
			require.ErrorIs(t, call(), errNull)
		})
	}
}
