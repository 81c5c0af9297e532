package function

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestConcatParts: columns of all encodings, with NULLs whose codes are none, and constants are joined row by row.
func TestConcatParts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 28))
	for _, rows := range []int{1, concatRows - 1, concatRows, 5*concatRows + 3} {
		for try := range 200 {
			args, wanted := make([]batch.Vector, 2+random.IntN(5)), make([]string, rows)
			isNone, isConst := make([]bool, rows), true
			for i := range args {
				var texts []*string
				args[i], texts = randomTextVector(t, random, rows)
				isConst = isConst && args[i].Const
				for row := range rows {
					if text := texts[args[i].At(row)]; text == nil {
						isNone[row] = true
					} else {
						wanted[row] += *text
					}
				}
			}
			t.Run(fmt.Sprintf("%d rows, try %d", rows, try), func(t *testing.T) {
				out, err := kernelOf(t, "concat", types.VarcharType, types.VarcharType)(&Env{}, args, nil, rows)
				require.NoError(t, err)
				require.Equal(t, isConst, out.Const)
				for row := range rows {
					require.Equal(t, isNone[row], isNull(out, row))
					if !isNone[row] {
						require.Equal(t, wanted[row], batch.Strings(out.Array)[out.At(row)])
					}
				}
			})
		}
	}
}

// randomTextVector is a column or a constant, and its texts, nil for NULL.
func randomTextVector(t *testing.T, random *rand.Rand, rows int) (batch.Vector, []*string) {
	kind := random.IntN(3)
	n, nulls := rows, random.IntN(3) == 0
	if kind == 0 {
		n, nulls = 1, random.IntN(9) == 0
	}
	texts, all := make([]*string, n), make([]string, n)
	codes, valid := make([]int32, n), make([]byte, (n+7)/8)
	for i := range texts {
		codes[i] = int32(i)
		all[i] = strings.Repeat(string(rune('a'+random.IntN(26))), random.IntN(4)*random.IntN(12))
		if nulls && (n == 1 || random.IntN(4) == 0) {
			codes[i] = -7
			continue
		}
		texts[i] = &all[i]
		arrowdata.SetBit(valid, i)
	}
	switch kind {
	case 0:
		a, err := batch.FromStrings(arrow.BinaryTypes.String, all, valid)
		require.NoError(t, err)
		return batch.Vector{Array: a, Const: true}, texts
	case 1:
		a, err := batch.FromStrings(arrow.BinaryTypes.String, all, valid)
		require.NoError(t, err)
		return batch.Vector{Array: a}, texts
	}
	dictionary := textVector(t, all).Array
	return batch.Vector{Array: batch.FromCodes(codes, valid, dictionary)}, texts
}
