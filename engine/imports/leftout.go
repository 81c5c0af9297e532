package imports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/ingest/importer"
)

// LeftOut counts the files that are no log files by what they are, such as ".zip" or "digest".
type LeftOut map[string]int64

// maxKindsNamed is how many kinds String names.
const maxKindsNamed = 12

// String lists the kinds, those with the most files first: 40 digests, 12 .zip, 3 .csv.
func (l LeftOut) String() string {
	kinds := slices.SortedFunc(maps.Keys(l), func(a, b string) int {
		return cmp.Or(cmp.Compare(l[b], l[a]), cmp.Compare(a, b))
	})
	var parts []string
	for i, kind := range kinds {
		if i == maxKindsNamed {
			parts = append(parts, fmt.Sprintf("%d further kinds", len(kinds)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%d %s", l[kind], kindName(kind, l[kind])))
	}
	return strings.Join(parts, ", ")
}

// insightsHint says, as the end of a message, how Insights events of a trail are imported if there are files of them;
// otherwise it is "".
func (l LeftOut) insightsHint() string {
	if l[importer.InsightFile] == 0 {
		return ""
	}
	return "; a store of their category takes Insights events: auditlake store create NAME --category Insight, then import --store NAME"
}

// kindName is the name of a kind beside a number: extensions of names have no plural.
func kindName(kind string, n int64) string {
	if n == 1 || strings.HasPrefix(kind, ".") {
		return kind
	}
	for _, rest := range []string{" of ", " beside ", " to "} {
		if noun, of, ok := strings.Cut(kind, rest); ok {
			return noun + "s" + rest + of
		}
	}
	return kind + "s"
}
