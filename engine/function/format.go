package function

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// formatFunctions is format(), which follows Java's Formatter.
func formatFunctions() []Function {
	return []Function{
		scalar("format(varchar, _...) -> varchar", "the arguments put into a text at its %s, %d, %.2f and the like", formatValues,
			types.NullCalled, types.ReturnOf(formattable)),
	}
}

// formattable refuses arguments that have no format.
func formattable(args []*types.Type) (*types.Type, error) {
	for _, t := range args[1:] {
		switch t.Kind {
		case types.Array, types.Map, types.Row, types.Varbinary, types.HyperLogLog, types.P4HyperLogLog,
			types.QDigest, types.TDigest, types.SetDigest:
			return nil, types.Errorf(types.NotSupported, types.Pos{}, "Type not supported for formatting: %s", t)
		}
	}
	return types.VarcharType, nil
}

func formatValues(fn *types.Resolved) Kernel {
	compile := memo(parseFormat)
	dt := arrowOf(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		constant := allConst(args)
		if constant {
			rows = 1
		}
		readers := make([]func(i int) formatArg, len(args)-1)
		for a := range readers {
			var err error
			if readers[a], err = formatReader(env, fn.Args[a+1], args[a+1]); err != nil {
				return batch.Vector{}, err
			}
		}
		pattern := columnOf[string](args[0])
		valid := validOf(args[:1], rows)
		out, values := make([]string, rows), make([]formatArg, len(readers))
		for i := range out {
			if err := meterOf(env).Stopped(); err != nil {
				return batch.Vector{}, err
			}
			if !batch.IsValid(valid, i) {
				continue
			}
			items, err := compile(pattern.at(i))
			if err != nil {
				return batch.Vector{}, err
			}
			for a, read := range readers {
				values[a] = read(i)
			}
			text, err := appendFormat(env, nil, items, values)
			if err != nil {
				if EndsStatement(err) && !errors.As(err, new(formatError)) {
					return batch.Vector{}, err
				}
				return batch.Vector{}, argumentError("Invalid format string: %s (%v)", types.Shortened(pattern.at(i)), err)
			}
			out[i] = string(text)
			if err := meterOf(env).Grow(2 * int64(len(text))); err != nil {
				return batch.Vector{}, err
			}
		}
		a, err := batch.FromStrings(dt, out, valid)
		return batch.Vector{Array: a, Const: constant}, err
	}
}

const javaDecimal = "java.math.BigDecimal"

// formatArg is an argument as the formatter sees it.
type formatArg struct {
	class  byte   // 0: NULL, 'd' integer, 'f' number with a fraction, 'b' boolean, 't' date or time, 's' other
	java   string // the class's name in messages
	text   string // what %s shows
	number int64
	digits decimalDigits // class f, finite
	finite bool
	double float64    // class f of real and double
	local  formatTime // class t
}

// formatReader reads the values of an argument.
func formatReader(env *Env, t *types.Type, v batch.Vector) (func(i int) formatArg, error) {
	read, err := openFormatArg(env, t, v)
	return func(i int) formatArg {
		if isNull(v, i) {
			return formatArg{text: "null"}
		}
		return read(i)
	}, err
}

func openFormatArg(env *Env, t *types.Type, v batch.Vector) (func(i int) formatArg, error) {
	switch t.Kind {
	case types.Unknown:
		return nil, nil
	case types.Boolean:
		c := columnOf[bool](v)
		return func(i int) formatArg {
			return formatArg{class: 'b', java: "java.lang.Boolean", text: strconv.FormatBool(c.at(i))}
		}, nil
	case types.TinyInt:
		return formatInteger(columnOf[int8](v)), nil
	case types.SmallInt:
		return formatInteger(columnOf[int16](v)), nil
	case types.Integer:
		return formatInteger(columnOf[int32](v)), nil
	case types.BigInt:
		return formatInteger(columnOf[int64](v)), nil
	case types.Real:
		c := columnOf[float32](v)
		return func(i int) formatArg {
			a := formatFloat(float64(c.at(i)), 64, "java.lang.Float") // %f shows the digits of a double
			a.text = string(arrowtype.AppendDouble(nil, float64(c.at(i)), 32))
			return a
		}, nil
	case types.Double:
		c := columnOf[float64](v)
		return func(i int) formatArg { return formatFloat(c.at(i), 64, "java.lang.Double") }, nil
	case types.Decimal:
		c := columnOf[decimal128.Num](v)
		return func(i int) formatArg {
			n := c.at(i)
			return formatArg{class: 'f', java: javaDecimal, text: n.ToString(int32(t.Scale)), finite: true,
				digits: decimalDigits{n.BigInt(), t.Scale}}
		}, nil
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return formatTimes(t, v), nil
	}
	texts := v
	if t.Kind != types.Varchar && t.Kind != types.Char && t.Kind != types.JSON {
		toText, ok := castKernel(t, types.VarcharType, false)
		if !ok {
			return nil, types.Errorf(types.NotSupported, types.Pos{}, "Type not supported for formatting: %s", t)
		}
		var err error
		if texts, err = toText(env, []batch.Vector{v}, []Lambda{nil}, v.Array.Len()); err != nil {
			return nil, err
		}
	}
	c := columnOf[string](texts)
	return func(i int) formatArg { return formatArg{class: 's', java: "java.lang.String", text: c.at(i)} }, nil
}

