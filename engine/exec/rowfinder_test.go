package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
)

// TestRowsFoundInScans: which rows of the first input those of another one equal is found by workers, whether texts have numbers in both inputs, in one
// or in none, and come as dictionaries or not.
func TestRowsFoundInScans(t *testing.T) {
	source := grouped(t, 3000)
	for _, sql := range []string{
		"SELECT some, n FROM grouped EXCEPT SELECT some, n FROM grouped WHERE b",
		"SELECT some, n FROM grouped WHERE id < 2000 EXCEPT ALL SELECT lower(some), n FROM grouped WHERE id % 3 > 0",
		"SELECT lower(many), d FROM grouped INTERSECT SELECT many, d FROM grouped WHERE n > 0",
		"SELECT many FROM grouped INTERSECT ALL SELECT substr(concat(many, 'x'), 1, length(many)) FROM grouped WHERE b",
		"SELECT many FROM grouped WHERE id < 5 EXCEPT SELECT many FROM grouped WHERE id > 3",
		"SELECT some, few FROM grouped EXCEPT SELECT few, some FROM grouped EXCEPT SELECT some, few FROM grouped WHERE n IS NULL",
		"SELECT n FROM grouped WHERE false EXCEPT SELECT n FROM grouped",
		"(SELECT id, some FROM grouped EXCEPT SELECT id, some FROM grouped WHERE b) ORDER BY some, id LIMIT 700",
		"SELECT some, id, x FROM grouped WHERE n IS NOT NULL ORDER BY some DESC, id OFFSET 900 LIMIT 300",
		"SELECT some FROM grouped ORDER BY some FETCH FIRST 400 ROWS WITH TIES",
	} {
		var want []string
		for d, dictionaries := range []bool{false, true} {
			for g, groupRows := range []int{3000, 100, 1100} {
				for w, workers := range []int{1, 2, 7} {
					if exec.IsLeftOut(d, g, w) {
						continue
					}
					source.GroupRows, source.Dictionaries = groupRows, dictionaries
					got := answerText(t, source, sql, workers)
					if want == nil {
						want = got
					}
					require.Equal(t, want, got, "%s: row groups of %d, dictionaries: %t, %d workers", sql, groupRows, dictionaries, workers)
				}
			}
		}
	}
}
