package jsontext_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/jsontext"
)

// TestTakeInteger: what is no integer that surely fits stays to be read.
func TestTakeInteger(t *testing.T) {
	for _, c := range []struct {
		name, text string
		limit      int64
		want       int64
		wantRest   string
		isTaken    bool
	}{
		{"alone", "12", math.MaxInt64, 12, "", true},
		{"zero", "0", math.MaxInt64, 0, "", true},
		{"behind space", " \n-7,8", math.MaxInt64, -7, ",8", true},
		{"element", "5]", math.MaxInt64, 5, "]", true},
		{"member", "5}", math.MaxInt64, 5, "}", true},
		{"most digits", "999999999999999999", math.MaxInt64, 999999999999999999, "", true},
		{"most digits below zero", "-999999999999999999", math.MaxInt64, -999999999999999999, "", true},
		{"greatest", "127", math.MaxInt8, 127, "", true},
		{"least", "-128", math.MaxInt8, -128, "", true},
		{"too many digits", "1000000000000000000", math.MaxInt64, 0, "1000000000000000000", false},
		{"digits past 64 bits", "18446744073709551617", math.MaxInt64, 0, "18446744073709551617", false},
		{"too great", " 128", math.MaxInt8, 0, "128", false},
		{"too little", "-129", math.MaxInt8, 0, "-129", false},
		{"minus zero", "-0", math.MaxInt64, 0, "-0", false},
		{"zero before digits", "01", math.MaxInt64, 0, "01", false},
		{"minus alone", "-", math.MaxInt64, 0, "-", false},
		{"two minus", "--1", math.MaxInt64, 0, "--1", false},
		{"fraction", "1.0", math.MaxInt64, 0, "1.0", false},
		{"exponent", "1e2", math.MaxInt64, 0, "1e2", false},
		{"before space", "1 ", math.MaxInt64, 0, "1 ", false},
		{"before a letter", "1x", math.MaxInt64, 0, "1x", false},
		{"text", `"1"`, math.MaxInt64, 0, `"1"`, false},
		{"nothing", "", math.MaxInt64, 0, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := jsontext.Walker{Text: c.text}
			n, ok := j.TakeInteger(c.limit)
			require.Equal(t, c.isTaken, ok)
			require.Equal(t, c.want, n)
			require.Equal(t, c.wantRest, j.Rest())
		})
	}
}
