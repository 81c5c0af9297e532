package function

import (
	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

const defaultAccuracy = 0.01

// digestNumber maps a type's values to integers in the same order.
type digestNumber struct {
	name string
	read func(v batch.Vector) func(row int) int64
}

var digestNumbers = []digestNumber{
	{"bigint", func(v batch.Vector) func(int) int64 { return columnOf[int64](v).at }},
	{"double", func(v batch.Vector) func(int) int64 {
		c := columnOf[float64](v)
		return func(row int) int64 { return sketch.SortableBits(c.at(row)) }
	}},
	{"real", func(v batch.Vector) func(int) int64 {
		c := columnOf[float32](v)
		return func(row int) int64 { return sketch.SortableBits(float64(c.at(row))) }
	}},
}

func qdigestFunctions() []Function {
	const doc = "Returns a digest of the values that answers which value stands at a share of them."
	var list []Function
	for _, n := range digestNumbers {
		digest := "qdigest(" + n.name + ")"
		for _, args := range []string{n.name, n.name + ", bigint", n.name + ", bigint, double"} {
			list = append(list, aggregate("qdigest_agg("+args+") -> "+digest, doc, summarizing(qdigestAdder(n), sketch.JoinQDigests)))
		}
		list = append(list,
			aggregate("merge("+digest+") -> "+digest, "Returns one digest of the values of several.", merging(sketch.DecodeQDigest, sketch.JoinQDigests)))
	}
	return append(append(append(list, qdigestReaders("bigint", func(n int64) int64 { return n })...),
		qdigestReaders("double", sketch.FromSortableBits)...),
		qdigestReaders("real", func(n int64) float32 { return float32(sketch.FromSortableBits(n)) })...)
}

// qdigestReaders are the functions that read a digest of a type.
func qdigestReaders[T int64 | float64 | float32](name string, write func(int64) T) []Function {
	digest := "qdigest(" + name + ")"
	at := func(d *sketch.QDigest, share float64) (T, error) {
		n, err := d.At(share)
		return write(n), err
	}
	return []Function{
		scalar("value_at_quantile("+digest+", double) -> "+name, "Returns the value at a share from 0 to 1 of the values.",
			binary(func(b []byte, share float64) (T, error) {
				d, err := sketch.DecodeQDigest(b)
				if err != nil {
					return 0, err
				}
				return at(d, share)
			})),
		scalar("values_at_quantiles("+digest+", array(double)) -> array("+name+")", "Returns the values at shares from 0 to 1 of the values.",
			quantilesKernel(func(b []byte, shares []float64) ([]T, error) {
				d, err := sketch.DecodeQDigest(b)
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
		scalar("quantile_at_value("+digest+", "+name+") -> double", "Returns the share of the values that lie below one, NULL outside of them.",
			binary(func(b []byte, value T) (float64, error) {
				d, err := sketch.DecodeQDigest(b)
				if err != nil {
					return 0, err
				}
				share, ok := d.Below(sortable(value))
				if !ok {
					return 0, errNull
				}
				return share, nil
			})),
	}
}

func sortable[T int64 | float64 | float32](value T) int64 {
	switch v := any(value).(type) {
	case int64:
		return v
	case float64:
		return sketch.SortableBits(v)
	}
	return sketch.SortableBits(float64(value))
}

func qdigestAdder(n digestNumber) func([]batch.Vector) (func(*sketch.QDigest, int) (*sketch.QDigest, error), error) {
	return func(args []batch.Vector) (func(*sketch.QDigest, int) (*sketch.QDigest, error), error) {
		value := n.read(args[0])
		weight := func(int) int64 { return 1 }
		accuracy := func(int) float64 { return defaultAccuracy }
		if len(args) > 1 {
			weight = columnOf[int64](args[1]).at
		}
		if len(args) > 2 {
			accuracy = columnOf[float64](args[2]).at
		}
		return func(d *sketch.QDigest, row int) (*sketch.QDigest, error) {
			a, w := accuracy(row), weight(row)
			if !(a > 0 && a < 1) {
				return nil, argumentError("Percentile accuracy must be exclusively between 0 and 1, was %v", a)
			}
			if w <= 0 {
				return nil, argumentError("Percentile weight must be > 0, was %d", w)
			}
			if d == nil {
				d = sketch.NewQDigest(a)
			}
			d.Add(value(row), float64(w))
			return d, nil
		}, nil
	}
}

// quantilesKernel returns the kernel of a function of a digest and an array of shares.
func quantilesKernel[T int64 | float64 | float32](f func(b []byte, shares []float64) ([]T, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowtype.Of(fn.Return.Elem)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			digests, shares := columnOf[[]byte](args[0]), listOf(args[1])
			values := batch.Values[float64](shares.elems)
			valid := validOf(args, rows)
			offsets, out := make([]int32, rows+1), []T{}
			for i := range rows {
				if arrowdata.IsValid(valid, i) {
					lo, hi := shares.at(i)
					for j := lo; j < hi; j++ {
						if arrowdata.IsNull(shares.elems, j) {
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
