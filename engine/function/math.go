package function

import (
	"math"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// mathFunctions is the family of functions over numbers.
func mathFunctions() []Function {
	list := []Function{
		constantNumber("e", "Returns Euler's number.", math.E),
		constantNumber("pi", "Returns the ratio of a circle's circumference to its diameter.", math.Pi),
		constantNumber("nan", "Returns the double that is not a number.", math.NaN()),
		constantNumber("infinity", "Returns the infinite double.", math.Inf(1)),
		scalar("is_nan(double) -> boolean", "Reports whether a number is NaN.", unaryPure(math.IsNaN)),
		scalar("is_nan(real) -> boolean", "Reports whether a number is NaN.", unaryPure(func(f float32) bool { return f != f })),
		scalar("is_finite(double) -> boolean", "Reports whether a number is neither NaN nor infinite.", unaryPure(func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) })),
		scalar("is_infinite(double) -> boolean", "Reports whether a number is infinite.", unaryPure(func(f float64) bool { return math.IsInf(f, 0) })),
		scalar("atan2(double, double) -> double", "Returns the angle of the point (second, first).", binaryPure(math.Atan2)),
		scalar("log(double, double) -> double", "Returns the logarithm of the second to the base of the first.", binaryPure(func(base, x float64) float64 { return math.Log(x) / math.Log(base) })),
		scalar("pow(double, double) -> double", "Returns the first to the power of the second.", binaryPure(power)),
		scalar("power(double, double) -> double", "Returns the first to the power of the second.", binaryPure(power)),
		scalar("from_base(varchar, bigint) -> bigint", "Reads a number to a base of 2 to 36.", binary(fromBase)),
		scalar("to_base(bigint, bigint) -> varchar(64)", "Returns a number written to a base of 2 to 36.", binary(toBase)),
		scalar("width_bucket(double, double, double, bigint) -> bigint", "Returns the number of the bucket, of n equal ones between two bounds, that holds a number.", quaternary(widthBucket)),
		scalar("width_bucket(double, array(double)) -> bigint", "Returns how many of the bounds in order a number reaches.", bucketOfBounds),
	}
	for _, f := range []struct {
		name, doc string
		of        func(float64) float64
	}{
		{"acos", "Returns the arc cosine.", math.Acos}, {"asin", "Returns the arc sine.", math.Asin}, {"atan", "Returns the arc tangent.", math.Atan},
		{"cos", "Returns the cosine.", math.Cos}, {"cosh", "Returns the hyperbolic cosine.", math.Cosh}, {"sin", "Returns the sine.", math.Sin},
		{"sinh", "Returns the hyperbolic sine.", math.Sinh}, {"tan", "Returns the tangent.", math.Tan}, {"tanh", "Returns the hyperbolic tangent.", math.Tanh},
		{"exp", "Returns Euler's number to a power.", math.Exp}, {"ln", "Returns the natural logarithm.", math.Log},
		{"log2", "Returns the logarithm to the base 2.", func(x float64) float64 { return math.Log(x) / math.Ln2 }},
		{"log10", "Returns the logarithm to the base 10.", math.Log10},
		{"sqrt", "Returns the square root.", math.Sqrt}, {"cbrt", "Returns the cube root.", math.Cbrt},
		{"degrees", "Returns an angle in radians as degrees.", func(x float64) float64 { return x * (180 / math.Pi) }},
		{"radians", "Returns an angle in degrees as radians.", func(x float64) float64 { return x * (math.Pi / 180) }},
	} {
		list = append(list, scalar(f.name+"(double) -> double", f.doc, unaryPure(f.of)))
	}
	return list
}

// power is Java's: unlike C's, 1 to the power of NaN or of an infinity is NaN.
func power(x, y float64) float64 {
	if math.IsNaN(y) || math.IsInf(y, 0) && math.Abs(x) == 1 {
		return math.NaN()
	}
	return math.Pow(x, y)
}

func constantNumber(name, doc string, value float64) Function {
	return scalar(name+"() -> double", doc, nullaryEnv(func(*Env) (float64, error) { return value, nil }))
}

// floatRemainder is math.Mod, with a single division for whole numbers. math.Mod takes a step for each binary digit
// of the quotient.
func floatRemainder(a, b float64) float64 {
	const whole = 1 << 53
	if b != 0 && math.Abs(a) < whole && math.Abs(b) < whole {
		if x, y := int64(a), int64(b); float64(x) == a && float64(y) == b {
			return math.Copysign(float64(x%y), a)
		}
	}
	return math.Mod(a, b)
}

