package memory

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestPoolRefusesPastItsLimit(t *testing.T) {
	p := NewPool(100)
	sort, join := p.Account("sort"), p.Account("hash join")
	require.NoError(t, sort.Reserve(60))
	require.NoError(t, join.Reserve(40))
	err := join.Reserve(1)
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
	require.ErrorContains(t, err, "100 bytes")
	require.ErrorContains(t, err, "hash join")
	require.EqualValues(t, 100, p.UsedBytes())

	sort.Close()
	sort.Close()
	require.NoError(t, join.Resize(90))
	require.NoError(t, join.Resize(10))
	require.EqualValues(t, 10, p.UsedBytes())
	require.EqualValues(t, 100, p.PeakBytes())
}

func TestNoLimit(t *testing.T) {
	require.NoError(t, NewPool(0).Account("sort").Reserve(1<<60))
}

// TestPace: the work is paced where it takes more or looks whether it was stopped, not where it gives back or somebody else looks.
func TestPace(t *testing.T) {
	p, paced := NewPool(0), 0
	p.SetPace(func() { paced++ })
	a := p.Account("sort")
	m := a.Meter(0)
	require.NoError(t, a.Reserve(10))
	require.NoError(t, a.Stopped())
	require.NoError(t, m.Stopped())
	require.Equal(t, 3, paced)
	a.Release(5)
	require.NoError(t, a.Resize(1))
	require.NoError(t, m.StoppedElsewhere())
	require.NoError(t, p.Stopped())
	m.Close()
	a.Close()
	require.Equal(t, 3, paced)
}
