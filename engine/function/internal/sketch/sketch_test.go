package sketch

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function/internal/hashes"
)

// shuffled are the numbers 0 to n-1 in random order.
func shuffled(n int) []int {
	return rand.New(rand.NewPCG(7, 7)).Perm(n)
}

// TestQdigestAccuracy builds a digest in parts, reads its binary form and
// compares ranks with the true ones.
func TestQdigestAccuracy(t *testing.T) {
	const n, accuracy = 100_000, 0.01
	var whole *QDigest
	for _, part := range [][]int{shuffled(n)[:n/3], shuffled(n)[n/3:]} {
		d := &QDigest{accuracy: accuracy}
		for _, v := range part {
			d.Add(int64(v), 1)
		}
		var err error
		whole, err = JoinQDigests(whole, d)
		require.NoError(t, err)
	}
	d, err := DecodeQDigest(whole.Encode())
	require.NoError(t, err)
	require.LessOrEqual(t, len(d.nodes), d.room())
	for share := 0.0; share <= 1; share += 1.0 / 64 {
		v, err := d.At(share)
		require.NoError(t, err)
		require.InDelta(t, share, float64(v)/n, accuracy)
		below, ok := d.Below(int64(share * (n - 1)))
		require.True(t, ok)
		require.InDelta(t, share, below, accuracy)
	}
}

// TestFewValues: few values are kept as they are.
func TestFewValues(t *testing.T) {
	d := &QDigest{accuracy: 0.01}
	for _, v := range []int64{20, -5, 10, 0, 20, 10, 20} {
		d.Add(v, 1)
	}
	for share, want := range map[float64]int64{0: -5, 0.1: -5, 0.5: 10, 0.9: 20, 1: 20} {
		v, err := d.At(share)
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	below, ok := d.Below(15)
	require.True(t, ok)
	require.Equal(t, 4.0/7, below)
	_, ok = d.Below(21)
	require.False(t, ok)
}

func TestTdigestAccuracy(t *testing.T) {
	const n = 100_000
	d := NewTDigest()
	for _, v := range shuffled(n) {
		require.NoError(t, d.Add(float64(v), 1))
	}
	d, err := DecodeTDigest(d.Encode())
	require.NoError(t, err)
	require.Less(t, len(d.centroids), 500)
	for share := 0.0; share <= 1; share += 1.0 / 64 {
		v, err := d.At(share)
		require.NoError(t, err)
		require.InDelta(t, share, v/n, 0.01)
	}
	low, _ := d.At(0)
	high, _ := d.At(1)
	require.Equal(t, []float64{0, n - 1}, []float64{low, high})
}

// TestSetDigest compares what digests past their exact size share.
func TestSetDigest(t *testing.T) {
	const n = 30_000
	a, b := NewSetDigest(), NewSetDigest()
	for i := range n {
		a.Add(int64(hashes.XX64([]byte{byte(i), byte(i >> 8)})), 1)
		b.Add(int64(hashes.XX64([]byte{byte(i + n/2), byte((i + n/2) >> 8)})), 1)
	}
	b, err := DecodeSetDigest(b.Encode())
	require.NoError(t, err)
	require.Len(t, b.Counts, maxDigestHashes)
	require.InDelta(t, n, float64(a.Cardinality()), 0.1*n)
	require.InDelta(t, 1.0/3, JaccardIndex(a, b), 0.03)
	require.InDelta(t, n/2, float64(SharedValues(a, b)), 0.1*n)
}

func TestSketchForms(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		s := NewHyperLogLog(12)
		for i := range n {
			s.Add(hashes.XX64([]byte{byte(i), byte(i >> 8)}))
		}
		back, err := DecodeHyperLogLog(s.Encode())
		require.NoError(t, err)
		require.Equal(t, s.Estimate(), back.Estimate())
	}
	require.Equal(t, math.MaxInt64, int(SortableBits(math.Float64frombits(math.MaxInt64))))
	require.Less(t, SortableBits(-1), SortableBits(math.Copysign(0, -1)))
}

// FuzzSummaries reads bytes that are no sketch.
func FuzzSummaries(f *testing.F) {
	s := NewSetDigest()
	s.Add(1, 2)
	d := &QDigest{accuracy: 0.01}
	d.Add(1, 1)
	for _, seed := range [][]byte{nil, s.Encode(), d.Encode(), NewTDigest().Encode(), {sparseForm, 12, 0, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := DecodeSetDigest(b); err == nil {
			s.Cardinality()
		}
		if d, err := DecodeQDigest(b); err == nil {
			_, err = d.At(0.5)
			require.NoError(t, err)
		}
		if d, err := DecodeTDigest(b); err == nil {
			_, err = d.At(0.5)
			require.NoError(t, err)
		}
		if s, err := DecodeHyperLogLog(b); err == nil {
			s.Estimate()
		}
	})
}
