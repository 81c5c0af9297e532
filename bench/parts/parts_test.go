package parts

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParts: each part is done by us and by the library, and both find as much.
func TestParts(t *testing.T) {
	zlib, err := ZlibFile(20_000)
	require.NoError(t, err)
	statements := Statements([]string{"SELECT a FROM t WHERE b = 'x'", "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT filter(a, x -> x > 1) FROM t"}, 3)
	require.Contains(t, statements.Title, "1 of 3")
	for _, p := range []Part{zlib, statements} {
		m, err := p.Measure(2)
		require.NoError(t, err)
		require.Positive(t, m.Ours)
		require.Positive(t, m.Theirs)
	}
}

// TestPartsThatDiffer: figures of two who do not do the same are an error.
func TestPartsThatDiffer(t *testing.T) {
	count := func(values int64) func() (result, error) {
		return func() (result, error) { return timed(func() (int64, error) { return values, nil }) }
	}
	_, err := Part{Title: "a part", Peer: "a library", ours: count(2), theirs: count(3)}.Measure(1)
	require.ErrorContains(t, err, "a part: we find 2, a library 3")
	_, err = Part{Title: "a part", ours: count(0), theirs: count(0)}.Measure(1)
	require.ErrorContains(t, err, "nothing was read")
}
