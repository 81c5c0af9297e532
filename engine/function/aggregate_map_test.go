package function_test

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// Maps of columns that have dictionaries, another in each batch, are those of the texts themselves.
func TestMapsOfDictionaries(t *testing.T) {
	const rows, batches = 500, 3
	for _, call := range []string{"map_agg(varchar,bigint)", "map_agg(varchar,varchar)", "multimap_agg(varchar,varchar)", "multimap_agg(bigint,varchar)"} {
		random := rand.New(rand.NewPCG(9, 9))
		_, names := argumentNames(call)
		_, newOne := resolveCall(t, call)
		coded, plain := newOne(), newOne()
		coded.Resize(6)
		plain.Resize(6) // the last group stays empty
		for range batches {
			var texts, dictionaries []batch.Vector
			for _, name := range names {
				_, v := argument(t, name, rows, random)
				texts = append(texts, v)
				if name == "varchar" {
					v = batch.Vector{Array: withDictionary(t, v.Array)}
				}
				dictionaries = append(dictionaries, v)
			}
			groups := make([]int32, rows)
			for i := range groups {
				groups[i] = int32(random.IntN(5))
			}
			require.NoError(t, coded.Add(groups, dictionaries, rows))
			require.NoError(t, plain.Add(groups, texts, rows))
		}
		want, err := plain.Result()
		require.NoError(t, err)
		got, err := coded.Result()
		require.NoError(t, err)
		require.True(t, arrow.TypeEqual(want.DataType(), got.DataType()), got.DataType())
		require.True(t, array.Equal(want, got), "%s: %v and %v", call, want, got)
	}
}

// withDictionary gives texts a dictionary of their distinct values.
func withDictionary(t *testing.T, texts arrow.Array) arrow.Array {
	t.Helper()
	builder := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String})
	for i := range texts.Len() {
		if arrowdata.IsNull(texts, i) {
			builder.AppendNull()
			continue
		}
		require.NoError(t, builder.AppendValueFromString(texts.(*array.String).Value(i)))
	}
	return builder.NewArray()
}
