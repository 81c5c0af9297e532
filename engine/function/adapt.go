package function

import (
	"errors"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// Families write functions of single values; the adapters here turn them into kernels. A is the Go type of an
// argument, R of the result:
//
//	boolean                             bool
//	tinyint…bigint                      int8…int64
//	interval day to second, timestamp,
//	time                                int64 (unit: arrowtype.UnitsPerSecond)
//	date, interval year to month        int32
//	real, double                        float32, float64
//	decimal                             decimal128.Num
//	varchar, char, json                 string
//	varbinary, uuid, ipaddress, …       string or []byte
//	… with time zone                    zoned
//	long timestamps, … with time zone   long, longZoned
//
// Strings and bytes are views of the column: a function must not change them, and must copy them to keep them. The
// functions get no NULL, and return errNull to make one. They must be safe for concurrent use.

// errNull is what a function returns for a NULL result.
var errNull = errors.New("null")

// zoned is a value with time zone: the UTC instant in the type's unit.
type zoned struct {
	instant int64
	zone    arrowtype.Zone
}

// unary adapts a function of one argument.
func unary[A, R any](f func(A) (R, error)) Bind {
	return unaryEnv(func(_ *Env, a A) (R, error) { return f(a) })
}

// unaryPure adapts a function that never fails.
func unaryPure[A, R any](f func(A) R) Bind {
	return pureBind(func(args []batch.Vector) func(out []R, first int) {
		a := columnOf[A](args[0])
		return func(out []R, first int) {
			for i := range out {
				out[i] = f(a.at(first + i))
			}
		}
	})
}

// unaryEnv adapts a function of one argument and the statement.
func unaryEnv[A, R any](f func(*Env, A) (R, error)) Bind {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (R, error) {
		a := columnOf[A](args[0])
		return func(i int) (R, error) { return f(env, a.at(i)) }
	})
}

// binary adapts a function of two arguments.
func binary[A, B, R any](f func(A, B) (R, error)) Bind {
	return binaryEnv(func(_ *Env, a A, b B) (R, error) { return f(a, b) })
}

// binaryPure adapts a function that never fails.
func binaryPure[A, B, R any](f func(A, B) R) Bind {
	return pureBind(func(args []batch.Vector) func(out []R, first int) {
		a, b := columnOf[A](args[0]), columnOf[B](args[1])
		return func(out []R, first int) {
			for i := range out {
				out[i] = f(a.at(first+i), b.at(first+i))
			}
		}
	})
}

// binaryEnv adapts a function of two arguments and the statement.
func binaryEnv[A, B, R any](f func(*Env, A, B) (R, error)) Bind {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (R, error) {
		a, b := columnOf[A](args[0]), columnOf[B](args[1])
		return func(i int) (R, error) { return f(env, a.at(i), b.at(i)) }
	})
}

// ternary adapts a function of three arguments.
func ternary[A, B, C, R any](f func(A, B, C) (R, error)) Bind {
	return ternaryEnv(func(_ *Env, a A, b B, c C) (R, error) { return f(a, b, c) })
}

// ternaryEnv adapts a function of three arguments and the statement.
func ternaryEnv[A, B, C, R any](f func(*Env, A, B, C) (R, error)) Bind {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (R, error) {
		a, b, c := columnOf[A](args[0]), columnOf[B](args[1]), columnOf[C](args[2])
		return func(i int) (R, error) { return f(env, a.at(i), b.at(i), c.at(i)) }
	})
}

// quaternary adapts a function of four arguments.
func quaternary[A, B, C, D, R any](f func(A, B, C, D) (R, error)) Bind {
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (R, error) {
		a, b, c, d := columnOf[A](args[0]), columnOf[B](args[1]), columnOf[C](args[2]), columnOf[D](args[3])
		return func(i int) (R, error) { return f(a.at(i), b.at(i), c.at(i), d.at(i)) }
	})
}

// bound returns an adapter that depends on the bound types (units, lengths).
func bound(choose func(fn *types.Resolved) Bind) Bind {
	return func(fn *types.Resolved) Kernel { return choose(fn)(fn) }
}

// rowBind adapts a function of a row number, which open makes from the arguments. It suits arguments that columnOf
// cannot read, such as arrays and maps (see listOf, mapOf, structOf).
func rowBind[R any](open func(env *Env, args []batch.Vector) func(i int) (R, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowtype.Of(fn.Return)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			return mapRows(env, dt, args, rows, open(env, args))
		}
	}
}

// pureBind adapts a function that never fails. open returns a function that fills out for the rows from first on.
// None of these rows has a NULL argument.
func pureBind[R any](open func(args []batch.Vector) func(out []R, first int)) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowtype.Of(fn.Return)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			fill := open(args)
			var one [1]R
			if validOf(args, rows) != nil || allConst(args) || textsOf(one[:]) != nil {
				return mapRows(env, dt, args, rows, func(i int) (R, error) {
					fill(one[:], i)
					return one[0], nil
				})
			}
			meter := meterOf(env)
			if err := meter.Grow(int64(rows) * sizeOf[R]()); err != nil {
				return batch.Vector{}, err
			}
			done, err := env.transiently(scratchBytes(args))
			if err != nil {
				return batch.Vector{}, err
			}
			defer done()
			out := make([]R, rows)
			every := rowsBetweenLooks(args)
			for first := 0; first < rows; first += every {
				if err := meter.Stopped(); err != nil {
					return batch.Vector{}, err
				}
				fill(out[first:min(first+every, rows)], first)
			}
			a, err := arrayOf(dt, out, nil, env.inTurn)
			return batch.Vector{Array: a}, err
		}
	}
}

