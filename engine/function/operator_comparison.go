package function

import (
	"cmp"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func comparisonFunctions() []Function {
	comparison := func(name, need string) Function {
		return scalar(name+"(T, T) -> boolean where T "+need, "", func(fn *types.Resolved) Kernel {
			return comparisonKernel(name, fn.Args[0])
		})
	}
	return []Function{
		comparison(types.OpEqual, "comparable"),
		comparison(types.OpNotEqual, "comparable"),
		comparison(types.OpLess, "orderable"),
		comparison(types.OpLessEqual, "orderable"),
		comparison(types.OpGreater, "orderable"),
		comparison(types.OpGreaterEq, "orderable"),
		scalar(types.OpDistinct+"(T, T) -> boolean where T comparable", "", func(fn *types.Resolved) Kernel {
			return truthKernel(func(x, y batch.Vector) func(i int) batch.Truth {
				same := batch.Sameness(fn.Args[0], x.Array, y.Array)
				return func(i int) batch.Truth { return negate(same(x.At(i), y.At(i))) }
			})
		}, types.NullCalled),
	}
}

// relation is the relation that a comparison tests, after its arguments have been put in order.
type relation uint8

const (
	equal relation = iota
	less
	lessOrEqual
)

// comparisonKernel compares two columns of type t. > and >= are < and <= with the arguments exchanged; <> is =
// negated.
func comparisonKernel(op string, t *types.Type) Kernel {
	rel, swap, not := equal, false, op == types.OpNotEqual
	switch op {
	case types.OpLess, types.OpGreater:
		rel, swap = less, op == types.OpGreater
	case types.OpLessEqual, types.OpGreaterEq:
		rel, swap = lessOrEqual, op == types.OpGreaterEq
	}
	compare := comparisonOf(t)
	if compare == nil {
		return nestedComparison(rel, swap, not, t)
	}
	return func(_ *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		x, y := args[0], args[1]
		if swap {
			x, y = y, x
		}
		bits := compare(rel, x, y, rows)
		if not {
			for i := range bits {
				bits[i] = ^bits[i]
			}
		}
		return batch.Vector{Array: batch.FromBits(bits, rows, validOf(args, rows)), Const: constant}, nil
	}
}

// comparisonOf returns the loop for columns of a type, nil for types that batch.Equality and batch.Ordering
// compare.
func comparisonOf(t *types.Type) func(rel relation, x, y batch.Vector, rows int) []byte {
	if t.IsLong() {
		return nil
	}
	switch t.Kind {
	case types.TinyInt:
		return compareColumns[int8]
	case types.SmallInt:
		return compareColumns[int16]
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return compareColumns[int32]
	case types.BigInt, types.Timestamp, types.Time, types.IntervalDay:
		return compareColumns[int64]
	case types.Real:
		return compareColumns[float32]
	case types.Double:
		return compareColumns[float64]
	case types.Varchar, types.Char, types.JSON, types.Varbinary, types.UUID, types.IPAddress:
		return compareTexts
	case types.TimestampTZ, types.TimeTZ:
		return func(rel relation, x, y batch.Vector, rows int) []byte {
			return compareColumns[int64](rel, structOf(x)[0], structOf(y)[0], rows)
		}
	}
	return nil
}

// compareColumns compares eight rows at a time; their bits are one byte.
func compareColumns[T cmp.Ordered](rel relation, xs, ys batch.Vector, rows int) []byte {
	x, y := columnOf[T](xs).repeated(), columnOf[T](ys).repeated()
	bits := make([]byte, (rows+7)/8)
	whole := rows &^ 7
	switch rel {
	case equal:
		for i := 0; i < whole; i += 8 {
			a, b := x.eight(i), y.eight(i)
			bits[i>>3] = bit(a[0] == b[0]) | bit(a[1] == b[1])<<1 | bit(a[2] == b[2])<<2 | bit(a[3] == b[3])<<3 |
				bit(a[4] == b[4])<<4 | bit(a[5] == b[5])<<5 | bit(a[6] == b[6])<<6 | bit(a[7] == b[7])<<7
		}
		for i := whole; i < rows; i++ {
			bits[i>>3] |= bit(x.at(i) == y.at(i)) << (i & 7)
		}
	case less:
		for i := 0; i < whole; i += 8 {
			a, b := x.eight(i), y.eight(i)
			bits[i>>3] = bit(a[0] < b[0]) | bit(a[1] < b[1])<<1 | bit(a[2] < b[2])<<2 | bit(a[3] < b[3])<<3 |
				bit(a[4] < b[4])<<4 | bit(a[5] < b[5])<<5 | bit(a[6] < b[6])<<6 | bit(a[7] < b[7])<<7
		}
		for i := whole; i < rows; i++ {
			bits[i>>3] |= bit(x.at(i) < y.at(i)) << (i & 7)
		}
	case lessOrEqual:
		for i := 0; i < whole; i += 8 {
			a, b := x.eight(i), y.eight(i)
			bits[i>>3] = bit(a[0] <= b[0]) | bit(a[1] <= b[1])<<1 | bit(a[2] <= b[2])<<2 | bit(a[3] <= b[3])<<3 |
				bit(a[4] <= b[4])<<4 | bit(a[5] <= b[5])<<5 | bit(a[6] <= b[6])<<6 | bit(a[7] <= b[7])<<7
		}
		for i := whole; i < rows; i++ {
			bits[i>>3] |= bit(x.at(i) <= y.at(i)) << (i & 7)
		}
	}
	return bits
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func nestedComparison(rel relation, swap, not bool, t *types.Type) Kernel {
	return truthKernel(func(x, y batch.Vector) func(i int) batch.Truth {
		if swap {
			x, y = y, x
		}
		if rel == equal {
			equal := batch.Equality(t, x.Array, y.Array)
			return func(i int) batch.Truth {
				truth := equal(x.At(i), y.At(i))
				if not {
					return negate(truth)
				}
				return truth
			}
		}
		order := batch.Ordering(t, x.Array, y.Array)
		most := 0 // the greatest comparison result that counts as true
		if rel == less {
			most = -1
		}
		return func(i int) batch.Truth {
			switch {
			case isNull(x, i) || isNull(y, i):
				return batch.Unknown
			case order(x.At(i), y.At(i)) <= most:
				return batch.True
			}
			return batch.False
		}
	})
}

func negate(t batch.Truth) batch.Truth {
	switch t {
	case batch.True:
		return batch.False
	case batch.False:
		return batch.True
	}
	return batch.Unknown
}

// truthKernel returns the kernel of a three-valued function of two columns.
func truthKernel(open func(x, y batch.Vector) func(i int) batch.Truth) Kernel {
	return func(_ *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		truth := open(args[0], args[1])
		bits, valid := make([]byte, (rows+7)/8), arrowdata.FullValidity(rows)
		for i := range rows {
			switch truth(i) {
			case batch.True:
				arrowdata.SetBit(bits, i)
			case batch.Unknown:
				arrowdata.ClearBit(valid, i)
			}
		}
		return batch.Vector{Array: batch.FromBits(bits, rows, valid), Const: constant}, nil
	}
}
