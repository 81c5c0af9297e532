package function

import (
	"strings"
	"unicode"

	"github.com/auditlake/auditlake/planner/types"
)

func stringCaseFunctions() []Function {
	list := []Function{
		scalar("lower(varchar(x)) -> varchar(x)", "Returns the text in lower case, code point by code point.", lowerCase.bind),
		scalar("lower(char(x)) -> char(x)", "Returns the text in lower case, code point by code point.", lowerCase.bind),
		scalar("upper(varchar(x)) -> varchar(x)", "Returns the text in upper case, code point by code point.", upperCase.bind),
		scalar("upper(char(x)) -> char(x)", "Returns the text in upper case, code point by code point.", upperCase.bind),
		scalar("lpad(varchar, bigint, varchar) -> varchar", "Fills or cuts a text to a length, at the start.", ternaryEnv(padLeft)),
		scalar("rpad(varchar, bigint, varchar) -> varchar", "Fills or cuts a text to a length, at the end.", ternaryEnv(padRight)),
		scalar("lpad(char, bigint, varchar) -> varchar", "Fills or cuts a text to a length, at the start.", ternaryEnv(padLeft)),
		scalar("lpad(varbinary, bigint, varbinary) -> varbinary", "Fills or cuts bytes to a length, at the start.", ternaryEnv(padBytesLeft)),
		scalar("rpad(varbinary, bigint, varbinary) -> varbinary", "Fills or cuts bytes to a length, at the end.", ternaryEnv(padBytesRight)),
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

// withoutPadding is a char value's own text.
func withoutPadding(s string) string { return strings.TrimRight(s, " ") }

// isBlank is the white space that trim removes: Unicode's, without the
// no-break spaces.
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

// maxPadLength is the longest text a padding makes.
const maxPadLength = 1<<31 - 1

func padLeft(env *Env, s string, length int64, fill string) (string, error) {
	return pad(env, s, length, fill, true)
}

func padRight(env *Env, s string, length int64, fill string) (string, error) {
	return pad(env, s, length, fill, false)
}

func pad(env *Env, s string, length int64, fill string, left bool) (string, error) {
	if length < 0 || length > maxPadLength {
		return "", argumentError("Target length must be in the range [0..%d]", maxPadLength)
	}
	if fill == "" {
		return "", argumentError("Padding string must not be empty")
	}
	have := codePoints(s)
	if have >= length {
		return substring(s, 1, length)
	}
	missing := length - have
	fillPoints := codePoints(fill)
	copies, rest := missing/fillPoints, missing%fillPoints
	if err := env.checkLength(int64(len(s)) + copies*int64(len(fill)) + rest); err != nil {
		return "", err
	}
	last, err := substring(fill, 1, rest)
	filling := strings.Repeat(fill, int(copies)) + last
	if left {
		return filling + s, err
	}
	return s + filling, err
}

func padBytesLeft(env *Env, s string, length int64, fill string) (string, error) {
	filling, err := byteFilling(env, s, length, fill)
	return (filling + s)[:max(0, min(length, int64(len(filling)+len(s))))], err
}

func padBytesRight(env *Env, s string, length int64, fill string) (string, error) {
	filling, err := byteFilling(env, s, length, fill)
	return (s + filling)[:max(0, min(length, int64(len(filling)+len(s))))], err
}

// byteFilling is what s lacks to length.
func byteFilling(env *Env, s string, length int64, fill string) (string, error) {
	missing := length - int64(len(s))
	switch {
	case length < 0 || length > maxPadLength:
		return "", argumentError("Target length must be in the range [0..%d]", maxPadLength)
	case fill == "":
		return "", argumentError("Padding bytes must not be empty")
	case missing <= 0:
		return "", nil
	}
	if err := env.checkLength(length); err != nil {
		return "", err
	}
	return strings.Repeat(fill, int(missing)/len(fill)+1)[:missing], nil
}
