package function

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// textReader reads values from texts. The error is built separately: most invalid texts occur below TRY_CAST, which
// ignores it, and building the message takes much longer than refusing the text.
type textReader[R any] struct {
	read   func(s string) (r R, ok bool)
	refuse func(s string) error
}

// value reads a single text.
func (t textReader[R]) value(s string) (R, error) {
	r, ok := t.read(s)
	if !ok {
		return r, t.refuse(s)
	}
	return r, nil
}

// cast is the caster of the reader.
func (t textReader[R]) cast(try bool) Bind {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (R, error) {
		reader, texts := t, columnOf[string](args[0])
		if try || env.IsHiding() {
			reader.refuse = func(string) error { return errNull }
		}
		return func(i int) (R, error) { return reader.value(texts.at(i)) }
	})
}

// refusal returns the error of texts that a type cannot read.
func refusal(name string) func(s string) error {
	return func(s string) error { return castError("Cannot cast '%s' to %s", s, name) }
}

var booleanReader = textReader[bool]{readBoolean, refusal("BOOLEAN")}

func readBoolean(s string) (value, ok bool) {
	if len(s) > len("false") { // long texts are not booleans, and are not converted to lower case
		return false, false
	}
	switch strings.ToLower(s) {
	case "true", "t", "1":
		return true, true
	case "false", "f", "0":
		return false, true
	}
	return false, false
}

// trimSpaces works as Java's String.trim: Unicode spaces beyond ASCII stay.
func trimSpaces(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// integerReader accepts surrounding spaces, a sign, and the digits of all scripts.
func integerReader[R integer](name string, bits int) textReader[R] {
	return textReader[R]{func(s string) (R, bool) { return readInteger[R](s, bits) }, refusal(name)}
}

func readInteger[R integer](s string, bits int) (R, bool) {
	negative, text := splitSign(trimSpaces(s))
	if text == "" {
		return 0, false
	}
	n, greatest := uint64(0), uint64(1)<<(bits-1) // the magnitude of the least integer; the greatest is one less
	if !negative {
		greatest--
	}
	for text != "" {
		digit, size := uint64(text[0]-'0'), 1
		if digit > 9 {
			var ok bool
			if digit, size, ok = digitBeyondASCII(text); !ok {
				return 0, false
			}
		}
		if n > (greatest-digit)/10 {
			return 0, false
		}
		n, text = 10*n+digit, text[size:]
	}
	if negative {
		n = -n
	}
	return R(n), true
}

// digitBeyondASCII reads a decimal digit of another script at the start of text, which must not be empty.
func digitBeyondASCII(text string) (digit uint64, size int, ok bool) {
	if text[0] < utf8.RuneSelf {
		return 0, 0, false
	}
	r, size := utf8.DecodeRuneInString(text)
	a := asciiDigit(r)
	return uint64(a - '0'), size, a != r
}

// asciiDigits replaces decimal digits of other scripts by ASCII digits.
func asciiDigits(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(asciiDigit, s)
		}
	}
	return s
}

// asciiDigit returns the ASCII digit for a digit of another script, and other runes unchanged. Every range of the
// class consists of runs of ten, starting at zero.
func asciiDigit(r rune) rune {
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
}

// floatReader reads what Java's parser does: NaN and Infinity only in this spelling, hexadecimal with a binary
// exponent, a final d or f.
func floatReader[R float32 | float64](name string, bits int) textReader[R] {
	return textReader[R]{func(s string) (R, bool) {
		f, ok := readFloat(s, bits)
		return R(f), ok
	}, refusal(name)}
}

