package types_test

import (
	"math"
	"math/big"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestPicos(t *testing.T) {
	cases := []struct{ micros, picos int64 }{
		{0, 0}, {0, 999_999}, {-1, 0}, {-1, 999_999}, {-1, 1}, {1, 0}, {math.MaxInt64, 999_999}, {math.MinInt64, 0}, {math.MinInt64, 1},
	}
	random := rand.New(rand.NewSource(1))
	for range 1000 {
		cases = append(cases, struct{ micros, picos int64 }{int64(random.Uint64()) >> random.Intn(64), random.Int63n(types.PicosPerMicro)})
	}
	for _, c := range cases {
		v := types.Picos(c.micros, c.picos)
		want := new(big.Int).Mul(big.NewInt(c.micros), big.NewInt(types.PicosPerMicro))
		require.Equal(t, want.Add(want, big.NewInt(c.picos)).String(), v.BigInt().String())
		micros, picos := types.SplitPicos(v)
		require.Equal(t, c, struct{ micros, picos int64 }{micros, picos})
	}
	require.Equal(t, types.Picos(-1, 1000), types.PicosOfNanos(-999))
	require.Equal(t, types.Picos(-1, 999_000), types.PicosOfNanos(-1))
	require.Equal(t, types.Picos(1, 1000), types.PicosOfNanos(1001))
}

func TestIsLong(t *testing.T) {
	for text, want := range map[string]bool{
		"timestamp(6)": false, "timestamp(7)": true, "timestamp(12) with time zone": true, "timestamp(6) with time zone": false, "time(12)": false, "decimal(12, 7)": false,
	} {
		typ, err := types.ParseType(text)
		require.NoError(t, err)
		require.Equal(t, want, typ.IsLong(), text)
	}
}
