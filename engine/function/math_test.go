package function

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFloatRemainder: whole numbers are divided as all others are.
func TestFloatRemainder(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), 1, -1, 7, -7, 2.5, -2.5, 86400, 1 << 53, 1<<53 - 1, -(1<<53 - 1), 1e300, math.Inf(1), math.Inf(-1), math.NaN()}
	for _, a := range values {
		for _, b := range values {
			want, got := math.Mod(a, b), floatRemainder(a, b)
			require.Equal(t, math.Float64bits(want), math.Float64bits(got), "%v %% %v: %v, %v", a, b, want, got)
		}
	}
}
