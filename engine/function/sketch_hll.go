package function

import (
	bytesof "encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/hashes"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

// setBits is the number of bits that select a register of approx_set: its standard error is 1.6 %.
const setBits = 12

func approxSetFunctions() []Function {
	add := &AggregateImpl{New: newSetSummarizer}
	const doc = "Returns a HyperLogLog sketch of the distinct values."
	return []Function{
		aggregate("approx_set(bigint) -> hyperloglog", doc, add),
		aggregate("approx_set(double) -> hyperloglog", doc, add),
		aggregate("approx_set(varchar(x)) -> hyperloglog", doc, add),
		aggregate("merge(hyperloglog) -> hyperloglog", "Returns one sketch of the values of several.", merging(sketch.DecodeHyperLogLog, sketch.JoinHyperLogLogs)),
		scalar("empty_approx_set() -> hyperloglog", "Returns a HyperLogLog sketch of no values.",
			perRow(func() []byte { return sketch.NewHyperLogLog(setBits).Encode() })),
		scalar("cardinality(hyperloglog) -> bigint", "Returns about how many distinct values a sketch has seen.", unary(func(b []byte) (int64, error) {
			s, err := sketch.DecodeHyperLogLog(b)
			if err != nil {
				return 0, err
			}
			return s.Estimate(), nil
		})),
	}
}

// newSetSummarizer returns the state of approx_set. Equal values have one hash, except 0 and -0.
func newSetSummarizer(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
	entries := &hashedEntries{}
	s := &summarizer[*sketch.HyperLogLog]{join: sketch.JoinHyperLogLogs, result: arrowtype.Of(fn.Return)}
	if fn.Args[0].Kind != types.Double {
		s.repeats = 1
	}
	s.open = func(args []batch.Vector) (func(*sketch.HyperLogLog, int) (*sketch.HyperLogLog, error), error) {
		hash := entries.hasher(args[0], setHasher)
		return func(h *sketch.HyperLogLog, row int) (*sketch.HyperLogLog, error) {
			if h == nil {
				h = sketch.NewHyperLogLog(setBits)
			}
			h.Add(hash(row))
			return h, nil
		}, nil
	}
	return s
}

// setHasher hashes with MurmurHash3: numbers as eight bytes, little-endian.
func setHasher(v batch.Vector) func(row int) uint64 {
	first := func(b []byte) uint64 { return bytesof.LittleEndian.Uint64(hashes.Murmur3(b)) }
	word := func(w uint64) uint64 { return first(bytesof.LittleEndian.AppendUint64(nil, w)) }
	switch v.Array.DataType().ID() {
	case arrow.INT64:
		c := columnOf[int64](v)
		return func(row int) uint64 { return word(uint64(c.at(row))) }
	case arrow.FLOAT64:
		c := columnOf[float64](v)
		return func(row int) uint64 { return word(javaBits(c.at(row))) }
	}
	c := textColumnOf(v)
	return func(row int) uint64 { return first(viewBytes(c.at(row))) }
}
