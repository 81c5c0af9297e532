package expr

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// PiecesOfOneValue has each value of a dictionary computed by itself until the test ends.
func PiecesOfOneValue(t *testing.T) {
	t.Cleanup(func(took time.Duration, values int) func() {
		return func() { pieceTime, firstValues = took, values }
	}(pieceTime, firstValues))
	pieceTime, firstValues = 0, 1
}

// textsFrom is a dictionary of so many texts, all of which differ.
func textsFrom(t *testing.T, first, count int) arrow.Array {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = fmt.Sprint(first + i)
	}
	dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	return dictionary
}

// TestDictionaryComputedTogether: of workers that come to a dictionary at the same time each value is computed by one, and all have the answer.
func TestDictionaryComputedTogether(t *testing.T) {
	const workers, values = 8, 5000
	var known answers
	for round := range 5 {
		dictionary, computed := textsFrom(t, round*values, values), atomic.Int64{}
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				answer, err := known.compute(nil, dictionary, func(texts arrow.Array) (batch.Vector, error) {
					computed.Add(int64(texts.Len()))
					time.Sleep(time.Microsecond)
					return batch.Vector{Array: texts}, nil
				})
				if err != nil || !array.Equal(dictionary, answer.values.Array) {
					t.Error("another answer", err)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, values, computed.Load())
		require.Empty(t, known.begun)
		require.NotNil(t, known.find(dictionary.Data()))
	}
}

// TestDictionaryOfOtherWorkers: the answers for two dictionaries are known, and of a third the oldest goes.
func TestDictionaryOfOtherWorkers(t *testing.T) {
	var known answers
	of := []arrow.Array{textsFrom(t, 0, 3), textsFrom(t, 3, 3), textsFrom(t, 6, 0)}
	for _, dictionary := range of {
		_, err := known.compute(nil, dictionary, func(texts arrow.Array) (batch.Vector, error) { return batch.Vector{Array: texts}, nil })
		require.NoError(t, err)
	}
	require.Nil(t, known.find(of[0].Data()))
	require.NotNil(t, known.find(of[1].Data()))
	require.NotNil(t, known.find(of[2].Data()))
}

// TestLongAnswersAreNotKept: what a call keeps is bounded, be it of one dictionary or of two.
func TestLongAnswersAreNotKept(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	var known answers
	compute := func(dictionary arrow.Array) {
		_, err := known.compute(&function.Env{}, dictionary, func(texts arrow.Array) (batch.Vector, error) { return batch.Vector{Array: texts}, nil })
		require.NoError(t, err)
	}
	half, most, more := textsFrom(t, 0, 120_000), textsFrom(t, 0, 180_000), textsFrom(t, 0, 400_000)
	compute(half)
	compute(most)
	require.Nil(t, known.find(half.Data()), "both are longer than one may be")
	require.NotNil(t, known.find(most.Data()))
	compute(more)
	require.Nil(t, known.find(more.Data()))
	require.NotNil(t, known.find(most.Data()))
}

// TestDictionaryThatFails: all who wait for it have the error of a value, and nobody waits for one who panicked.
func TestDictionaryThatFails(t *testing.T) {
	PiecesOfOneValue(t)
	for name, fail := range map[string]func() error{
		"an error": func() error { return errors.New("no number") },
		"a panic":  func() error { panic("a defect") },
	} {
		t.Run(name, func(t *testing.T) {
			var known answers
			dictionary, failed := textsFrom(t, 0, 1000), atomic.Int64{}
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					defer func() {
						if recover() != nil {
							failed.Add(1)
						}
					}()
					_, err := known.compute(nil, dictionary, func(texts arrow.Array) (batch.Vector, error) {
						if texts.(*array.String).Value(0) == "100" {
							return batch.Vector{}, fail()
						}
						return batch.Vector{Array: texts}, nil
					})
					if err != nil {
						failed.Add(1)
					}
				})
			}
			group.Wait()
			require.EqualValues(t, 4, failed.Load())
			require.Nil(t, known.find(dictionary.Data()))
			require.Empty(t, known.begun)
		})
	}
}

// TestConstantPieces: a kernel may give one value for a piece.
func TestConstantPieces(t *testing.T) {
	PiecesOfOneValue(t)
	var known answers
	answer, err := known.compute(&function.Env{}, textsFrom(t, 0, 10), func(texts arrow.Array) (batch.Vector, error) {
		return batch.Vector{Array: texts, Const: true}, nil
	})
	require.NoError(t, err)
	require.True(t, array.Equal(textsFrom(t, 0, 10), answer.values.Array))
}
