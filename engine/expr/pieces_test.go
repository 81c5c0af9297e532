package expr_test

import (
	"testing"

	"github.com/auditlake/auditlake/engine/expr"
)

// TestDictionariesInPieces asks what other tests ask where each value of a dictionary is computed by itself.
func TestDictionariesInPieces(t *testing.T) {
	expr.PiecesOfOneValue(t)
	for name, test := range map[string]func(*testing.T){
		"encodings and selections": TestEveryEncodingAndSelectionGivesTheRowsAnswer, "rows alone": TestRowsTogetherAndAlone,
		"calls over columns": TestCallsOverColumns, "values that no row has": TestValuesThatNoRowHas, "errors": TestErrorsSurfaceOnlyForRowsThatNeedThem,
		"many goroutines": TestOneEvaluatorServesManyGoroutines,
	} {
		t.Run(name, test)
	}
}
