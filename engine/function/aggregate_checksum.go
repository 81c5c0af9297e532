package function

import (
	endian "encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func checksumFunctions() []Function {
	return []Function{
		aggregate("checksum(T) -> varbinary where T comparable", "A checksum of the values that does not depend on their order.",
			&AggregateImpl{New: func(*types.Resolved, *Env, []Lambda) Accumulator { return &checksum{} }}),
	}
}

// checksum adds up hashes, that of NULL included.
type checksum struct{ states []total[uint64] }

// Resize implements Accumulator.
func (c *checksum) Resize(groups int) { c.states = grown(c.states, groups) }

// Add implements Accumulator.
func (c *checksum) Add(groups []int32, args []batch.Vector, rows int) error {
	hash := valueHasher(args[0])
	for row, group := range groups[:rows] {
		h, err := hash(row)
		if err != nil {
			return err
		}
		s := &c.states[group]
		s.sum, s.any = s.sum+h, true
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
