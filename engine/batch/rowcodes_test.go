package batch_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestInternerOfCodedRows: rows whose fields are codes of dictionaries, which repeat texts, have the codes that rows of texts have, whether
// few or nearly all differ, and are found by either.
func TestInternerOfCodedRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, count := range []int{3, 40, 400} {
		t.Run(fmt.Sprintf("%d texts", count), func(t *testing.T) {
			text := arrow.Field{Type: arrow.BinaryTypes.String, Nullable: true}
			coded := arrow.StructOf(text, text)
			ofCodes, ofTexts := batch.NewInterner(coded), batch.NewInterner(coded)
			for try := range 6 {
				rows := []int{1, 300, 5000}[try%3]
				fields, nulls := make([]arrow.Array, 2), arrowdata.FullValidity(rows)
				for f := range fields {
					texts := make([]string, count)
					for i := range texts {
						texts[i] = fmt.Sprint("t", random.IntN(count))
					}
					dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
					require.NoError(t, err)
					codes, valid := make([]int32, rows), arrowdata.FullValidity(rows)
					for i := range codes {
						codes[i] = random.Int32N(int32(count))
						if random.IntN(9) == 0 {
							arrowdata.ClearBit(valid, i)
						}
						if random.IntN(30) == 0 {
							arrowdata.ClearBit(nulls, i)
						}
					}
					fields[f] = batch.FromCodes(codes, valid, dictionary)
				}
				a := batch.FromFields(coded, rows, nulls, fields)
				got, want := make([]int32, rows), make([]int32, rows)
				for _, lookup := range []func(in *batch.Interner) func(batch.Vector, int, []int32) error{
					func(in *batch.Interner) func(batch.Vector, int, []int32) error { return in.Find },
					func(in *batch.Interner) func(batch.Vector, int, []int32) error { return in.Insert },
				} {
					require.NoError(t, lookup(ofCodes)(batch.Vector{Array: a}, rows, got))
					require.NoError(t, lookup(ofTexts)(batch.Vector{Array: batch.Decode(a)}, rows, want))
					require.Equal(t, want, got)
				}
			}
			require.Equal(t, ofTexts.Len(), ofCodes.Len())
		})
	}
}
