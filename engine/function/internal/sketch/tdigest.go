package sketch

import (
	bytesof "encoding/binary"
	"math"
	"slices"

	"github.com/auditlake/auditlake/planner/types"
)

// Compression bounds the centroids of a finished digest; while it is
// being built it keeps finer ones.
const Compression = 100.0

// TDigest is a t-digest: values as centroids, small ones at both ends.
type TDigest struct {
	low, high float64
	total     float64
	centroids []centroid
	// merged is the number of centroids at the front that are merged and sorted.
	merged    int
	backwards bool // the next merge goes from the highest down
}

type centroid struct{ mean, weight float64 }

// NewTDigest returns a digest of no values.
func NewTDigest() *TDigest { return &TDigest{low: math.Inf(1), high: math.Inf(-1)} }

// IsFinite reports whether f is a number, and no infinity.
func IsFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// Add adds a value with its weight, at least 1.
func (d *TDigest) Add(value, weight float64) error {
	switch {
	case !IsFinite(value):
		return types.ArgumentError("value must be finite; was %v", value)
	case !IsFinite(weight):
		return types.ArgumentError("weight must be finite, was %v", weight)
	case weight < 1:
		return types.ArgumentError("weight must be >= 1, was %v", weight)
	}
	const mostCentroids = 6 * (2*Compression + 10)
	if len(d.centroids) >= mostCentroids {
		d.Compress(2 * Compression)
	}
	d.centroids = append(d.centroids, centroid{value, weight})
	d.total += weight
	d.low, d.high = min(d.low, value), max(d.high, value)
	return nil
}

// merge joins neighbouring centroids as far as the compression allows, most in
// the middle and not at all at the ends.
func (d *TDigest) Compress(compression float64) {
	if d.merged == len(d.centroids) && d.merged <= 1 {
		return
	}
	slices.SortStableFunc(d.centroids, func(a, b centroid) int {
		switch {
		case a.mean < b.mean:
			return -1
		case a.mean > b.mean:
			return 1
		}
		return 0
	})
	if d.backwards {
		slices.Reverse(d.centroids)
	}
	normalizer := compression / (4*math.Log(d.total/compression) + 24)
	room := func(share float64) float64 { return share * (1 - share) / normalizer }
	out := []centroid{d.centroids[0]}
	sum, here := 0.0, room(0)
	for _, next := range d.centroids[1:] {
		last := &out[len(out)-1]
		weight := last.weight + next.weight
		if weight <= d.total*min(here, room(min((sum+weight)/d.total, 1))) {
			last.mean += (next.mean - last.mean) * next.weight / weight
			last.weight = weight
			continue
		}
		sum += last.weight
		here = room(sum / d.total)
		out = append(out, next)
	}
	if d.backwards {
		slices.Reverse(out)
	}
	d.backwards = !d.backwards
	d.centroids, d.merged = out, len(out)
}

// at estimates the value at a share of the weight: a single value as it is,
// else on the line between neighbouring centroids.
func (d *TDigest) At(share float64) (float64, error) {
	if !(share >= 0 && share <= 1) {
		return 0, types.ArgumentError("quantiles should be in [0, 1] range")
	}
	c := d.centroids
	switch len(c) {
	case 0:
		return math.NaN(), nil
	case 1:
		return c[0].mean, nil
	}
	offset, last := share*d.total, c[len(c)-1]
	switch {
	case offset < 1:
		return d.low, nil
	case offset < c[0].weight/2:
		return d.low + onLine(offset, 1, d.low, c[0].weight/2, c[0].mean), nil
	case offset <= d.total-1 && d.total-offset <= last.weight/2 && last.weight/2 > 1:
		return d.high + onLine(d.total-offset, 1, d.high, last.weight/2, last.mean), nil
	case offset >= d.total-1:
		return d.high, nil
	}
	sum, i := c[0].weight/2, 0
	for i < len(c)-1 && sum+(c[i].weight+c[i+1].weight)/2 <= offset {
		sum += (c[i].weight + c[i+1].weight) / 2
		i++
	}
	if i == len(c)-1 {
		if last.weight/2 > 1 {
			return d.high + onLine(d.total-offset, 1, d.high, last.weight/2, last.mean), nil
		}
		return d.high, nil
	}
	return betweenCentroids(c[i], c[i+1], offset-sum), nil
}

// betweenCentroids is the value at an offset after the middle of left.
func betweenCentroids(left, right centroid, offset float64) float64 {
	length := (left.weight + right.weight) / 2
	switch {
	case left.weight == 1 && offset < left.weight/2:
		return left.mean
	case right.weight == 1 && offset >= left.weight/2:
		return right.mean
	case left.weight == 1:
		offset, length = offset-left.weight/2, right.weight/2
	case right.weight == 1:
		length = left.weight / 2
	}
	return left.mean + onLine(offset, 0, left.mean, length, right.mean)
}

// onLine is how much higher than y0 the line to (x1, y1) is at x.
func onLine(x, x0, y0, x1, y1 float64) float64 { return (x - x0) / (x1 - x0) * (y1 - y0) }

// JoinTDigests adds from to into, which may be nil, and returns into.
func JoinTDigests(into, from *TDigest) (*TDigest, error) {
	if into == nil {
		into = NewTDigest()
	}
	into.centroids = append(into.centroids, from.centroids...)
	into.total += from.total
	into.low, into.high = min(into.low, from.low), max(into.high, from.high)
	if len(into.centroids) > 12*Compression {
		into.Compress(2 * Compression)
	}
	return into, nil
}

// SizeBytes estimates the memory held.
func (d *TDigest) SizeBytes() int64 { return int64(16 * cap(d.centroids)) }

// Encode writes the form that DecodeTDigest reads.
func (d *TDigest) Encode() []byte {
	if len(d.centroids) > 0 {
		d.Compress(Compression)
	}
	var out []byte
	for _, f := range []float64{d.low, d.high} {
		out = bytesof.LittleEndian.AppendUint64(out, math.Float64bits(f))
	}
	out = bytesof.LittleEndian.AppendUint64(out, uint64(len(d.centroids)))
	for _, c := range d.centroids {
		out = bytesof.LittleEndian.AppendUint64(out, math.Float64bits(c.mean))
		out = bytesof.LittleEndian.AppendUint64(out, math.Float64bits(c.weight))
	}
	return out
}

// DecodeTDigest reads the binary form of a digest, or fails with ErrMalformed.
func DecodeTDigest(b []byte) (*TDigest, error) {
	r := &summaryReader{data: b}
	d := &TDigest{low: math.Float64frombits(r.uint64()), high: math.Float64frombits(r.uint64())}
	d.merged = r.count(16)
	for range d.merged {
		c := centroid{math.Float64frombits(r.uint64()), math.Float64frombits(r.uint64())}
		d.centroids = append(d.centroids, c)
		d.total += c.weight
	}
	if r.err != nil {
		return nil, ErrMalformed
	}
	return d, nil
}
