package storage

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"
)

// TestChecksums: of plain text and of dictionaries, each row its own, and NULL where there is no text.
func TestChecksums(t *testing.T) {
	const sumOfA, sumOfNothing = "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	plain := array.NewStringBuilder(memory.DefaultAllocator)
	plain.AppendValues([]string{"a", "", "", "a"}, []bool{true, false, true, true})
	coded := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	require.NoError(t, coded.AppendString("a"))
	coded.AppendNull()
	require.NoError(t, coded.AppendString(""))
	require.NoError(t, coded.AppendString("a"))
	for _, texts := range []arrow.Array{plain.NewArray(), coded.NewArray()} {
		sums := checksums(texts).(*array.String)
		require.Equal(t, 4, sums.Len())
		require.True(t, sums.IsNull(1))
		for row, want := range map[int]string{0: sumOfA, 2: sumOfNothing, 3: sumOfA} {
			require.Equal(t, want, sums.Value(row), row)
		}
	}
}
