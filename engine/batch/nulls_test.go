package batch

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"
)

// TestNullsAsEmpty: NULLs become lists without elements, but not where elements lie in their range, nor by what is not empty.
func TestNullsAsEmpty(t *testing.T) {
	numbers := FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 2, 3}, nil)
	empty := FromLists([]int32{0, 0}, nil, FromValues(arrow.PrimitiveTypes.Int64, []int64{}, nil))
	lists := FromLists([]int32{0, 2, 2, 3}, []byte{0b101}, numbers)

	filled, ok := NullsAsEmpty(lists, empty)
	require.True(t, ok)
	text, err := filled.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, "[[1,2],[],[3]]", string(text))
	text, err = mustFill(t, array.NewSlice(lists, 1, 3), empty).MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, "[[],[3]]", string(text))
	require.Equal(t, 1, mustFill(t, array.NewSlice(lists, 1, 3), empty).(*array.List).ListValues().Len(), "the elements of other rows")

	for name, c := range map[string]struct{ lists, empty arrow.Array }{
		"elements in the range of a NULL": {FromLists([]int32{0, 2, 3, 3}, []byte{0b101}, numbers), empty},
		"a value with an element":         {lists, FromLists([]int32{0, 1}, nil, numbers)},
		"NULL":                            {lists, FromLists([]int32{0, 0}, []byte{0}, numbers)},
		"a map":                           {lists, FromMaps([]int32{0, 0}, nil, numbers, numbers)},
		"numbers":                         {numbers, numbers},
	} {
		_, ok := NullsAsEmpty(c.lists, c.empty)
		require.False(t, ok, name)
	}
}

func mustFill(t *testing.T, a, empty arrow.Array) arrow.Array {
	filled, ok := NullsAsEmpty(a, empty)
	require.True(t, ok)
	return filled
}
