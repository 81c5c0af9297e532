package function

import (
	order "encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// Positions and lengths count code points; the first is 1.

// stringFunctions is the family of functions over text and bytes.
func stringFunctions() []Function {
	return []Function{
		scalar("length(varchar) -> bigint", "Returns the number of code points of a text.", countedTexts(codePoints)),
		scalar("length(char) -> bigint", "Returns the number of code points of a text, padding included.", countedTexts(codePoints)),
		scalar("length(varbinary) -> bigint", "Returns the number of bytes.", countedTexts(func(s string) int64 { return int64(len(s)) })),
		scalar("reverse(varchar(x)) -> varchar(x)", "Returns the code points backwards.", reversed(appendReversedText)),
		scalar("reverse(char(x)) -> char(x)", "Returns the code points backwards.", reversed(appendReversedText)),
		scalar("reverse(varbinary) -> varbinary", "Returns the bytes backwards.", reversed(appendReversedBytes)),
		scalar("strpos(varchar, varchar) -> bigint", "Returns the position of the first occurrence, 0 if there is none.", positionBind()),
		scalar("strpos(varchar, varchar, bigint) -> bigint", "Returns the position of the n-th occurrence; a negative n counts from the end.", ternaryEnv(positionOfNth)),
		scalar("starts_with(varchar, varchar) -> boolean", "Reports whether the first text begins with the second.", startsWithBind()),
		scalar("substr(varchar(x), bigint) -> varchar(x)", "Returns the rest from a position; negative counts from the end.", substringsOf),
		scalar("substr(varchar(x), bigint, bigint) -> varchar(x)", "Returns so many code points from a position.", substringsOf),
		scalar("substr(char(x), bigint) -> varchar(x)", "Returns the rest from a position; negative counts from the end.", binaryPure(substringFrom)),
		scalar("substr(char(x), bigint, bigint) -> varchar(x)", "Returns so many code points from a position.", ternary(substring)),
		scalar("substr(varbinary, bigint) -> varbinary", "Returns the bytes from a position.", binaryPure(bytesFrom)),
		scalar("substr(varbinary, bigint, bigint) -> varbinary", "Returns so many bytes from a position.", ternary(subBytes)),
		scalar("substring(char(x), bigint) -> varchar(x)", "Returns the rest from a position; negative counts from the end.", binaryPure(substringFrom)),
		scalar("substring(char(x), bigint, bigint) -> varchar(x)", "Returns so many code points from a position.", ternary(substring)),
		scalar("substring(varchar(x), bigint) -> varchar(x)", "Returns the rest from a position; negative counts from the end.", substringsOf),
		scalar("substring(varchar(x), bigint, bigint) -> varchar(x)", "Returns so many code points from a position.", substringsOf),
		scalar("replace(varchar(x), varchar) -> varchar(x)", "Removes all occurrences.", binaryPure(func(s, old string) string {
			return strings.ReplaceAll(s, old, "")
		})),
		scalar("replace(varchar(x), varchar(y), varchar(z)) -> varchar", "Replaces all occurrences.", ternaryEnv(replaceText), types.ReturnOf(replacedLength)),
		scalar("translate(varchar, varchar, varchar) -> varchar", "Replaces each code point of the second text by the third's at its place.", translateTexts),
		scalar("normalize(varchar, varchar) -> varchar", "Returns the Unicode normal form NFC, NFD, NFKC or NFKD.", normalizeTexts),
		scalar("chr(bigint) -> varchar(1)", "Returns the text of one code point.", unary(textOfCodePoint)),
		scalar("codepoint(varchar(1)) -> integer", "Returns the code point of a text of one.", unary(codePointOf)),
		scalar("levenshtein_distance(varchar, varchar) -> bigint", "Returns the number of edits between two texts.", binary(levenshtein)),
		scalar("hamming_distance(varchar, varchar) -> bigint", "Returns the number of places where two texts of equal length differ.", binary(hamming)),
		scalar("to_utf8(char) -> varbinary", "Returns the text's bytes, padding included.", unaryPure(func(s string) string { return s })),
		scalar("to_utf8(varchar) -> varbinary", "Returns the text's bytes.", unaryPure(func(s string) string { return s })),
		scalar("from_utf8(varbinary) -> varchar", "Reads UTF-8 bytes as text; invalid ones become U+FFFD.", unaryPure(func(s string) string {
			return fromUTF8(s, "\uFFFD")
		})),
		scalar("from_utf8(varbinary, bigint) -> varchar", "Reads UTF-8 bytes as text; invalid ones become the code point of a number.", binary(fromUTF8WithCode)),
		scalar("from_utf8(varbinary, varchar) -> varchar", "Reads UTF-8 bytes as text; invalid ones become the given code point.", binary(fromUTF8With)),
	}
}

// reversed adapts a function that appends a text backwards.
func reversed(appendTo func(dst []byte, text string) []byte) Bind {
	return appendBind(itsBytes, func(args []batch.Vector) func([]byte, int) []byte {
		texts := columnOf[string](args[0])
		return func(dst []byte, i int) []byte { return appendTo(dst, texts.at(i)) }
	})
}

func appendReversedText(dst []byte, s string) []byte {
	if batch.IsASCII(s) {
		return appendReversedBytes(dst, s)
	}
	for len(s) > 0 {
		_, n := utf8.DecodeLastRuneInString(s)
		dst = append(dst, s[len(s)-n:]...)
		s = s[:len(s)-n]
	}
	return dst
}

func appendReversedBytes(dst []byte, s string) []byte {
	dst = batch.AppendText(dst, s)
	out, text, i := dst[len(dst)-len(s):], viewBytes(s), 0
	for ; i+8 <= len(s); i += 8 {
		order.BigEndian.PutUint64(out[len(s)-8-i:], order.LittleEndian.Uint64(text[i:]))
	}
	for ; i < len(s); i++ {
		out[len(s)-1-i] = s[i]
	}
	return dst
}

// skip returns s without its first n code points, false if it has fewer.
func skip(s string, n int64) (string, bool) {
	at := 0
	for ; n > 0; n-- {
		switch {
		case at == len(s):
			return "", false
		case s[at] < utf8.RuneSelf:
			at++
		default:
			_, size := utf8.DecodeRuneInString(s[at:])
			at += size
		}
	}
	return s[at:], true
}

func substringFrom(s string, start int64) string {
	if start < 0 {
		start += codePoints(s) + 1
	}
	if start <= 0 {
		return ""
	}
	rest, _ := skip(s, start-1)
	return rest
}

func substring(s string, start, length int64) (string, error) {
	if length <= 0 {
		return "", nil
	}
	rest := substringFrom(s, start)
	tail, _ := skip(rest, length)
	return rest[:len(rest)-len(tail)], nil
}

func bytesFrom(s string, start int64) string {
	if start < 0 {
		start += int64(len(s)) + 1
	}
	if start <= 0 || start > int64(len(s)) {
		return ""
	}
	return s[start-1:]
}

func subBytes(s string, start, length int64) (string, error) {
	rest := bytesFrom(s, start)
	return rest[:max(0, min(length, int64(len(rest))))], nil
}

func replaceText(env *Env, s, old, replacement string) (string, error) {
	if more := int64(len(replacement) - len(old)); more > 0 && int64(len(s)+1)*more > longTextBytes {
		if err := env.checkLength(int64(len(s)) + more*int64(strings.Count(s, old))); err != nil {
			return "", err
		}
	}
	return strings.ReplaceAll(s, old, replacement), nil
}

// replacedLength bounds the length of the result of replace: if the text to replace is empty, the replacement
// surrounds every code point.
func replacedLength(args []*types.Type) (*types.Type, error) {
	x, z := args[0].Length, args[2].Length
	if x == types.Unbounded || z == types.Unbounded {
		return types.VarcharType, nil
	}
	length := int64(x) + int64(z)*(int64(x)+1)
	if length > maxVarcharLength {
		return types.VarcharType, nil
	}
	return types.VarcharOf(int(length)), nil
}

// maxVarcharLength is the greatest length of a bounded varchar.
const maxVarcharLength = 1<<31 - 2

// mapCodePoints is strings.Map for a text that may be long.
func mapCodePoints(env *Env, s string, mapping func(rune) rune) (string, error) {
	return inPieces(env, s, endOfCodePoints, func(piece string) string { return strings.Map(mapping, piece) })
}

func textOfCodePoint(c int64) (string, error) {
	if c < 0 || c > unicode.MaxRune || c >= 0xD800 && c < 0xE000 {
		return "", argumentError("Not a valid Unicode code point: %d", c)
	}
	return string(rune(c)), nil
}

func codePointOf(s string) (int32, error) {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n != len(s) {
		return 0, argumentError("Input string must be a single character string")
	}
	return r, nil
}

// fromUTF8 replaces each broken sequence: a first byte with the valid bytes that follow it, or a byte that cannot
// begin a sequence. A sequence for a surrogate or beyond Unicode is broken, too.
func fromUTF8(s, replacement string) string {
	if utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			n = brokenSequence(s)
			out.WriteString(replacement)
		} else {
			out.WriteString(s[:n])
		}
		s = s[n:]
	}
	return out.String()
}

// brokenSequence returns the length of the broken sequence at the start of s.
func brokenSequence(s string) int {
	length := 1
	switch first := s[0]; {
	case first >= 0xC0 && first < 0xE0:
		length = 2
	case first >= 0xE0 && first < 0xF0:
		length = 3
	case first >= 0xF0 && first < 0xF8:
		length = 4
	case first >= 0xF8 && first < 0xFC:
		length = 5
	case first >= 0xFC && first < 0xFE:
		length = 6
	}
	for n := 1; n < length; n++ {
		if n == len(s) || s[n]&0xC0 != 0x80 {
			return n
		}
	}
	return length
}

func fromUTF8With(s, replacement string) (string, error) {
	if utf8.RuneCountInString(replacement) > 1 {
		return "", argumentError("Replacement character string must empty or a single character")
	}
	return fromUTF8(s, replacement), nil
}

func fromUTF8WithCode(s string, code int64) (string, error) {
	replacement, err := textOfCodePoint(code)
	if err != nil {
		return "", argumentError("Replacement code point is not valid: %d", code)
	}
	return fromUTF8(s, replacement), nil
}
