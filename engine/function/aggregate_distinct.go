package function

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

func approxDistinctFunctions() []Function {
	const doc = "Returns about how many distinct values there are."
	impl := &AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		return &approxDistinct{valueType: fn.Args[0], arguments: len(fn.Args)}
	}}
	return []Function{
		aggregate("approx_distinct(T) -> bigint where T comparable", doc, impl),
		aggregate("approx_distinct(T, double) -> bigint where T comparable", doc, impl),
	}
}

const (
	// defaultStandardError is the error of approx_distinct without a second argument.
	defaultStandardError = 0.023
	minStandardError     = 0.0040625
	maxStandardError     = 0.26
)

// approxDistinct keeps one sketch per group.
type approxDistinct struct {
	valueType *types.Type
	arguments int
	sketches  []sketch.HyperLogLog
	bytes     int64

	entries hashedEntries
}

// Resize implements Accumulator.
func (d *approxDistinct) Resize(groups int) { d.sketches = grown(d.sketches, groups) }

// Add implements Accumulator.
func (d *approxDistinct) Add(groups []int32, args []batch.Vector, rows int) error {
	if args[0].Array.DataType().ID() == arrow.NULL {
		return nil
	}
	valid := validOf(args, rows)
	hash := d.hasher(args[0])
	for row, group := range groups[:rows] {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		s := &d.sketches[group]
		if s.IndexBits == 0 {
			index, err := indexBits(args, row)
			if err != nil {
				return err
			}
			*s = *sketch.NewHyperLogLog(index)
		}
		before := s.SizeBytes()
		s.Add(hash(row))
		d.bytes += s.SizeBytes() - before
	}
	return nil
}

// repeatArguments implements RepeatArguments: equal values have one hash. That does not hold for types in which
// equal values may differ in the zone of an instant or in the sign of zero.
func (d *approxDistinct) repeatArguments() int {
	switch d.valueType.Kind {
	case types.Varchar, types.Varbinary, types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date:
		return d.arguments
	}
	return 0
}

// indexBits returns the number of register bits for a standard error: 1.04/√m for m registers. The count of
// booleans is exact, so their standard error is not checked.
func indexBits(args []batch.Vector, row int) (uint8, error) {
	standardError := defaultStandardError
	if len(args) > 1 && args[0].Array.DataType().ID() != arrow.BOOL {
		standardError = columnOf[float64](args[1]).at(row)
	}
	if !(standardError >= minStandardError && standardError <= maxStandardError) {
		return 0, argumentError("Standard error must be in [%v, %v]: %v", minStandardError, maxStandardError, standardError)
	}
	buckets := math.Ceil(1.0816 / (standardError * standardError))
	return uint8(bits.Len(uint(buckets) - 1)), nil
}

// hasher returns the hash of a row's value.
func (d *approxDistinct) hasher(v batch.Vector) func(row int) uint64 {
	return d.entries.hasher(v, func(v batch.Vector) func(row int) uint64 { return valueHasher(d.valueType, v) })
}

// hashedEntries caches the hashes of the values of the latest dictionary.
type hashedEntries struct {
	hashes     []uint64
	dictionary arrow.ArrayData
}

// hasher returns a function that hashes a row's value. open does so for a vector; dictionary entries are hashed
// once.
func (h *hashedEntries) hasher(v batch.Vector, open func(batch.Vector) func(row int) uint64) func(row int) uint64 {
	dict, ok := v.Array.(*array.Dictionary)
	if !ok {
		return open(v)
	}
	values := dict.Dictionary()
	if h.dictionary != values.Data() && values.Len() <= 2*dict.Len() {
		hash := open(batch.Vector{Array: values})
		h.hashes = make([]uint64, values.Len())
		for i := range h.hashes {
			h.hashes[i] = hash(i)
		}
		h.dictionary = values.Data()
	}
	if h.dictionary != values.Data() {
		return open(v)
	}
	return func(row int) uint64 { return h.hashes[dict.GetValueIndex(v.At(row))] }
}

// Merge implements Accumulator.
func (d *approxDistinct) Merge(other Accumulator, mapping []int32) error {
	from := other.(*approxDistinct).sketches
	for i := range from {
		s := &d.sketches[mapping[i]]
		before := s.SizeBytes()
		s.Join(&from[i])
		d.bytes += s.SizeBytes() - before
	}
	return nil
}

// Result implements Accumulator.
func (d *approxDistinct) Result() (arrow.Array, error) {
	out := make([]int64, len(d.sketches))
	for i := range out {
		out[i] = d.sketches[i].Estimate()
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, nil), nil
}

// SizeBytes implements Accumulator.
func (d *approxDistinct) SizeBytes() int64 { return d.bytes + statesBytes(d.sketches) }
