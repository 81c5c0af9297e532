package function

import (
	bytesof "encoding/binary"
	"math"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
)

// tdigestCompression bounds the centroids of a finished digest; while it is
// being built it keeps finer ones.
const tdigestCompression = 100.0

// tdigest is a t-digest: values as centroids, small ones at both ends.
type tdigest struct {
	low, high float64
	total     float64
	centroids []centroid
	// merged is the number of centroids at the front that are merged and sorted.
	merged    int
	backwards bool // the next merge goes from the highest down
}

type centroid struct{ mean, weight float64 }

func tdigestFunctions() []Function {
	const doc = "A digest of the values that estimates which value stands at a share of them."
	add := summarizing(func(args []batch.Vector) (func(*tdigest, int) (*tdigest, error), error) {
		values := columnOf[float64](args[0])
		weight := func(int) float64 { return 1 }
		if len(args) > 1 {
			weight = columnOf[float64](args[1]).at
		}
		return func(d *tdigest, row int) (*tdigest, error) {
			if d == nil {
				d = newTdigest()
			}
			return d, d.add(values.at(row), weight(row))
		}, nil
	}, joinTdigests)
	return []Function{
		aggregate("tdigest_agg(double) -> tdigest", doc, add),
		aggregate("tdigest_agg(double, double) -> tdigest", doc, add),
		aggregate("merge(tdigest) -> tdigest", "One digest of the values of several.", merging(decodeTdigest, joinTdigests)),
		scalar("value_at_quantile(tdigest, double) -> double", "the value at a share from 0 to 1 of the values",
			binary(func(b []byte, share float64) (float64, error) {
				d, err := decodeTdigest(b)
				if err != nil {
					return 0, err
				}
				return d.at(share)
			})),
		scalar("values_at_quantiles(tdigest, array(double)) -> array(double)", "the values at shares from 0 to 1 of the values, in ascending order",
			quantilesKernel(func(b []byte, shares []float64) ([]float64, error) {
				d, err := decodeTdigest(b)
				if err != nil {
					return nil, err
				}
				if !slices.IsSorted(shares) {
					return nil, argumentError("percentiles must be sorted in increasing order")
				}
				out := make([]float64, len(shares))
				for i, share := range shares {
					if out[i], err = d.at(share); err != nil {
						return nil, err
					}
				}
				return out, nil
			})),
	}
}

func newTdigest() *tdigest { return &tdigest{low: math.Inf(1), high: math.Inf(-1)} }

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

func (d *tdigest) add(value, weight float64) error {
	switch {
	case !isFinite(value):
		return argumentError("value must be finite; was %v", value)
	case !isFinite(weight):
		return argumentError("weight must be finite, was %v", weight)
	case weight < 1:
		return argumentError("weight must be >= 1, was %v", weight)
	}
	const mostCentroids = 6 * (2*tdigestCompression + 10)
	if len(d.centroids) >= mostCentroids {
		d.merge(2 * tdigestCompression)
	}
	d.centroids = append(d.centroids, centroid{value, weight})
	d.total += weight
	d.low, d.high = min(d.low, value), max(d.high, value)
	return nil
}

// merge joins neighbouring centroids as far as the compression allows, most in
// the middle and not at all at the ends.
func (d *tdigest) merge(compression float64) {
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
func (d *tdigest) at(share float64) (float64, error) {
	if !(share >= 0 && share <= 1) {
		return 0, argumentError("quantiles should be in [0, 1] range")
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

// betweenCentroids is the value at an offset behind the middle of left.
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

func joinTdigests(into, from *tdigest) (*tdigest, error) {
	if into == nil {
		into = newTdigest()
	}
	into.centroids = append(into.centroids, from.centroids...)
	into.total += from.total
	into.low, into.high = min(into.low, from.low), max(into.high, from.high)
	if len(into.centroids) > 12*tdigestCompression {
		into.merge(2 * tdigestCompression)
	}
	return into, nil
}

func (d *tdigest) sizeBytes() int64 { return int64(16 * cap(d.centroids)) }

func (d *tdigest) encode() []byte {
	if len(d.centroids) > 0 {
		d.merge(tdigestCompression)
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

func decodeTdigest(b []byte) (*tdigest, error) {
	r := &summaryReader{data: b}
	d := &tdigest{low: math.Float64frombits(r.uint64()), high: math.Float64frombits(r.uint64())}
	d.merged = r.count(16)
	for range d.merged {
		c := centroid{math.Float64frombits(r.uint64()), math.Float64frombits(r.uint64())}
		d.centroids = append(d.centroids, c)
		d.total += c.weight
	}
	if r.err != nil {
		return nil, errMalformedSummary
	}
	return d, nil
}
