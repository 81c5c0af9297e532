package function

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestNormalizeColumns: a slice of a column of ASCII, and one of more, has the texts that each alone has.
func TestNormalizeColumns(t *testing.T) {
	const rows, skipped = 100, 3
	normalize := kernelOf(t, "normalize", types.VarcharType, types.VarcharType)
	random := rand.New(rand.NewPCG(15, 16))
	for _, letters := range [][]string{{"a", "~", " "}, {"a", "é", "e\u0301", "ﬁ"}} {
		texts := array.NewSlice(randomTexts(t, random, rows+skipped, letters...), skipped, rows+skipped).(*array.String)
		for form := range normalForms {
			v, err := normalize(&Env{}, []batch.Vector{{Array: texts}, constantText(t, form)}, nil, rows)
			require.NoError(t, err)
			for i := range rows {
				require.Equal(t, texts.IsNull(i), isNull(v, i))
				if !texts.IsNull(i) {
					require.Equal(t, normalForms[form].String(texts.Value(i)), v.Array.ValueStr(i))
				}
			}
		}
		_, err := normalize(&Env{}, []batch.Vector{{Array: texts}, constantText(t, "nfc")}, nil, rows)
		require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
	}
}
