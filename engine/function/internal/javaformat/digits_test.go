package javaformat

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// TestRoundedDigits compares with numbers of any size: digits that are cut off, carried through nines, or none at all.
func TestRoundedDigits(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for range 100_000 {
		n := new(big.Int).SetUint64(random.Uint64() >> random.IntN(64))
		if random.IntN(2) == 0 { // many nines
			n.Sub(types.PowerOfTen(random.IntN(38)), big.NewInt(int64(random.IntN(3))))
		}
		n.Abs(n)
		from, to := random.IntN(40), random.IntN(40)
		want := new(big.Int).Mul(n, types.PowerOfTen(max(0, to-from)))
		if to < from {
			want = types.DivideHalfUp(n, types.PowerOfTen(from-to))
		}
		got := digits{appendMagnitude(nil, decimal128.FromBigInt(n)), from}.rounded(to)
		require.Equal(t, want.String(), string(got.text), "%s / 10^%d to %d places", n, from, to)
	}
}
