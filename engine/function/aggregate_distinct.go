package function

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func approxDistinctFunctions() []Function {
	const doc = "About how many distinct values there are."
	impl := &AggregateImpl{New: func(*types.Resolved, *Env, []Lambda) Accumulator { return &approxDistinct{} }}
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
	// maxExactDistinct hashes are kept before a group turns to registers: up
	// to there the answer is exact but for collisions of 64-bit hashes.
	maxExactDistinct = 4096
)

// sketch estimates the number of distinct hashes: a set while they are few,
// else HyperLogLog registers.
type sketch struct {
	exact     map[uint64]struct{}
	registers []uint8
	bits      uint8 // of a hash that choose the register; 0 before the first value
}

// approxDistinct keeps one sketch per group.
type approxDistinct struct {
	sketches []sketch
	bytes    int64

	entryHashes []uint64 // of the last dictionary
	dictionary  arrow.ArrayData
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
		if !batch.IsValid(valid, row) {
			continue
		}
		s := &d.sketches[group]
		if s.bits == 0 {
			index, err := indexBits(args, row)
			if err != nil {
				return err
			}
			s.bits = index
		}
		h, err := hash(row)
		if err != nil {
			return err
		}
		d.bytes += s.add(h)
	}
	return nil
}

// indexBits is the number of register bits for a standard error: 1.04/√m. That
// of booleans, whose count is exact, may be anything.
func indexBits(args []batch.Vector, row int) (uint8, error) {
	standardError := defaultStandardError
	if len(args) > 1 && args[0].Array.DataType().ID() != arrow.BOOL {
		standardError = columnOf[float64](args[1]).at(row)
	}
	if !(standardError >= minStandardError && standardError <= maxStandardError) {
		return 0, argumentError("Standard error must be in [%v, %v]: %v", minStandardError, maxStandardError, standardError)
	}
	return uint8(math.Ceil(2 * math.Log2(1.04/standardError))), nil
}

// hasher returns the hash of a row's value; dictionary entries are hashed once.
func (d *approxDistinct) hasher(v batch.Vector) func(row int) (uint64, error) {
	dict, ok := v.Array.(*array.Dictionary)
	if !ok {
		return valueHasher(v)
	}
	values := dict.Dictionary()
	if d.dictionary != values.Data() && values.Len() <= 2*dict.Len() {
		hash := valueHasher(batch.Vector{Array: values})
		d.entryHashes = make([]uint64, values.Len())
		for i := range d.entryHashes {
			d.entryHashes[i], _ = hash(i)
		}
		d.dictionary = values.Data()
	}
	if d.dictionary != values.Data() {
		return valueHasher(v)
	}
	return func(row int) (uint64, error) { return d.entryHashes[dict.GetValueIndex(v.At(row))], nil }
}

// valueHasher hashes values so that those which are not distinct agree. The
// hash is the same in every process.
func valueHasher(v batch.Vector) func(row int) (uint64, error) {
	var key []byte
	return func(row int) (uint64, error) {
		var err error
		if key, err = batch.AppendKey(key[:0], v.Array, v.At(row)); err != nil {
			return 0, err
		}
		return hash64(key), nil
	}
}

// hash64 is FNV-1a with a final mix of all bits.
func hash64(b []byte) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, c := range b {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// add returns how many bytes the sketch grew.
func (s *sketch) add(hash uint64) int64 {
	if s.registers != nil {
		s.register(hash)
		return 0
	}
	if s.exact == nil {
		s.exact = map[uint64]struct{}{}
	}
	before := len(s.exact)
	s.exact[hash] = struct{}{}
	if len(s.exact) > maxExactDistinct {
		s.toRegisters()
		return int64(len(s.registers)) - maxExactDistinct*16
	}
	return int64(len(s.exact)-before) * 16
}

func (s *sketch) toRegisters() {
	s.registers = make([]uint8, 1<<s.bits)
	for h := range s.exact {
		s.register(h)
	}
	s.exact = nil
}

func (s *sketch) register(hash uint64) {
	index := hash >> (64 - s.bits)
	zeros := uint8(bits.LeadingZeros64(hash<<s.bits|1<<(s.bits-1))) + 1
	s.registers[index] = max(s.registers[index], zeros)
}

// estimate is the HyperLogLog estimate, with linear counting while registers are free.
func (s *sketch) estimate() int64 {
	if s.registers == nil {
		return int64(len(s.exact))
	}
	m := float64(len(s.registers))
	sum, free := 0.0, 0
	for _, r := range s.registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			free++
		}
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && free > 0 {
		estimate = m * math.Log(m/float64(free))
	}
	return int64(math.Round(estimate))
}

func (s *sketch) join(o *sketch) (grownBytes int64) {
	if o.bits == 0 {
		return 0
	}
	if s.bits == 0 {
		s.bits = o.bits
	}
	if o.registers == nil {
		for h := range o.exact {
			grownBytes += s.add(h)
		}
		return grownBytes
	}
	if s.registers == nil {
		s.toRegisters()
		grownBytes = int64(len(s.registers))
	}
	for i, r := range o.registers {
		s.registers[i] = max(s.registers[i], r)
	}
	return grownBytes
}

// Merge implements Accumulator.
func (d *approxDistinct) Merge(other Accumulator, mapping []int32) error {
	from := other.(*approxDistinct).sketches
	for i := range from {
		d.bytes += d.sketches[mapping[i]].join(&from[i])
	}
	return nil
}

// Result implements Accumulator.
func (d *approxDistinct) Result() (arrow.Array, error) {
	out := make([]int64, len(d.sketches))
	for i := range out {
		out[i] = d.sketches[i].estimate()
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, nil), nil
}

// SizeBytes implements Accumulator.
func (d *approxDistinct) SizeBytes() int64 { return d.bytes + statesBytes(d.sketches) }
