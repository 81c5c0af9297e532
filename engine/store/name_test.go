package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckName(t *testing.T) {
	for _, good := range []string{
		"abc", "a-b", "A.b_C-9", "123", "main", "3f2c5a1e-0000-4000-8000-000000000000", strings.Repeat("a", 128), "1.2.3", "300.1.1.1",
	} {
		require.NoError(t, checkName(good), good)
	}
	bad := []struct{ name, value, want string }{
		{"empty", "", "3 to 128 characters"},
		{"short", "ab", "3 to 128 characters"},
		{"long", strings.Repeat("a", 129), "3 to 128 characters"},
		{"space", "a b", "may only have letters"},
		{"slash", "a/b", "may only have letters"},
		{"letter beyond ASCII", "naïve", "may only have letters"},
		{"starts with punctuation", "-abc", "start and end with"},
		{"ends with punctuation", "abc.", "start and end with"},
		{"adjacent punctuation", "a.-b", "adjacent"},
		{"IP address", "192.168.5.4", "IP address"},
	}
	for _, c := range bad {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorContains(t, checkName(c.value), c.want)
		})
	}
}
