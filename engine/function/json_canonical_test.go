package function

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRepeatedKeys: of a repeated key the last value counts, however many keys an object has.
func TestRepeatedKeys(t *testing.T) {
	for _, keys := range []int{1, 3, 16, 17, 60} {
		var members, want []string
		for round := range 2 {
			for i := range keys {
				members = append(members, fmt.Sprintf(`"k%d" : {"b":%d, "a": "%d"}`, i, round, i))
			}
		}
		for i := range keys {
			want = append(want, fmt.Sprintf(`"k%d":{"a":"%d","b":1}`, i, i))
		}
		slices.Sort(want)
		got, err := canonicalText("{" + strings.Join(members, ",") + "}")
		require.NoError(t, err)
		require.Equal(t, "{"+strings.Join(want, ",")+"}", got)
	}
}

func canonicalText(text string) (string, error) {
	w := canonicalWriter{order: sortedByKey}
	out, err := w.appendText(nil, text)
	return string(out), err
}
