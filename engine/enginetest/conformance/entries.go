package conformance

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// cutKeys takes the keys off a path, see plan.ScanColumn.PathText; nil for none.
func cutKeys(path string) (string, []string) {
	path, text, ok := strings.Cut(path, "[")
	if !ok {
		return path, nil
	}
	keys := []string{}
	for _, quoted := range strings.Split(strings.TrimSuffix(text, "]"), "',") {
		if quoted = strings.TrimSuffix(strings.TrimPrefix(quoted, "'"), "'"); text != "]" {
			keys = append(keys, strings.ReplaceAll(quoted, "''", "'"))
		}
	}
	return path, keys
}

// entriesOf leaves out the entries of maps under other keys.
func entriesOf(a arrow.Array, keys []string) arrow.Array {
	m := a.(*array.Map)
	offsets, kept := []int32{0}, []int32{}
	for i := range m.Len() {
		start, end := m.ValueOffsets(i)
		for p := start; p < end && m.IsValid(i); p++ {
			if slices.Contains(keys, m.Keys().ValueStr(int(p))) {
				kept = append(kept, int32(p))
			}
		}
		offsets = append(offsets, int32(len(kept)))
	}
	return batch.FromMaps(offsets, arrowdata.Validity(m), batch.Take(m.Keys(), kept), batch.Take(m.Items(), kept))
}
