package function

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaformat"
	"github.com/auditlake/auditlake/planner/types"
)

// castToVarchar truncates texts to the length. All other values must fit.
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
		return castingText(to, fit, 8, appendInteger[int8]), true
	case types.SmallInt:
		return castingText(to, fit, 8, appendInteger[int16]), true
	case types.Integer:
		return castingText(to, fit, 8, appendInteger[int32]), true
	case types.BigInt:
		return castingText(to, fit, 8, appendInteger[int64]), true
	case types.Real:
		return castingText(to, fit, 16, func(dst []byte, f float32) []byte { return appendScientific(dst, float64(f), 32) }), true
	case types.Double:
		return castingText(to, fit, 24, func(dst []byte, f float64) []byte { return appendScientific(dst, f, 64) }), true
	case types.Decimal:
		return castingText(to, fit, 16, func(dst []byte, d decimal128.Num) []byte { return appendDecimal(dst, d, from.Scale) }), true
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

// castingText returns a caster that appends the text of a value; bytes is the expected length of a text.
func castingText[A any](to *types.Type, fit func(string) (string, error), bytes int, appendText func(dst []byte, a A) []byte) caster {
	if to.Length != types.Unbounded {
		return casting(func(a A) (string, error) { return fit(string(appendText(nil, a))) })
	}
	return func(bool) Bind {
		return appendBind(eachTakes(bytes), func(args []batch.Vector) func([]byte, int) []byte {
			values := columnOf[A](args[0])
			return func(dst []byte, i int) []byte { return appendText(dst, values.at(i)) }
		})
	}
}

func appendInteger[T integer](dst []byte, n T) []byte { return strconv.AppendInt(dst, int64(n), 10) }

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

// toChar truncates or pads text to n code points.
func toChar(s string, n int) string {
	s = truncate(s, n)
	if missing := n - int(codePoints(s)); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}

// appendScientific appends a real or double as a cast to varchar shows it, always with an exponent: 1.0E2. Reals
// keep seven digits of their shortest text.
func appendScientific(dst []byte, f float64, bits int) []byte {
	if f != f || math.IsInf(f, 0) {
		return arrowtype.AppendDouble(dst, f, bits)
	}
	if math.Signbit(f) {
		dst = append(dst, '-')
	}
	if f == 0 {
		return append(dst, "0E0"...)
	}
	var room [24]byte
	digits, exponent := room[:0], 0
	if bits == 64 {
		digits, exponent = javaformat.DoubleDigits(digits, math.Abs(f))
	} else {
		digits, exponent = appendRealDigits(digits, math.Abs(f))
	}
	digits = bytes.TrimRight(digits, "0")
	dst = append(dst, digits[0], '.')
	if len(digits) == 1 {
		dst = append(dst, '0')
	}
	dst = append(append(dst, digits[1:]...), 'E')
	return strconv.AppendInt(dst, int64(exponent), 10)
}

// appendRealDigits appends the digits of a positive real, and returns the power of ten of the first.
func appendRealDigits(dst []byte, f float64) (digits []byte, exponent int) {
	const kept = 7
	asDouble, _ := strconv.ParseFloat(arrowtype.FormatShortest(f, 32), 64)
	if asDouble == math.Trunc(asDouble) && asDouble < 1<<63 { // halves of whole numbers go up, others to even
		asDouble = math.Nextafter(asDouble, math.MaxFloat64)
	}
	var room [24]byte
	text := strconv.AppendFloat(room[:0], asDouble, 'e', kept-1, 64)
	exponent, _ = strconv.Atoi(string(text[len("1.234567e"):]))
	return append(append(dst, text[0]), text[len("1."):len("1.234567")]...), exponent
}

// plainFloat returns a real or double as Java prints it.
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
