package function

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxNearBytes and maxNearKeys bound the search for the key that somebody meant.
	maxNearBytes = 128
	maxNearKeys  = 10_000
)

// missingKey is the error of a key that a map does not have. It names the key that was meant, if one like it occurs in the
// maps that were read.
func missingKey(t *types.Type, keys arrow.Array, key batch.Vector, row int) error {
	meant := ""
	if t.IsText() {
		if near := nearKey(columnOf[string](key).at(row), keys); near != "" {
			meant = "; did you mean '" + strings.ReplaceAll(near, "'", "''") + "'?"
		}
	}
	return argumentError("Key not present in map: %s; element_at(map, key) is NULL where a key is missing, and keys have upper and lower case%s",
		displayKey(t, key, row), meant)
}

// nearKey returns the key that differs least from one, letter case aside, and the least of those; "" if none is close.
func nearKey(key string, keys arrow.Array) string {
	if len(key) > maxNearBytes {
		return ""
	}
	if d, ok := keys.(*array.Dictionary); ok {
		keys = d.Dictionary()
	}
	texts := batch.Strings(keys)
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
