package function

import (
	endian "encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/hashes"
	"github.com/auditlake/auditlake/planner/types"
)

func checksumFunctions() []Function {
	return []Function{
		aggregate("checksum(T) -> varbinary where T comparable", "Returns a checksum of the values that does not depend on their order.",
			&AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator { return &checksum{valueType: fn.Args[0]} }}),
	}
}

// checksum adds up the hashes of values, each multiplied by a prime. The prime alone represents NULL.
type checksum struct {
	valueType *types.Type
	states    []total[uint64]
}

// Resize implements Accumulator.
func (c *checksum) Resize(groups int) { c.states = grown(c.states, groups) }

// Add implements Accumulator.
func (c *checksum) Add(groups []int32, args []batch.Vector, rows int) error {
	hash := valueHasher(c.valueType, args[0])
	for row, group := range groups[:rows] {
		h := uint64(1)
		if !isNull(args[0], row) {
			h = hash(row)
		}
		s := &c.states[group]
		s.sum, s.any = s.sum+h*hashes.XXPrime1, true
	}
	return nil
}

// Merge implements Accumulator.
func (c *checksum) Merge(other Accumulator, mapping []int32) error {
	for i, from := range other.(*checksum).states {
		s := &c.states[mapping[i]]
		s.sum, s.any = s.sum+from.sum, s.any || from.any
	}
	return nil
}

// Result implements Accumulator.
func (c *checksum) Result() (arrow.Array, error) {
	return resultOf(arrow.BinaryTypes.Binary, c.states, func(s *total[uint64]) ([]byte, bool, error) {
		return endian.LittleEndian.AppendUint64(nil, s.sum), s.any, nil
	})
}

// SizeBytes implements Accumulator.
func (c *checksum) SizeBytes() int64 { return statesBytes(c.states) }
