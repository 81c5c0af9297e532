package exec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSharedRowsAreReadAheadFromAReaderOfAllOn: rows that several readers share are read ahead from when one begins that reads all of them, not
// before: a LIMIT of another may be all that is ever asked for.
func TestSharedRowsAreReadAheadFromAReaderOfAllOn(t *testing.T) {
	input := &distinct{ahead: &distinctPipeline{}}
	ahead := input.ahead
	begin := func(r *sharedReader) {
		r.rows.ended = true // nothing is read here
		_, err := r.Next(t.Context())
		require.NoError(t, err)
	}
	shared := &sharedRows{input: &pick{input: input}, memory: unlimited()}
	some, all := &sharedReader{rows: shared}, &sharedReader{rows: shared}
	shared.readers = []*sharedReader{some, all}
	readToEnd(&filter{input: &hashJoin{left: all}})
	begin(some)
	require.Nil(t, input.pipeline)
	begin(all)
	require.Same(t, ahead, input.pipeline)
	input.pipeline = nil // as after the last row
	readToEnd(input)
	require.Nil(t, input.pipeline, "it began twice")
}