func moduloFunctions() []Function {
	const doc = "Returns the remainder of a division, with the sign of the first number."
	return []Function{
		scalar("mod(tinyint, tinyint) -> tinyint", doc, binary(remainder[int8])),
		scalar("mod(smallint, smallint) -> smallint", doc, binary(remainder[int16])),
		scalar("mod(integer, integer) -> integer", doc, binary(remainder[int32])),
		scalar("mod(bigint, bigint) -> bigint", doc, binary(remainder[int64])),
		scalar("mod(real, real) -> real", doc, binaryPure(func(a, b float32) float32 { return float32(floatRemainder(float64(a), float64(b))) })),
		scalar("mod(double, double) -> double", doc, binaryPure(floatRemainder)),
		scalar("mod(decimal, decimal) -> decimal", doc, bound(decimalRemainder), types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			p, s := remainderType(args[0], args[1])
			return types.DecimalOf(p, s), nil
		})),
	}
}

func remainder[T integer](a, b T) (T, error) {
	switch b {
	case 0:
		return 0, errDivisionByZero
	case -1:
		return 0, nil
	}
	return a % b, nil
}

func checkBase(base int64) error {
	if base < 2 || base > 36 {
		return argumentError("Radix must be between 2 and 36")
	}
	return nil
}

func fromBase(text string, base int64) (int64, error) {
	if err := checkBase(base); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(asciiDigits(text), int(base), 64)
	if err != nil {
		return 0, argumentError("Not a valid base-%d number: %s", base, types.Shortened(text))
	}
	return n, nil
}

func toBase(n, base int64) (string, error) {
	if err := checkBase(base); err != nil {
		return "", err
	}
	return strconv.FormatInt(n, int(base)), nil
}

func widthBucket(x, first, last float64, count int64) (int64, error) {
	switch {
	case count <= 0:
		return 0, argumentError("bucketCount must be greater than 0")
	case math.IsNaN(x):
		return 0, argumentError("operand must not be NaN")
	case math.IsNaN(first) || math.IsInf(first, 0):
		return 0, argumentError("first bound must be finite")
	case math.IsNaN(last) || math.IsInf(last, 0):
		return 0, argumentError("second bound must be finite")
	case first == last:
		return 0, argumentError("bounds cannot equal each other")
	}
	low, high := min(first, last), max(first, last)
	bucket := int64(0)
	switch {
	case x < low:
	case x >= high:
		if count == math.MaxInt64 {
			return 0, rangeError("Bucket for value %v is out of range", x)
		}
		bucket = count + 1
	default:
		bucket = int64(float64(count)*(x-low)/(high-low) + 1)
	}
	if first > last {
		bucket = count - bucket + 1
	}
	return bucket, nil
}

// bucketOfBounds reads NULL among the bounds as 0. Trino computes a call of constants during planning. If that
// fails, it computes the rows from the array as its serialized plan has it, see sentValues.
func bucketOfBounds(fn *types.Resolved) Kernel {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (int64, error) {
		x, l := columnOf[float64](args[0]), listOf(args[1])
		bounds := vectorValues(l)
		if !args[1].Const || l.elems.NullN() == 0 {
			return func(i int) (int64, error) {
				lo, hi := l.at(i)
				return binOf(x.at(i), bounds[lo:hi])
			}
		}
		lo, hi := l.at(0)
		planned, sent := bounds[lo:hi], sentValues(l)
		return func(i int) (int64, error) {
			if args[0].Const {
				if bucket, err := binOf(x.at(i), planned); err == nil {
					return bucket, nil
				}
			}
			return binOf(x.at(i), sent)
		}
	})(fn)
}

// binOf checks only the bins that its search visits.
func binOf(x float64, bins []float64) (int64, error) {
	if len(bins) == 0 {
		return 0, argumentError("Bins cannot be an empty array")
	}
	if math.IsNaN(x) {
		return 0, argumentError("Operand cannot be NaN")
	}
	for from, to := 0, len(bins); ; {
		if from == to {
			return int64(from), nil
		}
		middle := (from + to) / 2
		switch bin := bins[middle]; {
		case bins[from] > bins[to-1]:
			return 0, argumentError("Bin values are not sorted in ascending order")
		case math.IsNaN(bin) || math.IsInf(bin, 0):
			return 0, argumentError("Bin value must be finite, got %s", plainFloat(bin, 64))
		case x < bin:
			to = middle
		default:
			from = middle + 1
		}
	}
}

// decimalUnary adapts a function of a decimal's unscaled value and its type's scale.
func decimalUnary(f func(v decimal128.Num, scale int) decimal128.Num) Bind {
	return bound(func(fn *types.Resolved) Bind {
		scale := fn.Args[0].Scale
		return unaryPure(func(v decimal128.Num) decimal128.Num { return f(v, scale) })
	})
}
