package lazyregexp

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExpressionIsCompiledWhenItIsUsed(t *testing.T) {
	wrong := New(`(`)
	require.Panics(t, func() { wrong() }, "not before")

	digits := New(`^\d+$`)
	require.True(t, digits().MatchString("12"))
	require.False(t, digits().MatchString("x"))
	require.Same(t, digits(), digits())
}
