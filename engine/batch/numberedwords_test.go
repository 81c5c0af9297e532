package batch

import (
	"math"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"
)

// TestNumberedWords: words are those that were set for a text, in any dictionary that has numbers, also while others are set.
func TestNumberedWords(t *testing.T) {
	lake := NewTextNumbers(newKeptHere(), 1<<30)
	dictionary := func(texts ...string) *array.String {
		a, err := FromStrings(arrow.BinaryTypes.String, texts, nil)
		require.NoError(t, err)
		return a.(*array.String)
	}
	one, other := dictionary("a", "b", "c"), dictionary("c", "x", "a", "c")
	for range 2 { // dictionaries get numbers when they come again
		lake.of(one)
		lake.of(other)
	}
	in := NewInterner(arrow.BinaryTypes.String)
	in.UseNumbers(lake)
	require.Nil(t, in.NumberedWords(), "there are no numbers yet")
	codes := make([]int32, 3)
	require.NoError(t, in.Insert(Vector{Array: FromCodes([]int32{1, 0, 2}, []byte{0b101}, one)}, 3, codes))
	words := in.NumberedWords()
	require.NotNil(t, words)
	require.EqualValues(t, uint64(math.MaxUint64), words.Null())

	words.Set(in, codes[2], 7) // c
	words.Set(in, 0, 3)
	require.EqualValues(t, 3, words.Null())
	entries, ok := words.Of(other)
	require.True(t, ok)
	require.Equal(t, []uint64{7, math.MaxUint64, math.MaxUint64, 7}, []uint64{entries.At(0), entries.At(1), entries.At(2), entries.At(3)})
	require.Positive(t, words.SizeBytes())

	require.NoError(t, in.Insert(Vector{Array: dictionary(make([]string, maxFewTexts+1)...)}, maxFewTexts+1, make([]int32, maxFewTexts+1)))
	words.Set(in, codes[2], 5)
	require.EqualValues(t, 7, entries.At(0), "values that are not told apart by numbers keep the words they have")

	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			if entries, ok := words.Of(one); ok {
				entries.At(2)
			}
		}
	}()
	again := NewInterner(arrow.BinaryTypes.String)
	again.UseNumbers(lake)
	require.NoError(t, again.Insert(Vector{Array: FromCodes([]int32{2}, nil, one)}, 1, codes))
	for word := range uint64(1000) {
		words.Set(again, codes[0], 2000-word)
	}
	<-done
	require.EqualValues(t, 1001, entries.At(0))
}
