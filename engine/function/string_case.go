package function

import (
	"strings"
	"unicode"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func stringCaseFunctions() []Function {
	list := []Function{
		scalar("lower(varchar(x)) -> varchar(x)", "Returns the text in lower case, code point by code point.", lowerCase.bind),
		scalar("lower(char(x)) -> char(x)", "Returns the text in lower case, code point by code point.", lowerCase.bind),
		scalar("upper(varchar(x)) -> varchar(x)", "Returns the text in upper case, code point by code point.", upperCase.bind),
		scalar("upper(char(x)) -> char(x)", "Returns the text in upper case, code point by code point.", upperCase.bind),
		scalar("lpad(varchar, bigint, varchar) -> varchar", "Fills or cuts a text to a length, at the start.", padding(true, appendPadded)),
		scalar("rpad(varchar, bigint, varchar) -> varchar", "Fills or cuts a text to a length, at the end.", padding(false, appendPadded)),
		scalar("lpad(char, bigint, varchar) -> varchar", "Fills or cuts a text to a length, at the start.", padding(true, appendPadded)),
		scalar("lpad(varbinary, bigint, varbinary) -> varbinary", "Fills or cuts bytes to a length, at the start.", padding(true, appendPaddedBytes)),
		scalar("rpad(varbinary, bigint, varbinary) -> varbinary", "Fills or cuts bytes to a length, at the end.", padding(false, appendPaddedBytes)),
	}
	for _, trim := range []struct {
		name, doc string
		blanks    func(string) string
		given     func(s, points string) string
	}{
		{"trim", "at both ends", func(s string) string { return strings.TrimFunc(s, isBlank) }, strings.Trim},
		{"ltrim", "at the start", func(s string) string { return strings.TrimLeftFunc(s, isBlank) }, strings.TrimLeft},
		{"rtrim", "at the end", func(s string) string { return strings.TrimRightFunc(s, isBlank) }, strings.TrimRight},
	} {
		list = append(list,
			scalar(trim.name+"(varchar(x)) -> varchar(x)", "Removes white space "+trim.doc+".", unaryPure(trim.blanks)),
			scalar(trim.name+"(varchar(x), varchar) -> varchar(x)", "Removes the given code points "+trim.doc+".", binaryPure(trim.given), types.TakesChar(2)),
			scalar(trim.name+"(char(x)) -> varchar(x)", "Removes white space "+trim.doc+", and padding.", unaryPure(func(s string) string {
				return trim.blanks(withoutPadding(s))
			})),
			scalar(trim.name+"(char(x), varchar) -> varchar(x)", "Removes the given code points "+trim.doc+", and padding.", binaryPure(func(s, points string) string {
				if trim.name == "ltrim" {
					return strings.TrimLeft(withoutPadding(s), points)
				}
				return withoutPadding(trim.given(withoutPadding(s), points))
			}), types.TakesChar(2)),
		)
	}
	return list
}

// withoutPadding returns a char value without its padding.
func withoutPadding(s string) string { return strings.TrimRight(s, " ") }

// isBlank reports whether trim removes r: Unicode white space, without the no-break spaces.
func isBlank(r rune) bool {
	switch r {
	case '\u00a0', '\u2007', '\u202f':
		return false
	case '\u001c', '\u001d', '\u001e', '\u001f':
		return true
	case '\u0085':
		return false
	}
	return unicode.IsSpace(r)
}

// maxPadLength limits the length of a padded text.
const maxPadLength = 1<<31 - 1

// padding adapts a function that pads or truncates a text to a length.
func padding(isLeft bool, appendTo func(env *Env, dst []byte, p padded) ([]byte, error)) Bind {
	return appendBindEnv(itsBytes, func(env *Env, args []batch.Vector) func([]byte, int) ([]byte, error) {
		texts, lengths, fills := columnOf[string](args[0]), columnOf[int64](args[1]), columnOf[string](args[2])
		return func(dst []byte, i int) ([]byte, error) {
			return appendTo(env, dst, padded{texts.at(i), lengths.at(i), fills.at(i), isLeft})
		}
	})
}

// padded is a text, and the text that fills it up to a length, at its start or its end.
type padded struct {
	text   string
	length int64
	fill   string
	isLeft bool
}

func appendPadded(env *Env, dst []byte, p padded) ([]byte, error) {
	if p.length < 0 || p.length > maxPadLength {
		return nil, argumentError("Target length must be in the range [0..%d]", maxPadLength)
	}
	if p.fill == "" {
		return nil, argumentError("Padding string must not be empty")
	}
	have := codePoints(p.text)
	if have >= p.length {
		cut, err := substring(p.text, 1, p.length)
		return batch.AppendText(dst, cut), err
	}
	missing := p.length - have
	fillPoints := codePoints(p.fill)
	copies, rest := missing/fillPoints, missing%fillPoints
	if err := env.checkLength(int64(len(p.text)) + copies*int64(len(p.fill)) + rest); err != nil {
		return nil, err
	}
	last, err := substring(p.fill, 1, rest)
	return p.append(dst, int(copies)*len(p.fill)+len(last)), err
}

// append appends the text, and fills it up with the given number of bytes.
func (p padded) append(dst []byte, bytes int) []byte {
	if !p.isLeft {
		dst = batch.AppendText(dst, p.text)
	}
	from := len(dst)
	dst = append(dst, p.fill[:min(bytes, len(p.fill))]...)
	for have := len(dst) - from; have > 0 && have < bytes; have = len(dst) - from { // doubles the filled bytes
		dst = batch.AppendText(dst, dst[from:from+min(have, bytes-have)])
	}
	if p.isLeft {
		dst = batch.AppendText(dst, p.text)
	}
	return dst
}

func appendPaddedBytes(env *Env, dst []byte, p padded) ([]byte, error) {
	missing := p.length - int64(len(p.text))
	switch {
	case p.length < 0 || p.length > maxPadLength:
		return nil, argumentError("Target length must be in the range [0..%d]", maxPadLength)
	case p.fill == "":
		return nil, argumentError("Padding bytes must not be empty")
	case missing <= 0:
		return batch.AppendText(dst, p.text[:p.length]), nil
	}
	if err := env.checkLength(p.length); err != nil {
		return nil, err
	}
	return p.append(dst, int(missing)), nil
}
