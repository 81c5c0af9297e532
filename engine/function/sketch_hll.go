package function

import (
	bytesof "encoding/binary"
	"fmt"

	"github.com/auditlake/auditlake/engine/batch"
)

// setBits is the number of bits that choose a register of approx_set: its
// standard error is 1.6 %.
const setBits = 12

func approxSetFunctions() []Function {
	add := summarizing(func(args []batch.Vector) (func(*sketch, int) (*sketch, error), error) {
		hash := valueHasher(args[0])
		return func(s *sketch, row int) (*sketch, error) {
			if s == nil {
				s = &sketch{bits: setBits}
			}
			h, err := hash(row)
			s.add(h)
			return s, err
		}, nil
	}, joinSketches)
	const doc = "A HyperLogLog sketch of the distinct values."
	return []Function{
		aggregate("approx_set(bigint) -> hyperloglog", doc, add),
		aggregate("approx_set(double) -> hyperloglog", doc, add),
		aggregate("approx_set(varchar(x)) -> hyperloglog", doc, add),
		aggregate("merge(hyperloglog) -> hyperloglog", "One sketch of the values of several.", merging(decodeSketch, joinSketches)),
		scalar("empty_approx_set() -> hyperloglog", "a HyperLogLog sketch of no values",
			perRow(func() []byte { return (&sketch{bits: setBits}).encode() })),
		scalar("cardinality(hyperloglog) -> bigint", "about how many distinct values a sketch has seen", unary(func(b []byte) (int64, error) {
			s, err := decodeSketch(b)
			if err != nil {
				return 0, err
			}
			return s.estimate(), nil
		})),
	}
}

func joinSketches(into, from *sketch) (*sketch, error) {
	if into == nil {
		into = &sketch{bits: from.bits}
	}
	if into.bits != from.bits {
		return nil, argumentError("sketches of different precision")
	}
	into.join(from)
	return into, nil
}

func (s *sketch) sizeBytes() int64 { return int64(16*len(s.exact) + len(s.registers)) }

// The first byte of a sketch's binary form.
const (
	exactSketch    = 2
	registerSketch = 3
)

// encode writes the hashes, or the registers.
func (s *sketch) encode() []byte {
	if s.registers != nil {
		return append([]byte{registerSketch, s.bits}, s.registers...)
	}
	out := []byte{exactSketch, s.bits, 0, 0}
	for h := range s.exact {
		out = bytesof.LittleEndian.AppendUint64(out, h)
	}
	return out
}

func decodeSketch(b []byte) (*sketch, error) {
	const header, exactHeader = 2, 4
	if len(b) < header || b[1] < 4 || b[1] > 16 {
		return nil, errMalformedSummary
	}
	s := &sketch{bits: b[1]}
	switch {
	case b[0] == registerSketch && len(b) == header+1<<s.bits:
		s.registers = append([]byte{}, b[header:]...)
	case b[0] == exactSketch && len(b) >= exactHeader && (len(b)-exactHeader)%8 == 0:
		for b = b[exactHeader:]; len(b) > 0; b = b[8:] {
			s.add(bytesof.LittleEndian.Uint64(b))
		}
	default:
		return nil, fmt.Errorf("function: HyperLogLog: %w", errMalformedSummary)
	}
	return s, nil
}
