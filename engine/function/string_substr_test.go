package function

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestSubstringsOfColumns: slices of columns with NULLs, of ASCII and of more, have the parts that their texts have one by one.
func TestSubstringsOfColumns(t *testing.T) {
	substr := kernelOf(t, "substr", types.VarcharType, types.BigIntType, types.BigIntType)
	rest := kernelOf(t, "substr", types.VarcharType, types.BigIntType)
	constant := func(n int64) batch.Vector {
		return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{n}, nil), Const: true}
	}
	for name, texts := range map[string][]string{"ascii": {"abc", "", "NULL", "a", "0123456789"}, "more": {"abé", "", "NULL", "日", "x😀yz"}} {
		valid := arrowdata.FullValidity(len(texts))
		arrowdata.ClearBit(valid, 2)
		whole, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
		require.NoError(t, err)
		for _, place := range [][2]int64{{1, 1}, {1, 0}, {1, -1}, {2, 2}, {4, 100}, {0, 3}, {-2, 2}, {-2, 1}, {-1, 9}, {-3, 2}, {1 << 62, 1 << 62}, {-1 << 63, 1}, {11, 1}} {
			for first := range texts {
				part := array.NewSlice(whole, int64(first), int64(len(texts)))
				v, err := substr(nil, []batch.Vector{{Array: part}, constant(place[0]), constant(place[1])}, nil, part.Len())
				require.NoError(t, err)
				rests, err := rest(nil, []batch.Vector{{Array: part}, constant(place[0])}, nil, part.Len())
				require.NoError(t, err)
				for i := range part.Len() {
					require.Equal(t, part.IsNull(i), v.Array.IsNull(i))
					if want, err := substring(texts[first+i], place[0], place[1]); !part.IsNull(i) {
						require.NoError(t, err)
						require.Equal(t, want, v.Array.ValueStr(i), fmt.Sprintf("%s, row %d, from %d, %d long", name, first+i, place[0], place[1]))
						require.Equal(t, substringFrom(texts[first+i], place[0]), rests.Array.ValueStr(i), fmt.Sprintf("%s, row %d, from %d", name, first+i, place[0]))
					}
				}
			}
		}
	}
}
