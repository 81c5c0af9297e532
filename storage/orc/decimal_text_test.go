package orc

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"
)

func TestDecimalText(t *testing.T) {
	for _, c := range []struct {
		unscaled int64
		scale    int32
		text     string
	}{
		{0, 0, "0"}, {0, 2, "0.00"}, {5, 3, "0.005"}, {-5, 3, "-0.005"}, {-1234, 2, "-12.34"}, {12345678654745, 6, "12345678.654745"}, {7, 0, "7"},
	} {
		require.Equal(t, c.text, decimalText(decimal128.FromI64(c.unscaled), c.scale))
	}
	rnd := rand.New(rand.NewPCG(111, 112))
	for range 2000 {
		v := decimal128.New(rnd.Int64N(1<<60)-1<<59, rnd.Uint64())
		scale := int32(rnd.IntN(39))
		got, ok := parseDecimal(decimalText(v, scale), scale)
		require.True(t, ok)
		require.Equal(t, v, got)
	}
}

func TestParseDecimal(t *testing.T) {
	v, ok := parseDecimal("1.5", 4)
	require.True(t, ok)
	require.Equal(t, decimal128.FromI64(15000), v)
	v, ok = parseDecimal("1.50000", 1)
	require.True(t, ok)
	require.Equal(t, decimal128.FromI64(15), v)
	for _, text := range []string{"", "x", "1.25", "1.2.3", "1e5", "999999999999999999999999999999999999999999"} {
		_, ok := parseDecimal(text, 1)
		require.False(t, ok, text)
	}
}
