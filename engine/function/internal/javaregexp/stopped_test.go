package javaregexp

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
)

// TestGroupsOfLongTextsAreStopped: starts find the match, and Go's engine, which finds its groups, looks whether the statement has ended.
func TestGroupsOfLongTextsAreStopped(t *testing.T) {
	p, err := Compile(nil, "(?:"+strings.Repeat("(a+)|", 300)+"b)+")
	require.NoError(t, err)
	text := strings.Repeat("a", 500)
	require.True(t, p.isLong(text))
	p.searched.Store(bytesBeforeStarts - 1)
	table := p.startsFor(text)
	require.NotNil(t, table)
	require.False(t, table.groups.known)

	running := p.Search(nil)
	loc, err := running.FirstMatch(text, 1)
	require.NoError(t, err)
	require.Equal(t, p.linear.FindStringSubmatchIndex(text), loc)

	pool := memory.NewPool(0)
	pool.Stop(context.Canceled)
	stopped := p.Search(pool.Account("test").Meter(0))
	_, err = stopped.FirstMatch(text, 1)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, stopped.EachMatch(text, 1, func([]int) bool {
		require.Fail(t, "a match is visited after the end of the statement")
		return true
	}), context.Canceled)
}