// mapRows computes a result of type dt for each row without a NULL argument. It accounts texts as it makes them,
// and checks whether the statement has ended.
func mapRows[R any](env *Env, dt arrow.DataType, args []batch.Vector, rows int, f func(i int) (R, error)) (batch.Vector, error) {
	rows, constant := rowsToCompute(args, rows)
	valid := validOf(args, rows)
	meter := meterOf(env)
	if err := meter.Grow(int64(rows) * sizeOf[R]()); err != nil {
		return batch.Vector{}, err
	}
	out := make([]R, rows)
	texts := textsOf(out)
	done, err := env.transiently(scratchBytes(args))
	if err != nil {
		return batch.Vector{}, err
	}
	defer done()
	before := meter.Used()
	owned := false // valid may be shared with an argument
	every := rowsBetweenLooks(args)
	for i := range out {
		if i%every == 0 {
			if err := meter.Stopped(); err != nil {
				return batch.Vector{}, err
			}
		}
		if valid != nil && !arrowdata.IsValid(valid, i) {
			continue
		}
		r, err := f(i)
		if err != nil && env.isNull(err) {
			if !owned {
				valid, owned = ownValidity(valid, rows), true
			}
			arrowdata.ClearBit(valid, i)
			continue
		}
		if err != nil {
			return batch.Vector{}, err
		}
		out[i] = r
		if texts != nil {
			if err := meter.Grow(int64(len(texts[i]))); err != nil {
				return batch.Vector{}, err
			}
		}
	}
	if err := meter.Grow(meter.Used() - before); err != nil { // for the array, a copy of the texts
		return batch.Vector{}, err
	}
	a, err := arrayOf(dt, out, valid, env.inTurn)
	return batch.Vector{Array: a, Const: constant}, err
}

// rowsBetweenLooks returns how many rows a kernel computes between two checks whether the statement has ended. A
// single long text, list or pattern may take a function long; numbers, times and short texts do not.
func rowsBetweenLooks(args []batch.Vector) int {
	const ofNumbers, ofShortValues, shortBytes, shortConstantBytes = 256, 16, 256, 1 << 10
	every := ofNumbers
	for _, a := range args {
		if a.Array == nil {
			return 1
		}
		bytes := batch.ArrayBytes(a.Array)
		_, isZoned := batch.Instants(a.Array)
		switch {
		case isZoned || arrow.IsPrimitive(a.Array.DataType().ID()) || a.Const && bytes < shortConstantBytes:
		case bytes < shortBytes*int64(a.Array.Len()):
			every = ofShortValues
		default:
			return 1
		}
	}
	return every
}

// A function of long texts may allocate several times their length before the adapter sees the result.
const (
	longTextBytes = 1 << 20
	scratchFactor = 4
)

// scratchBytes estimates the memory that a function needs for its longest argument.
func scratchBytes(args []batch.Vector) int64 {
	longest := int64(0)
	for _, a := range args {
		if a.Array == nil || batch.ArrayBytes(a.Array) < longTextBytes {
			continue
		}
		length := batch.ValueBytes(a.Array)
		for i := range a.Array.Len() {
			longest = max(longest, length(i))
		}
	}
	if longest < longTextBytes {
		return 0
	}
	return scratchFactor * longest
}

// textsOf returns results that are texts as []string, nil for others.
func textsOf[R any](out []R) []string {
	texts, _ := any(out).([]string)
	return texts
}

func ownValidity(valid []byte, rows int) []byte {
	if valid == nil {
		return arrowdata.FullValidity(rows)
	}
	return append([]byte(nil), valid[:(rows+7)/8]...)
}

// rowsToCompute returns for how many rows a kernel computes its result. If all arguments are constant, that is one,
// and the result is constant too.
func rowsToCompute(args []batch.Vector, rows int) (n int, constant bool) {
	if allConst(args) {
		return 1, true
	}
	return rows, false
}

// allConst reports whether a kernel should return a Const. Lambdas have no vector.
func allConst(args []batch.Vector) bool {
	for _, a := range args {
		if a.Array != nil && !a.Const {
			return false
		}
	}
	return len(args) > 0
}

// validOf marks the rows in which no argument is NULL, nil for all. The result may share the memory of an argument.
func validOf(args []batch.Vector, rows int) []byte {
	var valid []byte
	for _, a := range args {
		switch {
		case a.Array == nil:
		case a.Const:
			if arrowdata.IsNull(a.Array, 0) {
				return make([]byte, (rows+7)/8)
			}
		default:
			valid = arrowdata.And(valid, arrowdata.Validity(a.Array), rows)
		}
	}
	return valid
}

// isNull reports whether v is NULL in a row.
func isNull(v batch.Vector, row int) bool { return arrowdata.IsNull(v.Array, v.At(row)) }

// argumentError is the error of a call with a bad argument.
func argumentError(format string, args ...any) error {
	return types.ArgumentError(format, args...)
}

// rangeError is the error of a result beyond its type.
func rangeError(format string, args ...any) error {
	return types.Errorf(types.NumericValueOutOfRange, types.Pos{}, format, args...)
}

// castError is the error of a value that does not convert.
func castError(format string, args ...any) error {
	return types.Errorf(types.InvalidCastArgument, types.Pos{}, format, args...)
}

var errDivisionByZero = types.Errorf(types.DivisionByZero, types.Pos{}, "Division by zero")
