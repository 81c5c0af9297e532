package function

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxNearBytes and maxNearKeys limit the search for a similar key.
	maxNearBytes = 128
	maxNearKeys  = 10_000
)

// missingKey is the error of a key that a map does not have, with the keys among which the intended one may be.
func missingKey(t *types.Type, keys arrow.Array, key batch.Vector, row int) error {
	missing := types.Errorf(types.InvalidFunctionArgument, types.Pos{},
		"Key not present in map: %s; element_at(map, key) is NULL where a key is missing, and keys have upper and lower case", displayKey(t, key, row))
	if t.IsText() {
		if d, ok := keys.(*array.Dictionary); ok {
			keys = d.Dictionary()
		}
		text := strings.Clone(columnOf[string](key).at(row))
		missing.MissingKey = &types.MissingKey{Text: text, Occurring: func() []string { return batch.Strings(keys) }}
	}
	return missing
}

// NearKey returns the text that differs least from a key, ignoring letter case; of several, the least. It returns
// "" if none is close. A text equal to the key comes first.
func NearKey(key string, texts []string) string {
	if slices.Contains(texts, key) {
		return key
	}
	if len(key) > maxNearBytes {
		return ""
	}
	lower := strings.ToLower(key)
	best, bestDistance := "", int64(max(1, len(key)/4)+1)
	for _, text := range texts[:min(len(texts), maxNearKeys)] {
		if text == "" || len(text) > maxNearBytes {
			continue
		}
		distance, err := levenshtein(lower, strings.ToLower(text))
		if err == nil && (distance < bestDistance || distance == bestDistance && best != "" && text < best) {
			best, bestDistance = text, distance
		}
	}
	return strings.Clone(best)
}
