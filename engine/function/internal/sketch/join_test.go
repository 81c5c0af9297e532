package sketch

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function/internal/hashes"
)

func numberHash(n int) uint64 { return hashes.XX64(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

// hyperLogLogOf has seen the numbers from up to, not including, to.
func hyperLogLogOf(indexBits uint8, from, to int) *HyperLogLog {
	h := NewHyperLogLog(indexBits)
	for n := from; n < to; n++ {
		h.Add(numberHash(n))
	}
	return h
}

// TestHyperLogLogsJoin: joined sketches estimate what one that has seen all does, whichever form they have.
func TestHyperLogLogsJoin(t *testing.T) {
	const few, many = 100, 20_000
	for name, c := range map[string]struct{ first, second, all int }{
		"few and few":   {few, 2 * few, 2 * few},
		"few and many":  {few, many, many},
		"many and few":  {many, many + few, many + few},
		"many and many": {many, 2 * many, 2 * many},
		"few and none":  {few, few, few},
	} {
		t.Run(name, func(t *testing.T) {
			joined, err := JoinHyperLogLogs(nil, hyperLogLogOf(12, 0, c.first))
			require.NoError(t, err)
			second := hyperLogLogOf(12, c.first, c.second)
			before := second.Encode()
			joined, err = JoinHyperLogLogs(joined, second)
			require.NoError(t, err)
			require.Equal(t, before, second.Encode(), "what is joined stays as it is")
			whole := hyperLogLogOf(12, 0, c.all)
			require.Equal(t, whole.Estimate(), joined.Estimate())
			require.InDelta(t, c.all, float64(joined.Estimate()), 0.05*float64(c.all))
			again, err := DecodeHyperLogLog(joined.Encode())
			require.NoError(t, err)
			require.Equal(t, joined.Estimate(), again.Estimate())
		})
	}
	_, err := JoinHyperLogLogs(hyperLogLogOf(12, 0, 1), hyperLogLogOf(11, 0, 1))
	require.ErrorContains(t, err, "Cannot merge HLLs with different number of buckets: 4096 vs 2048")
}

// TestSmallHyperLogLogs: sketches of every size estimate within their error.
func TestSmallHyperLogLogs(t *testing.T) {
	for indexBits := uint8(minIndexBits); indexBits <= 13; indexBits++ {
		for _, n := range []int{1 << indexBits / 4, 1 << indexBits * 3, 1 << indexBits * 40} {
			h := hyperLogLogOf(indexBits, 0, n)
			h.MakeDense()
			share := 4 * 1.04 / math.Sqrt(float64(int(1)<<indexBits))
			require.InDelta(t, n, float64(h.Estimate()), max(1, share*float64(n)), "%d of %d bits", n, indexBits)
			again, err := DecodeHyperLogLog(h.Encode())
			require.NoError(t, err)
			require.Equal(t, h.Encode(), again.Encode())
		}
	}
}

func TestDamagedHyperLogLogs(t *testing.T) {
	sparse, dense := hyperLogLogOf(12, 0, 100).Encode(), hyperLogLogOf(12, 0, 20_000).Encode()
	for name, damaged := range map[string][]byte{
		"nothing":              nil,
		"a form of its own":    append([]byte{9}, sparse[1:]...),
		"too few buckets":      append([]byte{sparse[0], 0}, sparse[2:]...),
		"entries cut":          sparse[:len(sparse)-1],
		"entries out of order": append(append([]byte{}, sparse[:4]...), append(append([]byte{}, sparse[8:]...), sparse[4:8]...)...),
		"registers cut":        dense[:len(dense)/2],
		"a rest too many":      append(append([]byte{}, dense...), 1, 2, 3),
		"a least too great":    append([]byte{dense[0], dense[1], 65}, dense[3:]...),
	} {
		_, err := DecodeHyperLogLog(damaged)
		require.ErrorIs(t, err, ErrMalformed, name)
	}
}

// TestTdigestsJoin: the quantiles of joined digests are those of all values.
func TestTdigestsJoin(t *testing.T) {
	const n, parts = 60_000, 12
	var joined *TDigest
	for part := range parts {
		d := NewTDigest()
		for _, v := range shuffled(n) {
			if v%parts == part {
				require.NoError(t, d.Add(float64(v), 1))
			}
		}
		var err error
		joined, err = JoinTDigests(joined, d)
		require.NoError(t, err)
	}
	d, err := DecodeTDigest(joined.Encode())
	require.NoError(t, err)
	for share := 0.0; share <= 1; share += 1.0 / 32 {
		v, err := d.At(share)
		require.NoError(t, err)
		require.InDelta(t, share, v/n, 0.02)
	}
	require.Positive(t, joined.SizeBytes())
}

func TestTdigestValues(t *testing.T) {
	d := NewTDigest()
	v, err := d.At(0.5)
	require.NoError(t, err)
	require.True(t, math.IsNaN(v))
	for _, c := range []struct {
		value, weight float64
		want          string
	}{
		{math.NaN(), 1, "value must be finite"},
		{1, math.Inf(1), "weight must be finite"},
		{1, 0.5, "weight must be >= 1"},
	} {
		require.ErrorContains(t, d.Add(c.value, c.weight), c.want)
	}
	require.NoError(t, d.Add(7, 3))
	for _, share := range []float64{0, 0.5, 1} {
		v, err := d.At(share)
		require.NoError(t, err)
		require.Equal(t, 7.0, v)
	}
	for _, share := range []float64{-0.1, 1.1, math.NaN()} {
		_, err := d.At(share)
		require.ErrorContains(t, err, "quantiles should be in [0, 1] range")
	}
	require.NoError(t, d.Add(17, 10))
	last := 0.0
	for share := 0.0; share <= 1; share += 1.0 / 16 {
		v, err := d.At(share)
		require.NoError(t, err)
		require.True(t, v >= 7 && v <= 17 && v >= last, "%v at %v", v, share)
		last = v
	}
}

// TestSetDigestsJoin: a join counts a value as often as both have it, and shares are exact for few values.
func TestSetDigestsJoin(t *testing.T) {
	a, b := NewSetDigest(), NewSetDigest()
	for n := range 300 {
		a.Add(int64(numberHash(n)), 2)
		b.Add(int64(numberHash(n+200)), 3)
	}
	require.Equal(t, int64(100), SharedValues(a, b))
	joined, err := JoinSetDigests(nil, a)
	require.NoError(t, err)
	joined, err = JoinSetDigests(joined, b)
	require.NoError(t, err)
	require.Equal(t, int64(500), joined.Cardinality())
	for n, times := range map[int]uint16{0: 2, 250: 5, 450: 3} {
		require.Equal(t, times, joined.Counts[int64(numberHash(n))], "%d", n)
	}
	joined.Add(int64(numberHash(0)), math.MaxInt16)
	require.Equal(t, uint16(math.MaxInt16), joined.Counts[int64(numberHash(0))], "counts stay at their greatest")
	again, err := DecodeSetDigest(joined.Encode())
	require.NoError(t, err)
	require.Equal(t, joined.Counts, again.Counts)
	require.Positive(t, joined.SizeBytes())
	_, err = DecodeSetDigest([]byte{255, 255, 255, 0, 0, 0, 0, 0})
	require.ErrorIs(t, err, ErrMalformed)
}
