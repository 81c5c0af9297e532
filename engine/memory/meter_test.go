package memory

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestMeterGivesBack(t *testing.T) {
	pool := NewPool(1 << 20)
	a := pool.Account("an expression")
	m := a.Meter(0)
	require.NoError(t, m.Grow(700_000))
	require.GreaterOrEqual(t, a.UsedBytes(), int64(700_000))
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(m.Grow(700_000)))
	require.NoError(t, m.Settle(10))
	require.EqualValues(t, 10, m.Used())
	require.NoError(t, m.Grow(1_000_000), "what was given back can be had again")
	m.Close()
	require.Zero(t, pool.UsedBytes())
}

func TestMeterReservesToTheLastByte(t *testing.T) {
	m := NewPool(1000).Account("an expression").Meter(0)
	require.NoError(t, m.Grow(1000))
	require.Error(t, m.Grow(1))
}

func TestMeterChecksValues(t *testing.T) {
	m := NewPool(0).Account("an expression").Meter(100)
	require.NoError(t, m.CheckValue(100))
	require.Equal(t, types.ExceededFunctionMemory, types.ErrorName(m.CheckValue(101)))
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(Limits{MaxRowBytes: 10}.CheckRow(11)))
	require.NoError(t, Limits{}.CheckRow(1<<40))
}

func TestNilMeterCountsNothing(t *testing.T) {
	var m *Meter
	require.NoError(t, m.Grow(1<<60))
	require.NoError(t, m.Settle(1<<60))
	require.NoError(t, m.CheckValue(1<<60))
	require.NoError(t, m.Stopped())
	m.Close()
}

func TestStoppedPool(t *testing.T) {
	pool := NewPool(0)
	a := pool.Account("sort")
	m := a.Meter(0)
	require.NoError(t, m.Stopped())
	pool.Stop(context.Canceled)
	pool.Stop(context.DeadlineExceeded)
	require.ErrorIs(t, m.Stopped(), context.Canceled)
	require.ErrorIs(t, a.Reserve(1), context.Canceled)
	require.NoError(t, a.Reserve(0), "less is never refused")
}
