package expr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// upperSlowly is upper, NULL for some, of so many texts that it counts, and takes long enough for answers to be remembered.
func upperSlowly(t *testing.T, computed *atomic.Int64) func(texts arrow.Array) (batch.Vector, error) {
	return func(texts arrow.Array) (batch.Vector, error) {
		computed.Add(int64(texts.Len()))
		time.Sleep(2 * minRemembered * time.Duration(texts.Len()))
		out, valid := make([]string, texts.Len()), arrowdata.FullValidity(texts.Len())
		for i := range out {
			if out[i] = strings.ToUpper(texts.(*array.String).Value(i)); strings.HasSuffix(out[i], "7") {
				arrowdata.ClearBit(valid, i)
			}
		}
		a, err := batch.FromStrings(arrow.BinaryTypes.String, out, valid)
		return batch.Vector{Array: a}, err
	}
}

// requireUpper looks at an answer of upperSlowly.
func requireUpper(t *testing.T, dictionary arrow.Array, answer *dictionaryAnswer) {
	given := answer.values.Array.(*array.String)
	for i := range dictionary.Len() {
		want := strings.ToUpper(dictionary.(*array.String).Value(i))
		isNull := strings.HasSuffix(want, "7")
		require.Equal(t, !isNull, arrowdata.IsValid(answer.present, i), want)
		if !isNull {
			require.Equal(t, want, given.Value(i))
		}
	}
}

// TestTextsOfOtherDictionaries: what was computed of a text in one dictionary is not computed again in others that have much of it, whoever
// comes to them at the same time, and is the same; texts that are in a dictionary twice are.
func TestTextsOfOtherDictionaries(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 1))
	var known answers
	var computed atomic.Int64
	for round := range 12 {
		texts := make([]string, 0, 400)
		for range cap(texts) {
			texts = append(texts, fmt.Sprint("text ", random.IntN(300)))
		}
		dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
		require.NoError(t, err)
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				answer, err := known.compute(&function.Env{}, dictionary, upperSlowly(t, &computed))
				if err != nil {
					t.Error(err)
					return
				}
				requireUpper(t, dictionary, answer)
			})
		}
		group.Wait()
		if round == 0 {
			require.EqualValues(t, len(texts), computed.Load())
		}
	}
	require.Less(t, computed.Load(), int64(1000), "the texts are three hundred")
}

// TestTextsThatAreNew: where most texts of a dictionary are new, those of no dictionary are remembered any more; nor are long ones.
func TestTextsThatAreNew(t *testing.T) {
	long := make([]string, 500)
	for i := range long {
		long[i] = fmt.Sprint(strings.Repeat("long", maxKeptAnswerBytes/len(long)/4), i)
	}
	longTexts, err := batch.FromStrings(arrow.BinaryTypes.String, long, nil)
	require.NoError(t, err)
	for name, dictionaries := range map[string][]arrow.Array{
		"new":  {textsFrom(t, 0, 300), textsFrom(t, 200, 300), textsFrom(t, 200, 300)},
		"long": {longTexts, textsFrom(t, 0, 300), textsFrom(t, 0, 300)},
	} {
		t.Run(name, func(t *testing.T) {
			var known answers
			var computed atomic.Int64
			for _, dictionary := range dictionaries {
				answer, err := known.compute(&function.Env{}, dictionary, upperSlowly(t, &computed))
				require.NoError(t, err)
				requireUpper(t, dictionary, answer)
			}
			all := 0
			for _, dictionary := range dictionaries {
				all += dictionary.Len()
			}
			require.EqualValues(t, all, computed.Load())
			require.True(t, known.texts.isOff)
			require.Nil(t, known.texts.values)
		})
	}
}
