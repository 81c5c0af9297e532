package javaformat

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// FuzzFormat: whatever the format, there is an error or an answer.
func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"%s", "%5d|%-5s", "%1$,.3f %<e", "%(+d", "%tY-%<tm", "%%%n", "%g %G", "%#x", "%c"} {
		f.Add(seed, int64(-42), 1.5)
	}
	f.Fuzz(func(t *testing.T, pattern string, n int64, x float64) {
		items, err := Parse(pattern)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		for i, item := range items {
			if item.width > 100 || item.precision > 100 {
				items[i].width, items[i].precision = 100, 100
			}
		}
		args := []Arg{{Kind: 'd', Number: n}, FloatArg(x, 64), {Text: "null"},
			{Kind: 't', Local: &Time{Local: time.Unix(n%1e10, 0).UTC(), HasDate: true, HasTime: true}}}
		_, _ = Append(nil, items, args, func(int64) error { return nil })
	})
}
