package predicate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Only an interval closed at both ends around one value is a point.
func TestPoint(t *testing.T) {
	for _, tt := range []struct {
		name    string
		r       Range
		isPoint bool
	}{
		{"closed", Range{Low: int64(7), High: int64(7), LowIncl: true, HighIncl: true}, true},
		{"text", Range{Low: "a", High: "a", LowIncl: true, HighIncl: true}, true},
		{"wider", Range{Low: int64(7), High: int64(8), LowIncl: true, HighIncl: true}, false},
		{"open below", Range{Low: int64(7), High: int64(7), HighIncl: true}, false},
		{"open above", Range{Low: int64(7), High: int64(7), LowIncl: true}, false},
		{"without bounds", Range{LowIncl: true, HighIncl: true}, false},
		{"of two types", Range{Low: int64(7), High: 7.0, LowIncl: true, HighIncl: true}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			value, isPoint := tt.r.Point()
			require.Equal(t, tt.isPoint, isPoint)
			if isPoint {
				require.Equal(t, tt.r.Low, value)
			} else {
				require.Nil(t, value)
			}
		})
	}
}
