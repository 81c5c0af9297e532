package function

import (
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function/internal/javaformat"
	"github.com/auditlake/auditlake/planner/types"
)

// castToVarchar: text is cut to the length, all other values must fit.
func castToVarchar(from, to *types.Type) (caster, bool) {
	fit := func(text string) (string, error) {
		if to.Length != types.Unbounded && codePoints(text) > int64(to.Length) {
			return "", castError("Value %s cannot be represented as varchar(%d)", text, to.Length)
		}
		return text, nil
	}
	switch from.Kind {
	case types.Varchar, types.Char:
		return castingPure(func(s string) string { return truncate(s, to.Length) }), true
	case types.Boolean:
		return casting(func(b bool) (string, error) { return fit(strconv.FormatBool(b)) }), true
	case types.TinyInt:
		return casting(func(n int8) (string, error) { return fit(strconv.Itoa(int(n))) }), true
	case types.SmallInt:
		return casting(func(n int16) (string, error) { return fit(strconv.Itoa(int(n))) }), true
	case types.Integer:
		return casting(func(n int32) (string, error) { return fit(strconv.Itoa(int(n))) }), true
	case types.BigInt:
		return casting(func(n int64) (string, error) { return fit(strconv.FormatInt(n, 10)) }), true
	case types.Real:
		return casting(func(f float32) (string, error) { return fit(scientific(float64(f), 32)) }), true
	case types.Double:
		return casting(func(f float64) (string, error) { return fit(scientific(f, 64)) }), true
	case types.Decimal:
		return casting(func(d decimal128.Num) (string, error) { return fit(formatDecimal(d, from.Scale)) }), true
	case types.JSON:
		return casting(func(s string) (string, error) {
			text, err := varcharFromJSON(s)
			if err != nil {
				return "", err
			}
			return fit(text)
		}), true
	case types.IPAddress, types.UUID:
		if to.Length != types.Unbounded {
			return nil, false
		}
		return bytesToVarchar(from.Kind), true
	}
	return temporalToVarchar(from, to, fit)
}

// truncate keeps the first n code points; types.Unbounded keeps all.
func truncate(s string, n int) string {
	if n == types.Unbounded || len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// toChar cuts or pads text to n code points.
func toChar(s string, n int) string {
	s = truncate(s, n)
	if missing := n - int(codePoints(s)); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}

// scientific is a real or double as a cast to varchar shows it, always with an
// exponent: 1.0E2. Reals keep seven digits of their shortest text.
func scientific(f float64, bits int) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 0):
		return plainFloat(f, bits)
	case f == 0 && math.Signbit(f):
		return "-0E0"
	case f == 0:
		return "0E0"
	}
	if bits == 64 {
		digits, exponent := javaformat.DoubleDigits(math.Abs(f))
		mantissa := trimFraction(string(digits[:1]) + "." + string(digits[1:]))
		return signOf(f) + mantissa + "E" + strconv.Itoa(exponent)
	}
	asDouble, _ := strconv.ParseFloat(arrowtype.FormatShortest(f, bits), 64)
	if asDouble == math.Trunc(asDouble) && math.Abs(asDouble) < 1<<63 { // halves of whole numbers go up, others to even
		asDouble = math.Nextafter(asDouble, math.Copysign(math.MaxFloat64, f))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(asDouble, 'e', 6, 64), "e")
	n, _ := strconv.Atoi(exponent)
	return trimFraction(mantissa) + "E" + strconv.Itoa(n)
}

func signOf(f float64) string {
	if f < 0 {
		return "-"
	}
	return ""
}

// trimFraction leaves one fraction digit at least and no zeros behind it.
func trimFraction(mantissa string) string {
	if !strings.Contains(mantissa, ".") {
		return mantissa + ".0"
	}
	mantissa = strings.TrimRight(mantissa, "0")
	if strings.HasSuffix(mantissa, ".") {
		mantissa += "0"
	}
	return mantissa
}

// plainFloat is a real or double as Java prints it.
func plainFloat(f float64, bits int) string { return string(arrowtype.AppendDouble(nil, f, bits)) }

func castVarchar(to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Char:
		return castingPure(func(s string) string { return toChar(s, to.Length) }), true
	case types.Varbinary:
		return castingPure(func(s string) string { return s }), true
	case types.Boolean:
		return booleanReader.cast, true
	case types.TinyInt:
		return integerReader[int8]("TINYINT", 8).cast, true
	case types.SmallInt:
		return integerReader[int16]("SMALLINT", 16).cast, true
	case types.Integer:
		return integerReader[int32]("INT", 32).cast, true
	case types.BigInt:
		return integerReader[int64]("BIGINT", 64).cast, true
	case types.Real:
		return floatReader[float32]("REAL", 32).cast, true
	case types.Double:
		return floatReader[float64]("DOUBLE", 64).cast, true
	case types.Decimal:
		return decimalReader(to).cast, true
	case types.UUID, types.IPAddress:
		return parseBytes(to.Kind), true
	}
	return parseTemporal(to)
}
