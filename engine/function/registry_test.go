package function

import (
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocs: people read the docs beside each other, so all are sentences that begin with what the function does,
// and no signature has a mark that only the planner knows.
func TestDocs(t *testing.T) {
	sentence := regexp.MustCompile(`^(Returns|Reports|Reads|Writes|Removes|Replaces|Rounds|Cuts|Fills|Joins|Puts|Fails) .*[^. ]\.$`)
	for _, s := range New().List() {
		require.Regexp(t, sentence, s.Doc, s.Name)
		require.NotContains(t, s.String(), "-1", s.Name)
		require.NotContains(t, s.Doc, "\n", s.Name)
	}
}

// TestFamiliesAreListedOnce: a family that stands twice would make every call of its functions ambiguous.
func TestFamiliesAreListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, family := range families() {
		name := runtime.FuncForPC(reflect.ValueOf(family).Pointer()).Name()
		require.False(t, seen[name], name)
		seen[name] = true
		require.True(t, strings.HasSuffix(name, "Functions"), name)
	}
	signatures := map[string]bool{}
	for _, s := range New().List() {
		require.False(t, signatures[s.String()], s.String())
		signatures[s.String()] = true
	}
}
