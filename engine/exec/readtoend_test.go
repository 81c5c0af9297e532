package exec

import (
	"context"
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

// TestScansBeginAheadWhereAllIsRead: workers may begin two row groups at once where all rows are read in any order, else one, so that a LIMIT
// reads little in vain.
func TestScansBeginAheadWhereAllIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		isReadToEnd, ordered bool
		given                int
	}{
		"a LIMIT may be above":      {given: 1},
		"read to its end":           {isReadToEnd: true, given: leastAhead},
		"it may end before the end": {isReadToEnd: true, ordered: true, given: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &scan{workers: 2, ordered: c.ordered}
			if c.isReadToEnd {
				readToEnd(&filter{input: s})
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // the workers end at once
			s.start(ctx)
			s.running.Wait()
			require.Equal(t, c.given, s.given)
		})
	}
}