func readFloat(s string, bits int) (f float64, ok bool) {
	text := trimSpaces(s)
	_, unsigned := splitSign(text)
	switch {
	case unsigned == "NaN":
		return math.NaN(), true
	case unsigned == "Infinity":
	case unsigned == "" || unsigned[0] != '.' && unsigned[0]-'0' > 9:
		return 0, false
	case isHex(unsigned):
		if strings.ContainsRune(text, '_') {
			return 0, false
		}
		if strings.ContainsAny(text, "pP") {
			text = withoutFloatSuffix(text)
		}
	default:
		text = withoutFloatSuffix(text)
		if !mayBeDecimal(text) {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(text, bits)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func isHex(s string) bool { return strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") }

// withoutFloatSuffix removes the final letter that marks a double or float in Java.
func withoutFloatSuffix(text string) string {
	switch text[len(text)-1] {
	case 'd', 'D', 'f', 'F':
		return text[:len(text)-1]
	}
	return text
}

// mayBeDecimal reports whether text has only bytes that decimal numbers have. Most invalid texts fail this quick
// check; the standard library's parser takes much longer to refuse them.
func mayBeDecimal(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case b-'0' <= 9, b == '.', b == '+', b == '-', b == 'e', b == 'E':
		default:
			return false
		}
	}
	return true
}

// decimalReader reads decimals of type to.
func decimalReader(to *types.Type) textReader[decimal128.Num] {
	return textReader[decimal128.Num]{
		func(s string) (decimal128.Num, bool) { return readDecimal(s, to) },
		func(s string) error {
			reason := "Value too large."
			if _, _, ok := parseNumber(asciiDigits(s)); !ok {
				reason = "Value is not a number."
			}
			return castError("Cannot cast VARCHAR '%s' to DECIMAL(%d, %d). %s", s, to.Precision, to.Scale, reason)
		},
	}
}

func readDecimal(s string, to *types.Type) (d decimal128.Num, ok bool) {
	if unscaled, scale, ok := shortNumber(s); ok {
		return intoDecimal(decimal128.FromI64(unscaled), scale, to)
	}
	unscaled, scale, ok := parseNumber(asciiDigits(s))
	if !ok {
		return d, false
	}
	return bigIntoDecimal(unscaled, scale, to)
}

const (
	// maxExponent limits the power of ten in a text: beyond it a number is zero or out of range for every type.
	maxExponent = 1000
	// maxDigits limits the work for a text; a longer one is not read as a number.
	maxDigits = 4000
)

// parseNumber reads [sign]digits[.digits][e[sign]digits] as unscaled·10^-scale,
// without surrounding spaces.
func parseNumber(text string) (unscaled *big.Int, scale int, ok bool) {
	mantissa, exponent := text, 0
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		if _, digits := splitSign(text[e+1:]); digits == "" || !isDigits(digits) {
			return nil, 0, false
		}
		n, _ := strconv.Atoi(text[e+1:]) // beyond the range of int it is the nearest one
		mantissa, exponent = text[:e], min(max(n, -maxExponent), maxExponent)
	}
	negative, mantissa := splitSign(mantissa)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if digits := len(whole) + len(fraction); digits == 0 || digits > maxDigits || !isDigits(whole) || !isDigits(fraction) {
		return nil, 0, false
	}
	unscaled, ok = new(big.Int).SetString(whole+fraction, 10)
	if negative {
		unscaled.Neg(unscaled)
	}
	return unscaled, len(fraction) - exponent, ok
}

// splitSign splits the sign, if any, from a number.
func splitSign(text string) (negative bool, rest string) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		return text[0] == '-', text[1:]
	}
	return false, text
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// shortNumber is parseNumber for texts without an exponent and with at most maxShortDigits digits.
func shortNumber(text string) (unscaled int64, scale int, ok bool) {
	negative, text := splitSign(text)
	digits := 0
	for i := range len(text) {
		switch b := text[i]; {
		case b-'0' <= 9 && digits < maxShortDigits:
			unscaled = 10*unscaled + int64(b-'0')
			digits++
		case b == '.' && digits == i: // the first one
			scale = len(text) - i - 1
		default:
			return 0, 0, false
		}
	}
	if negative {
		unscaled = -unscaled
	}
	return unscaled, scale, digits > 0
}
