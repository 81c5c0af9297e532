package function

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/planner/types"
)

func arithmeticFunctions() []Function {
	list := []Function{
		scalar("$negate(real) -> real", "", unaryPure(func(a float32) float32 { return -a })),
		scalar("$negate(double) -> double", "", unaryPure(func(a float64) float64 { return -a })),
	}
	list = append(list, integerOperators[int8]("tinyint", math.MinInt8)...)
	list = append(list, integerOperators[int16]("smallint", math.MinInt16)...)
	list = append(list, integerOperators[int32]("integer", math.MinInt32)...)
	list = append(list, integerOperators[int64]("bigint", math.MinInt64)...)
	list = append(list, floatOperators[float32]("real")...)
	list = append(list, floatOperators[float64]("double")...)
	return append(list, decimalOperators()...)
}

// integer is the constraint of integer types.
type integer interface{ int8 | int16 | int32 | int64 }

func integerOperators[T integer](name string, lowest T) []Function {
	operator := func(op string, f func(a, b T) (T, error)) Function {
		return scalar(op+"("+name+", "+name+") -> "+name, "", withLoop(integerLoop[T](op), binary(f)))
	}
	return []Function{
		operator(types.OpAdd, func(a, b T) (T, error) {
			c := a + b
			if (a^c)&(b^c) < 0 {
				return 0, rangeError("%s addition overflow: %d + %d", name, a, b)
			}
			return c, nil
		}),
		operator(types.OpSubtract, func(a, b T) (T, error) {
			c := a - b
			if (a^b)&(a^c) < 0 {
				return 0, rangeError("%s subtraction overflow: %d - %d", name, a, b)
			}
			return c, nil
		}),
		operator(types.OpMultiply, func(a, b T) (T, error) {
			c := a * b
			if a != 0 && (c/a != b || a == -1 && b == lowest) {
				return 0, rangeError("%s multiplication overflow: %d * %d", name, a, b)
			}
			return c, nil
		}),
		operator(types.OpDivide, func(a, b T) (T, error) {
			switch {
			case b == 0:
				return 0, errDivisionByZero
			case b == -1 && a == lowest:
				return 0, rangeError("%s division overflow: %d / %d", name, a, b)
			}
			return a / b, nil
		}),
		operator(types.OpModulus, func(a, b T) (T, error) {
			switch b {
			case 0:
				return 0, errDivisionByZero
			case -1:
				return 0, nil
			}
			return a % b, nil
		}),
		scalar(types.OpNegate+"("+name+") -> "+name, "", unary(func(a T) (T, error) {
			if a == lowest {
				return 0, rangeError("%s negation overflow: %d", name, a)
			}
			return -a, nil
		})),
	}
}

func floatOperators[T float32 | float64](name string) []Function {
	operator := func(op string, f func(a, b T) T) Function {
		return scalar(op+"("+name+", "+name+") -> "+name, "", withLoop(floatLoop[T](op), binaryPure(f)))
	}
	return []Function{
		operator(types.OpAdd, func(a, b T) T { return a + b }),
		operator(types.OpSubtract, func(a, b T) T { return a - b }),
		operator(types.OpMultiply, func(a, b T) T { return a * b }),
		operator(types.OpDivide, func(a, b T) T { return a / b }),
		operator(types.OpModulus, func(a, b T) T { return T(floatRemainder(float64(a), float64(b))) }),
	}
}

// loop computes a whole column at once. It returns false if some row, maybe a NULL one, needs the function of
// single values.
type loop[T any] func(x, y column[T], out []T) bool

// withLoop tries a loop, and then the function of single values.
func withLoop[T any](whole loop[T], slow Bind) Bind {
	if whole == nil {
		return slow
	}
	return func(fn *types.Resolved) Kernel {
		dt, slow := arrowOf(fn), slow(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			if allConst(args) {
				return slow(env, args, lambdas, rows)
			}
			out := largepages.Make[T](rows)
			if !whole(columnOf[T](args[0]), columnOf[T](args[1]), out) {
				return slow(env, args, lambdas, rows)
			}
			return batch.Vector{Array: batch.FromValues(dt, out, validOf(args, rows))}, nil
		}
	}
}

