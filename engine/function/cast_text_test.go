package function

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDoubleDigits(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0.1, "1.0E-1"}, {1e23, "9.999999999999999E22"}, {2e23, "1.9999999999999998E23"}, {5.684341886080802e-14, "5.6843418860808015E-14"},
		{2e-3, "2.0E-3"}, {-1.1e-44, "-1.1E-44"}, {9.313225746154785e-10, "9.313225746154785E-10"}, {4.9e-324, "4.9E-324"},
		{math.MaxFloat64, "1.7976931348623157E308"}, {1.0 / 3, "3.333333333333333E-1"}, {12345678901234567, "1.2345678901234568E16"},
	} {
		require.Equal(t, tt.want, scientific(tt.f, 64), strconv.FormatFloat(tt.f, 'g', -1, 64))
	}
}
