package function

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestConcatSeparated: columns of all encodings, with NULLs whose codes are none, and constants are joined row by row, without the NULLs among
// them; a row whose separator is NULL has no text.
func TestConcatSeparated(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 30))
	for _, rows := range []int{1, concatRows - 1, concatRows, 5*concatRows + 3} {
		for try := range 200 {
			args := make([]batch.Vector, 2+random.IntN(5))
			texts, isConst := make([][]*string, len(args)), true
			for i := range args {
				args[i], texts[i] = randomTextVector(t, random, rows)
				isConst = isConst && args[i].Const
			}
			t.Run(fmt.Sprintf("%d rows, try %d", rows, try), func(t *testing.T) {
				out, err := kernelOf(t, "concat_ws", types.VarcharType, types.VarcharType)(&Env{}, args, nil, rows)
				require.NoError(t, err)
				require.Equal(t, isConst, out.Const)
				for row := range rows {
					separator, joined := texts[0][args[0].At(row)], []string{}
					for i, arg := range args[1:] {
						if text := texts[i+1][arg.At(row)]; text != nil {
							joined = append(joined, *text)
						}
					}
					require.Equal(t, separator == nil, isNull(out, row))
					if separator != nil {
						require.Equal(t, strings.Join(joined, *separator), batch.Strings(out.Array)[out.At(row)])
					}
				}
			})
		}
	}
}
