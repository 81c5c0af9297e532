package function

import (
	"cmp"
	bytesof "encoding/binary"
	"math"
	"slices"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

const defaultAccuracy = 0.01

// qdigest is a q-digest: weights of the nodes of the binary tree over all
// integers, whose leaves are the values. While there are few all are leaves;
// later light nodes join their parents, so that a rank is off by at most
// accuracy times the whole weight.
type qdigest struct {
	accuracy  float64
	total     float64
	low, high int64
	nodes     []qdigestNode
	unsettled bool // nodes may repeat, and are in no order
}

// qdigestNode is the values from first on whose upper 64-level bits are first's.
type qdigestNode struct {
	first  uint64 // in an order-preserving form without sign
	level  uint8
	weight float64
}

// treeLevels is the height of the tree over all integers.
const treeLevels = 64

// last is the greatest value of a node.
func (n qdigestNode) last() int64 { return int64((n.first | (1<<n.level - 1)) ^ 1<<63) }

// digestNumber is how a type's values are kept in order as integers.
type digestNumber struct {
	name string
	read func(v batch.Vector) func(row int) int64
}

var digestNumbers = []digestNumber{
	{"bigint", func(v batch.Vector) func(int) int64 { return columnOf[int64](v).at }},
	{"double", func(v batch.Vector) func(int) int64 {
		c := columnOf[float64](v)
		return func(row int) int64 { return sortableBits(c.at(row)) }
	}},
	{"real", func(v batch.Vector) func(int) int64 {
		c := columnOf[float32](v)
		return func(row int) int64 { return sortableBits(float64(c.at(row))) }
	}},
}

// sortableBits orders as the numbers do, NaN last.
func sortableBits(f float64) int64 {
	n := int64(math.Float64bits(f))
	return n ^ n>>63&math.MaxInt64
}

func fromSortableBits(n int64) float64 { return math.Float64frombits(uint64(n ^ n>>63&math.MaxInt64)) }

func qdigestFunctions() []Function {
	const doc = "A digest of the values that answers which value stands at a share of them."
	var list []Function
	for _, n := range digestNumbers {
		digest := "qdigest(" + n.name + ")"
		for _, args := range []string{n.name, n.name + ", bigint", n.name + ", bigint, double"} {
			list = append(list, aggregate("qdigest_agg("+args+") -> "+digest, doc, summarizing(qdigestAdder(n), joinQdigests)))
		}
		list = append(list,
			aggregate("merge("+digest+") -> "+digest, "One digest of the values of several.", merging(decodeQdigest, joinQdigests)))
	}
	return append(append(append(list, qdigestReaders("bigint", func(n int64) int64 { return n })...),
		qdigestReaders("double", fromSortableBits)...),
		qdigestReaders("real", func(n int64) float32 { return float32(fromSortableBits(n)) })...)
}

// qdigestReaders are the functions that ask a digest of a type.
func qdigestReaders[T int64 | float64 | float32](name string, write func(int64) T) []Function {
	digest := "qdigest(" + name + ")"
	at := func(d *qdigest, share float64) (T, error) {
		n, err := d.at(share)
		return write(n), err
	}
	return []Function{
		scalar("value_at_quantile("+digest+", double) -> "+name, "the value at a share from 0 to 1 of the values",
			binary(func(b []byte, share float64) (T, error) {
				d, err := decodeQdigest(b)
				if err != nil {
					return 0, err
				}
				return at(d, share)
			})),
		scalar("values_at_quantiles("+digest+", array(double)) -> array("+name+")", "the values at shares from 0 to 1 of the values",
			quantilesKernel(func(b []byte, shares []float64) ([]T, error) {
				d, err := decodeQdigest(b)
				if err != nil {
					return nil, err
				}
				out := make([]T, len(shares))
				for i, share := range shares {
					if out[i], err = at(d, share); err != nil {
						return nil, err
					}
				}
				return out, nil
			})),
		scalar("quantile_at_value("+digest+", "+name+") -> double", "the share of the values that lie below one, NULL outside of them",
			binary(func(b []byte, value T) (float64, error) {
				d, err := decodeQdigest(b)
				if err != nil {
					return 0, err
				}
				return d.below(sortable(value))
			})),
	}
}

func sortable[T int64 | float64 | float32](value T) int64 {
	switch v := any(value).(type) {
	case int64:
		return v
	case float64:
		return sortableBits(v)
	}
	return sortableBits(float64(value))
}

func qdigestAdder(n digestNumber) func([]batch.Vector) (func(*qdigest, int) (*qdigest, error), error) {
	return func(args []batch.Vector) (func(*qdigest, int) (*qdigest, error), error) {
		value := n.read(args[0])
		weight := func(int) int64 { return 1 }
		accuracy := func(int) float64 { return defaultAccuracy }
		if len(args) > 1 {
			weight = columnOf[int64](args[1]).at
		}
		if len(args) > 2 {
			accuracy = columnOf[float64](args[2]).at
		}
		return func(d *qdigest, row int) (*qdigest, error) {
			a, w := accuracy(row), weight(row)
			if !(a > 0 && a < 1) {
				return nil, argumentError("Percentile accuracy must be exclusively between 0 and 1, was %v", a)
			}
			if w <= 0 {
				return nil, argumentError("Percentile weight must be > 0, was %d", w)
			}
			if d == nil {
				d = &qdigest{accuracy: a}
			}
			d.add(value(row), float64(w))
			return d, nil
		}, nil
	}
}

func (d *qdigest) add(value int64, weight float64) {
	if d.total == 0 {
		d.low, d.high = value, value
	}
	d.low, d.high = min(d.low, value), max(d.high, value)
	d.nodes = append(d.nodes, qdigestNode{first: uint64(value) ^ 1<<63, weight: weight})
	d.total += weight
	if d.unsettled = true; len(d.nodes) > 2*d.room() {
		d.settle()
	}
}

// room is how many nodes are enough for the accuracy.
func (d *qdigest) room() int { return int(min(1<<40, 3*treeLevels/d.accuracy)) }

// settle adds up repeated nodes, puts them in order of their last values, the
// lower ones of the tree first, and joins light ones if there are too many.
func (d *qdigest) settle() {
	if !d.unsettled {
		return
	}
	if d.order(); len(d.nodes) > d.room() {
		d.joinLight()
		d.order()
	}
}

func (d *qdigest) order() {
	d.unsettled = false
	slices.SortFunc(d.nodes, func(a, b qdigestNode) int {
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
func (d *qdigest) joinLight() {
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
			d.nodes = append(d.nodes, qdigestNode{first: prefix << l, level: uint8(l), weight: weight})
		}
	}
}

// at is the value at a share of the weight.
func (d *qdigest) at(share float64) (int64, error) {
	if !(share >= 0 && share <= 1) {
		return 0, argumentError("quantile must be between [0,1]")
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

// below is the share of the weight of values below one.
func (d *qdigest) below(value int64) (float64, error) {
	if value < d.low || value > d.high {
		return 0, errNull
	}
	d.settle()
	sum := 0.0
	for _, n := range d.nodes {
		if n.last() >= value {
			break
		}
		sum += n.weight
	}
	return sum / d.total, nil
}

func joinQdigests(into, from *qdigest) (*qdigest, error) {
	if into == nil {
		into = &qdigest{accuracy: from.accuracy, low: from.low, high: from.high}
	}
	into.accuracy = max(into.accuracy, from.accuracy)
	into.low, into.high = min(into.low, from.low), max(into.high, from.high)
	into.nodes = append(into.nodes, from.nodes...)
	into.total += from.total
	into.unsettled = true
	into.settle()
	return into, nil
}

func (d *qdigest) sizeBytes() int64 { return int64(24 * cap(d.nodes)) }

func (d *qdigest) encode() []byte {
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

func decodeQdigest(b []byte) (*qdigest, error) {
	r := &summaryReader{data: b}
	d := &qdigest{accuracy: math.Float64frombits(r.uint64()), low: int64(r.uint64()), high: int64(r.uint64())}
	const nodeBytes = 17
	count := r.count(nodeBytes)
	for range count {
		n := qdigestNode{r.uint64(), r.byte(), math.Float64frombits(r.uint64())}
		if n.level >= treeLevels || !(n.weight > 0) {
			return nil, errMalformedSummary
		}
		d.nodes = append(d.nodes, n)
		d.total += n.weight
	}
	if r.err != nil || count == 0 || !(d.accuracy > 0 && d.accuracy < 1) {
		return nil, errMalformedSummary
	}
	return d, nil
}

// quantilesKernel makes a kernel of a function of a digest and an array of
// shares.
func quantilesKernel[T int64 | float64 | float32](f func(b []byte, shares []float64) ([]T, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowtype.Of(fn.Return.Elem)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			constant := allConst(args)
			if constant {
				rows = 1
			}
			digests, shares := columnOf[[]byte](args[0]), listOf(args[1])
			values := batch.Values[float64](shares.elems)
			valid := validOf(args, rows)
			offsets, out := make([]int32, rows+1), []T{}
			for i := range rows {
				if batch.IsValid(valid, i) {
					lo, hi := shares.at(i)
					for j := lo; j < hi; j++ {
						if batch.IsNull(shares.elems, j) {
							return batch.Vector{}, argumentError("quantiles must not be NULL")
						}
					}
					found, err := f(digests.at(i), values[lo:hi])
					if err != nil {
						return batch.Vector{}, err
					}
					out = append(out, found...)
				}
				offsets[i+1] = int32(len(out))
			}
			return batch.Vector{Array: batch.FromLists(offsets, valid, batch.FromValues(dt, out, nil)), Const: constant}, nil
		}
	}
}