func formatInteger[T int8 | int16 | int32 | int64](c column[T]) func(i int) formatArg {
	return func(i int) formatArg {
		n := int64(c.at(i))
		return formatArg{class: 'd', java: "java.lang.Long", text: strconv.FormatInt(n, 10), number: n}
	}
}

func formatFloat(f float64, bits int, java string) formatArg {
	digits, finite := floatDigits(f, bits)
	return formatArg{class: 'f', java: java, text: string(arrowtype.AppendDouble(nil, f, bits)), digits: digits, finite: finite, double: f}
}

// formatError is what Java calls the problem of a format.
type formatError string

func (e formatError) Error() string { return string(e) }

func appendFormat(env *Env, out []byte, items []formatItem, args []formatArg) ([]byte, error) {
	next, last := 0, -1
	for _, item := range items {
		switch item.conversion {
		case 0:
			out = append(out, item.literal...)
			continue
		case 'n':
			out = append(out, '\n')
			continue
		case '%':
			out = item.pad(out, "%")
			continue
		}
		switch {
		case item.index > 0:
			last = item.index - 1
		case item.index == 0:
			last = next
			next++
		}
		if last < 0 || last >= len(args) {
			return nil, formatError("MissingFormatArgument: Format specifier '" + item.literal + "'")
		}
		text, err := item.format(args[last])
		if err != nil {
			return nil, err
		}
		if item.conversion >= 'A' && item.conversion <= 'Z' {
			text = strings.ToUpper(text)
		}
		out = item.pad(out, text)
		if err := env.checkLength(int64(len(out))); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pad fills text up to the item's width.
func (f formatItem) pad(out []byte, text string) []byte {
	missing := max(0, f.width-javaLength(text))
	if f.has('-') {
		return append(append(out, text...), strings.Repeat(" ", missing)...)
	}
	return append(append(out, strings.Repeat(" ", missing)...), text...)
}

func (f formatItem) format(a formatArg) (string, error) {
	bad := formatError("IllegalFormatConversion: " + string(f.conversion) + " != " + a.java)
	switch f.conversion {
	case 's', 'S':
		if f.has('#') {
			return "", formatError("FormatFlagsConversionMismatch: Conversion = s, Flags = #")
		}
		return cutText(a.text, f.precision), nil
	case 'b', 'B':
		text := "true"
		if a.class == 0 || a.class == 'b' && a.text == "false" {
			text = "false"
		}
		return cutText(text, f.precision), nil
	}
	if a.class == 0 {
		return cutText("null", f.precision), nil
	}
	switch f.conversion {
	case 'h', 'H':
		hash, ok := a.hash()
		if !ok {
			return "", bad
		}
		return cutText(strconv.FormatUint(uint64(hash), 16), f.precision), nil
	case 'd', 'x', 'X', 'o':
		if a.class != 'd' || f.conversion != 'd' && (f.has('(') || f.has(' ') || f.has('+')) {
			return "", bad
		}
		return f.integer(a.number), nil
	case 'e', 'E', 'f', 'g', 'G', 'a', 'A':
		if a.class != 'f' || (f.conversion == 'a' || f.conversion == 'A') && a.java == javaDecimal {
			return "", bad
		}
		return f.real(a), nil
	case 't', 'T':
		switch a.class {
		case 't':
			return a.local.field(f.suffix)
		case 'd':
			return formatMillis(a.number).field(f.suffix)
		}
	}
	return "", bad
}

// real formats a number with a fraction, infinities included.
func (f formatItem) real(a formatArg) string {
	negative := a.digits.unscaled != nil && a.digits.unscaled.Sign() < 0 || a.java != javaDecimal && math.Signbit(a.double)
	switch {
	case a.finite && (f.conversion == 'a' || f.conversion == 'A'):
		return f.signed(hexFloat(math.Abs(a.double), f.precision), negative)
	case a.finite:
		return f.signed(f.number(a.digits), negative)
	case math.IsNaN(a.double):
		return a.text
	}
	return f.unpadded().signed("Infinity", negative)
}

// cutText is the beginning of text, of a length in Java's characters; a negative
// length keeps all.
func cutText(text string, length int) string {
	if length < 0 {
		return text
	}
	for i, r := range text {
		units := utf16.RuneLen(r)
		if length >= units {
			length -= units
			continue
		}
		if length > 0 {
			return text[:i] + "?" // half of a character
		}
		return text[:i]
	}
	return text
}

// javaLength counts characters as Java does: those past U+FFFF are two.
func javaLength(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}
