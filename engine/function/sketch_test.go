package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// shuffled are the numbers 0 to n-1 in random order.
func shuffled(n int) []int {
	return rand.New(rand.NewPCG(7, 7)).Perm(n)
}

// TestQdigestAccuracy builds a digest in parts, reads its binary form and
// compares ranks with the true ones.
func TestQdigestAccuracy(t *testing.T) {
	const n, accuracy = 100_000, 0.01
	var whole *qdigest
	for _, part := range [][]int{shuffled(n)[:n/3], shuffled(n)[n/3:]} {
		d := &qdigest{accuracy: accuracy}
		for _, v := range part {
			d.add(int64(v), 1)
		}
		var err error
		whole, err = joinQdigests(whole, d)
		require.NoError(t, err)
	}
	d, err := decodeQdigest(whole.encode())
	require.NoError(t, err)
	require.LessOrEqual(t, len(d.nodes), d.room())
	for share := 0.0; share <= 1; share += 1.0 / 64 {
		v, err := d.at(share)
		require.NoError(t, err)
		require.InDelta(t, share, float64(v)/n, accuracy)
		below, err := d.below(int64(share * (n - 1)))
		require.NoError(t, err)
		require.InDelta(t, share, below, accuracy)
	}
}

// TestFewValues: few values are kept as they are.
func TestFewValues(t *testing.T) {
	d := &qdigest{accuracy: defaultAccuracy}
	for _, v := range []int64{20, -5, 10, 0, 20, 10, 20} {
		d.add(v, 1)
	}
	for share, want := range map[float64]int64{0: -5, 0.1: -5, 0.5: 10, 0.9: 20, 1: 20} {
		v, err := d.at(share)
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	below, err := d.below(15)
	require.NoError(t, err)
	require.Equal(t, 4.0/7, below)
	_, err = d.below(21)
	require.ErrorIs(t, err, errNull)
}

func TestTdigestAccuracy(t *testing.T) {
	const n = 100_000
	d := newTdigest()
	for _, v := range shuffled(n) {
		require.NoError(t, d.add(float64(v), 1))
	}
	d, err := decodeTdigest(d.encode())
	require.NoError(t, err)
	require.Less(t, len(d.centroids), 500)
	for share := 0.0; share <= 1; share += 1.0 / 64 {
		v, err := d.at(share)
		require.NoError(t, err)
		require.InDelta(t, share, v/n, 0.01)
	}
	low, _ := d.at(0)
	high, _ := d.at(1)
	require.Equal(t, []float64{0, n - 1}, []float64{low, high})
}

// TestSetDigest compares what digests past their exact size share.
func TestSetDigest(t *testing.T) {
	const n = 30_000
	a, b := newSetDigest(), newSetDigest()
	for i := range n {
		a.add(int64(xxHash64([]byte{byte(i), byte(i >> 8)})), 1)
		b.add(int64(xxHash64([]byte{byte(i + n/2), byte((i + n/2) >> 8)})), 1)
	}
	b, err := decodeSetDigest(b.encode())
	require.NoError(t, err)
	require.Len(t, b.counts, maxDigestHashes)
	require.InDelta(t, n, float64(a.cardinality()), 0.1*n)
	require.InDelta(t, 1.0/3, jaccardIndex(a, b), 0.03)
	require.InDelta(t, n/2, float64(sharedValues(a, b)), 0.1*n)
}

func TestSketchForms(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		s := newHyperLogLog(setBits)
		for i := range n {
			s.add(xxHash64([]byte{byte(i), byte(i >> 8)}))
		}
		back, err := decodeHyperLogLog(s.encode())
		require.NoError(t, err)
		require.Equal(t, s.estimate(), back.estimate())
	}
	require.Equal(t, math.MaxInt64, int(sortableBits(math.Float64frombits(math.MaxInt64))))
	require.Less(t, sortableBits(-1), sortableBits(math.Copysign(0, -1)))
}

// FuzzSummaries reads bytes that are no sketch.
func FuzzSummaries(f *testing.F) {
	s := newSetDigest()
	s.add(1, 2)
	d := &qdigest{accuracy: defaultAccuracy}
	d.add(1, 1)
	for _, seed := range [][]byte{nil, s.encode(), d.encode(), newTdigest().encode(), {sparseForm, 12, 0, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeSetDigest(b); err == nil {
			s.cardinality()
		}
		if d, err := decodeQdigest(b); err == nil {
			_, err = d.at(0.5)
			require.NoError(t, err)
		}
		if d, err := decodeTdigest(b); err == nil {
			_, err = d.at(0.5)
			require.NoError(t, err)
		}
		if s, err := decodeHyperLogLog(b); err == nil {
			s.estimate()
		}
	})
}
