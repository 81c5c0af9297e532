package function

import (
	"math"

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

// integer is the Go type of an integer type.
type integer interface{ int8 | int16 | int32 | int64 }

func integerOperators[T integer](name string, lowest T) []Function {
	operator := func(op string, f func(a, b T) (T, error)) Function {
		return scalar(op+"("+name+", "+name+") -> "+name, "", binary(f))
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
		return scalar(op+"("+name+", "+name+") -> "+name, "", binaryPure(f))
	}
	return []Function{
		operator(types.OpAdd, func(a, b T) T { return a + b }),
		operator(types.OpSubtract, func(a, b T) T { return a - b }),
		operator(types.OpMultiply, func(a, b T) T { return a * b }),
		operator(types.OpDivide, func(a, b T) T { return a / b }),
		operator(types.OpModulus, func(a, b T) T { return T(math.Mod(float64(a), float64(b))) }),
	}
}
