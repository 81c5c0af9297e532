package function

import (
	bytesof "encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// setBits is the number of bits that choose a register of approx_set: its
// standard error is 1.6 %.
const setBits = 12

func approxSetFunctions() []Function {
	add := summarizing(func(args []batch.Vector) (func(*hyperLogLog, int) (*hyperLogLog, error), error) {
		hash := setHasher(args[0])
		return func(h *hyperLogLog, row int) (*hyperLogLog, error) {
			if h == nil {
				h = newHyperLogLog(setBits)
			}
			h.add(hash(row))
			return h, nil
		}, nil
	}, joinHyperLogLogs)
	const doc = "A HyperLogLog sketch of the distinct values."
	return []Function{
		aggregate("approx_set(bigint) -> hyperloglog", doc, add),
		aggregate("approx_set(double) -> hyperloglog", doc, add),
		aggregate("approx_set(varchar(x)) -> hyperloglog", doc, add),
		aggregate("merge(hyperloglog) -> hyperloglog", "One sketch of the values of several.", merging(decodeHyperLogLog, joinHyperLogLogs)),
		scalar("empty_approx_set() -> hyperloglog", "a HyperLogLog sketch of no values",
			perRow(func() []byte { return newHyperLogLog(setBits).encode() })),
		scalar("cardinality(hyperloglog) -> bigint", "about how many distinct values a sketch has seen", unary(func(b []byte) (int64, error) {
			s, err := decodeHyperLogLog(b)
			if err != nil {
				return 0, err
			}
			return s.estimate(), nil
		})),
	}
}

// setHasher hashes with MurmurHash3: numbers as eight bytes, lowest first.
func setHasher(v batch.Vector) func(row int) uint64 {
	first := func(b []byte) uint64 { return bytesof.LittleEndian.Uint64(murmur3(b)) }
	word := func(w uint64) uint64 { return first(bytesof.LittleEndian.AppendUint64(nil, w)) }
	switch v.Array.DataType().ID() {
	case arrow.INT64:
		c := columnOf[int64](v)
		return func(row int) uint64 { return word(uint64(c.at(row))) }
	case arrow.FLOAT64:
		c := columnOf[float64](v)
		return func(row int) uint64 { return word(javaBits(c.at(row))) }
	}
	c := columnOf[[]byte](batch.Vector{Array: batch.Decode(v.Array), Const: v.Const})
	return func(row int) uint64 { return first(c.at(row)) }
}

func joinHyperLogLogs(into, from *hyperLogLog) (*hyperLogLog, error) {
	if into == nil {
		into = &hyperLogLog{}
	}
	if into.indexBits != 0 && into.indexBits != from.indexBits {
		return nil, argumentError("Cannot merge HLLs with different number of buckets: %d vs %d", 1<<into.indexBits, 1<<from.indexBits)
	}
	into.join(from)
	return into, nil
}