// withConstant returns the loop of a commutative operator. columns computes it for two columns, constant for a
// column and a number. Without a mask the processor has half the work.
func withConstant[T integer](columns func(x, y, out []T) bool, constant func(x []T, y T, out []T) bool) loop[T] {
	return func(x, y column[T], out []T) bool {
		switch {
		case y.mask == 0:
			return constant(x.vals, y.vals[0], out)
		case x.mask == 0:
			return constant(y.vals, x.vals[0], out)
		}
		return columns(x.vals, y.vals, out)
	}
}

func addColumns[T integer](x, y, out []T) bool {
	x, y = x[:len(out)], y[:len(out)]
	overflow := T(0)
	for i := range out {
		a, b := x[i], y[i]
		c := a + b
		overflow |= (a ^ c) & (b ^ c)
		out[i] = c
	}
	return overflow >= 0
}

func addConstant[T integer](x []T, b T, out []T) bool {
	x = x[:len(out)]
	overflow := T(0)
	for i := range out {
		a := x[i]
		c := a + b
		overflow |= (a ^ c) & (b ^ c)
		out[i] = c
	}
	return overflow >= 0
}

func multiplyColumns[T integer](x, y, out []T) bool {
	x, y = x[:len(out)], y[:len(out)]
	var left, right T // the bits that any operand has, without signs
	for i := range out {
		a, b := x[i], y[i]
		left |= max(a, ^a)
		right |= max(b, ^b)
		out[i] = a * b
	}
	return isProductWithin(left, right)
}

func multiplyConstant[T integer](x []T, b T, out []T) bool {
	x = x[:len(out)]
	var left T
	for i := range out {
		a := x[i]
		left |= max(a, ^a)
		out[i] = a * b
	}
	return isProductWithin(left, max(b, ^b))
}

// isProductWithin reports whether products of numbers with at most these bits, besides their signs, fit in the
// type.
func isProductWithin[T integer](left, right T) bool {
	const reserved = 2 // one for the sign, one as a negative operand may exceed its bits by one
	return bits.Len64(uint64(left))+bits.Len64(uint64(right)) <= int(8*unsafe.Sizeof(left))-reserved
}

// integerLoop returns the loop of an operator. The loop detects a possible overflow at its end.
func integerLoop[T integer](op string) loop[T] {
	switch op {
	case types.OpAdd:
		return withConstant(addColumns[T], addConstant[T])
	case types.OpSubtract:
		return func(x, y column[T], out []T) bool {
			overflow := T(0)
			for i := range out {
				a, b := x.at(i), y.at(i)
				c := a - b
				overflow |= (a ^ b) & (a ^ c)
				out[i] = c
			}
			return overflow >= 0
		}
	case types.OpMultiply:
		return withConstant(multiplyColumns[T], multiplyConstant[T])
	case types.OpDivide:
		return func(x, y column[T], out []T) bool {
			for i := range out {
				b := y.at(i)
				if b == 0 || b == -1 {
					return false
				}
				out[i] = quotient(x.at(i), b)
			}
			return true
		}
	case types.OpModulus:
		return func(x, y column[T], out []T) bool {
			for i := range out {
				b := y.at(i)
				if b == 0 || b == -1 {
					return false
				}
				out[i] = remainderOf(x.at(i), b)
			}
			return true
		}
	}
	return nil
}

// quotient divides in 32 bits if both numbers fit, which takes a processor half the time.
func quotient[T integer](a, b T) T {
	if uint64(a|b)>>32 == 0 {
		return T(uint32(a) / uint32(b))
	}
	return a / b
}

// remainderOf returns the remainder of quotient.
func remainderOf[T integer](a, b T) T {
	if uint64(a|b)>>32 == 0 {
		return T(uint32(a) % uint32(b))
	}
	return a % b
}

func floatLoop[T float32 | float64](op string) loop[T] {
	var f func(x, y column[T], out []T)
	switch op {
	case types.OpAdd:
		f = func(x, y column[T], out []T) {
			for i := range out {
				out[i] = x.at(i) + y.at(i)
			}
		}
	case types.OpSubtract:
		f = func(x, y column[T], out []T) {
			for i := range out {
				out[i] = x.at(i) - y.at(i)
			}
		}
	case types.OpMultiply:
		f = func(x, y column[T], out []T) {
			for i := range out {
				out[i] = x.at(i) * y.at(i)
			}
		}
	case types.OpDivide:
		f = func(x, y column[T], out []T) {
			for i := range out {
				out[i] = x.at(i) / y.at(i)
			}
		}
	default:
		return nil
	}
	return func(x, y column[T], out []T) bool { f(x, y, out); return true }
}
