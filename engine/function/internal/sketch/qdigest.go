package sketch

import (
	"cmp"
	bytesof "encoding/binary"
	"math"
	"slices"

	"github.com/auditlake/auditlake/planner/types"
)

// QDigest is a q-digest: weights of the nodes of the binary tree over all
// integers, whose leaves are the values. While there are few all are leaves;
// later light nodes join their parents, so that a rank is off by at most
// accuracy times the whole weight.
type QDigest struct {
	accuracy  float64
	total     float64
	low, high int64
	nodes     []quantileNode
	unsettled bool // nodes may repeat, and are in no order
}

// quantileNode is the values from first on whose upper 64-level bits are first's.
type quantileNode struct {
	first  uint64 // in an order-preserving form without sign
	level  uint8
	weight float64
}

// treeLevels is the height of the tree over all integers.
const treeLevels = 64

// last is the greatest value of a node.
func (n quantileNode) last() int64 { return int64((n.first | (1<<n.level - 1)) ^ 1<<63) }

// SortableBits orders as the numbers do, NaN last.
func SortableBits(f float64) int64 {
	n := int64(math.Float64bits(f))
	return n ^ n>>63&math.MaxInt64
}

// FromSortableBits returns the number that SortableBits made n of.
func FromSortableBits(n int64) float64 { return math.Float64frombits(uint64(n ^ n>>63&math.MaxInt64)) }

// NewQDigest returns a digest of no values, whose ranks will be off by at most accuracy of the whole weight.
func NewQDigest(accuracy float64) *QDigest { return &QDigest{accuracy: accuracy} }

// Add adds a value with its weight.
func (d *QDigest) Add(value int64, weight float64) {
	if d.total == 0 {
		d.low, d.high = value, value
	}
	d.low, d.high = min(d.low, value), max(d.high, value)
	d.nodes = append(d.nodes, quantileNode{first: uint64(value) ^ 1<<63, weight: weight})
	d.total += weight
	if d.unsettled = true; len(d.nodes) > 2*d.room() {
		d.settle()
	}
}

// room is how many nodes are enough for the accuracy.
func (d *QDigest) room() int { return int(min(1<<40, 3*treeLevels/d.accuracy)) }

// settle adds up repeated nodes and sorts them by their last values, the lower ones of the tree first. It joins
// light nodes if there are too many.
func (d *QDigest) settle() {
	if !d.unsettled {
		return
	}
	if d.order(); len(d.nodes) > d.room() {
		d.joinLight()
		d.order()
	}
}

func (d *QDigest) order() {
	d.unsettled = false
	slices.SortFunc(d.nodes, func(a, b quantileNode) int {
		return cmp.Or(cmp.Compare(a.last(), b.last()), cmp.Compare(a.level, b.level))
	})
	out := d.nodes[:0]
	for _, n := range d.nodes {
		if last := len(out) - 1; last >= 0 && out[last].first == n.first && out[last].level == n.level {
			out[last].weight += n.weight
			continue
		}
		out = append(out, n)
	}
	d.nodes = out
}

// joinLight moves the weight of siblings to their parent where the three are
// light, from the leaves up.
func (d *QDigest) joinLight() {
	limit := d.total * d.accuracy / treeLevels
	var levels [treeLevels + 1]map[uint64]float64
	for l := range levels {
		levels[l] = map[uint64]float64{}
	}
	for _, n := range d.nodes {
		levels[n.level][n.first>>n.level] += n.weight
	}
	d.nodes = d.nodes[:0]
	for l := range treeLevels {
		for prefix, weight := range levels[l] {
			parent := prefix >> 1
			all := weight + levels[l][prefix^1] + levels[l+1][parent]
			if l < treeLevels-1 && all <= limit {
				delete(levels[l], prefix)
				delete(levels[l], prefix^1)
				levels[l+1][parent] = all
				continue
			}
			d.nodes = append(d.nodes, quantileNode{first: prefix << l, level: uint8(l), weight: weight})
		}
	}
}

// at is the value at a share of the weight.
func (d *QDigest) At(share float64) (int64, error) {
	if !(share >= 0 && share <= 1) {
		return 0, types.ArgumentError("quantile must be between [0,1]")
	}
	d.settle()
	sum := 0.0
	for _, n := range d.nodes {
		if sum += n.weight; sum > share*d.total {
			return min(n.last(), d.high), nil
		}
	}
	return d.high, nil
}

// Below is the share of the weight of values below value, false for a value outside of the digest's range.
func (d *QDigest) Below(value int64) (share float64, ok bool) {
	if value < d.low || value > d.high {
		return 0, false
	}
	d.settle()
	sum := 0.0
	for _, n := range d.nodes {
		if n.last() >= value {
			break
		}
		sum += n.weight
	}
	return sum / d.total, true
}

// JoinQDigests adds from to into, which may be nil, and returns into.
func JoinQDigests(into, from *QDigest) (*QDigest, error) {
	if into == nil {
		into = &QDigest{accuracy: from.accuracy, low: from.low, high: from.high}
	}
	into.accuracy = max(into.accuracy, from.accuracy)
	into.low, into.high = min(into.low, from.low), max(into.high, from.high)
	into.nodes = append(into.nodes, from.nodes...)
	into.total += from.total
	into.unsettled = true
	into.settle()
	return into, nil
}

// SizeBytes estimates the memory held.
func (d *QDigest) SizeBytes() int64 { return int64(24 * cap(d.nodes)) }

// Encode writes the form that DecodeQDigest reads.
func (d *QDigest) Encode() []byte {
	d.settle()
	out := bytesof.LittleEndian.AppendUint64(nil, math.Float64bits(d.accuracy))
	out = bytesof.LittleEndian.AppendUint64(out, uint64(d.low))
	out = bytesof.LittleEndian.AppendUint64(out, uint64(d.high))
	out = bytesof.LittleEndian.AppendUint64(out, uint64(len(d.nodes)))
	for _, n := range d.nodes {
		out = append(bytesof.LittleEndian.AppendUint64(out, n.first), n.level)
		out = bytesof.LittleEndian.AppendUint64(out, math.Float64bits(n.weight))
	}
	return out
}

// DecodeQDigest reads the binary form of a digest, or fails with ErrMalformed.
func DecodeQDigest(b []byte) (*QDigest, error) {
	r := &summaryReader{data: b}
	d := &QDigest{accuracy: math.Float64frombits(r.uint64()), low: int64(r.uint64()), high: int64(r.uint64())}
	const nodeBytes = 17
	count := r.count(nodeBytes)
	for range count {
		n := quantileNode{r.uint64(), r.byte(), math.Float64frombits(r.uint64())}
		if n.level >= treeLevels || !(n.weight > 0) {
			return nil, ErrMalformed
		}
		d.nodes = append(d.nodes, n)
		d.total += n.weight
	}
	if r.err != nil || count == 0 || !(d.accuracy > 0 && d.accuracy < 1) {
		return nil, ErrMalformed
	}
	return d, nil
}
