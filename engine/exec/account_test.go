package exec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
)

// TestAccount: what an operator holds for a while, in all and at its end is what its pool counts.
func TestAccount(t *testing.T) {
	pool := memory.NewPool(1000)
	a := &account{pool.Account("Sort")}
	require.NoError(t, a.set(100))
	done, err := a.during(300)
	require.NoError(t, err)
	require.EqualValues(t, 400, a.UsedBytes())
	done()
	require.EqualValues(t, 100, a.UsedBytes())
	_, err = a.during(1000)
	require.Error(t, err)
	require.EqualValues(t, 100, a.UsedBytes())
	done, err = a.during(0)
	require.NoError(t, err)
	done()
	require.NoError(t, a.add(50))
	a.release(20)
	require.EqualValues(t, 130, a.UsedBytes())
	a.close()
	require.Zero(t, pool.UsedBytes())

	var nobody *account
	require.NoError(t, nobody.set(1<<60))
	require.NoError(t, nobody.add(1<<60))
	done, err = nobody.during(1 << 60)
	require.NoError(t, err)
	done()
	nobody.release(1)
	nobody.close()
}
