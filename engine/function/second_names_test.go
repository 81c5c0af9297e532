package function

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSecondNames: both names have the same overloads with the same descriptions, and the second one's name the first.
func TestSecondNames(t *testing.T) {
	overloads := func(name string) (all []string) {
		for _, s := range New().List() {
			if s.Name == name {
				all = append(all, strings.TrimPrefix(s.String(), name)+" "+s.Doc)
			}
		}
		return all
	}
	for second, first := range secondNames {
		t.Run(second, func(t *testing.T) {
			want := overloads(first)
			require.NotEmpty(t, want)
			for i := range want {
				want[i] = strings.TrimSuffix(want[i], ".") + "; another name of " + first + "."
			}
			require.Equal(t, want, overloads(second))
		})
	}
}
