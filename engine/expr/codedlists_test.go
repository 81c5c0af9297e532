package expr

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
)

func someTexts(t *testing.T, values ...string) arrow.Array {
	a, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(t, err)
	return a
}

// TestCodedLists: rows get the lists that spread gives them, of codes; what has NULLs, or is no list of texts, is left to spread.
func TestCodedLists(t *testing.T) {
	words := someTexts(t, "a", "b", "a", "c")
	withNull := batch.Take(words, []int32{0, -1, 2, 3})
	offsets := []int32{0, 2, 2, 4}
	for _, c := range []struct {
		name   string
		values arrow.Array
		valid  []byte
		want   string // empty: left to spread
	}{
		{"lists", batch.FromLists(offsets, nil, words), nil, `[["a" "c"] [] ["a" "b"] ["a" "c"]]`},
		{"rows that are NULL", batch.FromLists(offsets, nil, words), []byte{0b0111}, `[["a" "c"] [] ["a" "b"] (null)]`},
		{"a part of lists", array.NewSlice(batch.FromLists([]int32{0, 1, 2, 2, 4}, nil, words), 1, 4), nil, `[["a" "c"] [] ["b"] ["a" "c"]]`},
		{"elements that are NULL", batch.FromLists(offsets, nil, withNull), nil, ""},
		{"lists that are NULL", batch.FromLists(offsets, []byte{0b101}, words), nil, ""},
		{"numbers", batch.FromLists(offsets, nil, batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{1, 2, 3, 4}, nil)), nil, ""},
		{"texts", words, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			codes := []int32{2, 1, 0, 2}
			got, err := newAnswer(batch.Vector{Array: c.values}).spreadCodedLists(&function.Env{}, codes, c.valid)
			require.NoError(t, err)
			if c.want == "" {
				require.Nil(t, got)
				return
			}
			require.True(t, batch.HasDictionary(got))
			decoded := batch.Decode(got)
			require.Equal(t, c.want, decoded.String())
			spread := newAnswer(batch.Vector{Array: c.values}).spread(&function.Env{}, codes, c.valid, c.values.Len())
			require.True(t, array.Equal(spread.Array, decoded), spread.Array)
		})
	}
}

// TestCodedListsAreValues: where a list of some rows is longer than a value may be, spread gives it, and its reader finds that: by codes it would
// be short enough.
func TestCodedListsAreValues(t *testing.T) {
	long := strings.Repeat("x", 100)
	lists := batch.FromLists([]int32{0, 1, 4}, nil, someTexts(t, "short", long, long, long))
	answer := newAnswer(batch.Vector{Array: lists})
	for _, c := range []struct {
		maxValueBytes int64
		isCoded       bool
	}{{50, false}, {250, false}, {400, true}, {0, true}} {
		env := &function.Env{Limits: memory.Limits{MaxValueBytes: c.maxValueBytes}}
		got, err := answer.spreadCodedLists(env, []int32{0, 1}, nil)
		require.NoError(t, err)
		require.Equal(t, c.isCoded, got != nil, "at most %d bytes", c.maxValueBytes)
	}
}
