package function

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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
			v, err := valueFromJSON(s, types.VarcharType)
			if err != nil || v.IsNull() {
				return "", nullOr(err)
			}
			return fit(v.V.(string))
		}), true
	case types.IPAddress, types.UUID:
		if to.Length != types.Unbounded {
			return nil, false
		}
		return bytesToVarchar(from.Kind), true
	}
	return temporalToVarchar(from, to, fit)
}

func nullOr(err error) error {
	if err == nil {
		return errNull
	}
	return err
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
		return casting(parseBoolean), true
	case types.TinyInt:
		return casting(parseInteger[int8]("TINYINT", 8)), true
	case types.SmallInt:
		return casting(parseInteger[int16]("SMALLINT", 16)), true
	case types.Integer:
		return casting(parseInteger[int32]("INT", 32)), true
	case types.BigInt:
		return casting(parseInteger[int64]("BIGINT", 64)), true
	case types.Real:
		return casting(func(s string) (float32, error) { f, err := parseFloat(s, "REAL", 32); return float32(f), err }), true
	case types.Double:
		return casting(func(s string) (float64, error) { return parseFloat(s, "DOUBLE", 64) }), true
	case types.Decimal:
		return casting(func(s string) (decimal128.Num, error) { return parseDecimal(s, to) }), true
	case types.UUID, types.IPAddress:
		return parseBytes(to.Kind), true
	}
	return parseTemporal(to)
}

func parseBoolean(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "t", "1":
		return true, nil
	case "false", "f", "0":
		return false, nil
	}
	return false, castError("Cannot cast '%s' to BOOLEAN", s)
}

// trimSpaces does as Java's String.trim: spaces of Unicode beyond ASCII stay.
func trimSpaces(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

// parseInteger allows spaces around, a sign, and the digits of all scripts.
func parseInteger[R integer](name string, bits int) func(s string) (R, error) {
	return func(s string) (R, error) {
		n, err := strconv.ParseInt(trimSpaces(s), 10, bits)
		if err != nil {
			n, err = strconv.ParseInt(asciiDigits(trimSpaces(s)), 10, bits)
		}
		if err != nil {
			return 0, castError("Cannot cast '%s' to %s", s, name)
		}
		return R(n), nil
	}
}

// asciiDigits replaces decimal digits of other scripts. Every range of the
// class holds runs of ten, from zero on.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		for _, g := range unicode.Nd.R16 {
			if r >= rune(g.Lo) && r <= rune(g.Hi) {
				return '0' + (r-rune(g.Lo))%10
			}
		}
		for _, g := range unicode.Nd.R32 {
			if r >= rune(g.Lo) && r <= rune(g.Hi) {
				return '0' + (r-rune(g.Lo))%10
			}
		}
		return r
	}, s)
}

// parseFloat reads what Java's parser does: NaN and Infinity in this spelling
// only, hexadecimal with a binary exponent, a d or f behind.
func parseFloat(s, name string, bits int) (float64, error) {
	text := trimSpaces(s)
	invalid := func() error { return castError("Cannot cast '%s' to %s", s, name) }
	unsigned := strings.TrimPrefix(strings.TrimPrefix(text, "-"), "+")
	switch {
	case unsigned == "NaN":
		return math.NaN(), nil
	case unsigned == "Infinity":
	case unsigned == "" || unsigned[0] != '.' && (unsigned[0] < '0' || unsigned[0] > '9') || strings.ContainsRune(text, '_'):
		return 0, invalid()
	case len(unsigned) > 1 && strings.ContainsRune("dDfF", rune(text[len(text)-1])) && (!isHex(unsigned) || strings.ContainsAny(text, "pP")):
		text = text[:len(text)-1]
	}
	f, err := strconv.ParseFloat(text, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, invalid()
	}
	return f, nil
}

func isHex(s string) bool { return strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") }

func parseDecimal(s string, to *types.Type) (decimal128.Num, error) {
	unscaled, scale, ok := parseNumber(asciiDigits(s))
	if !ok {
		return decimal128.Num{}, castError("Cannot cast VARCHAR '%s' to DECIMAL(%d, %d). Value is not a number.", s, to.Precision, to.Scale)
	}
	d, err := bigToDecimal(unscaled, scale, to, func() string { return "VARCHAR '" + s + "'" })
	if err != nil {
		return d, castError("Cannot cast VARCHAR '%s' to DECIMAL(%d, %d). Value too large.", s, to.Precision, to.Scale)
	}
	return d, nil
}
