package parse

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// unquote strips the outer quotes and halves the doubled ones.
func unquote(text string) string {
	quote := text[:1]
	text = text[1 : len(text)-1]
	if strings.Contains(text, quote) {
		return strings.ReplaceAll(text, quote+quote, quote)
	}
	return text
}

// decodeBinary returns the bytes of an X'…' token, or what is wrong with it in Trino's words.
func decodeBinary(text string) (value []byte, problem string) {
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\r', '\n', '\t':
			return -1
		}
		return r
	}, text[2:len(text)-1])
	for i := 0; i < len(digits); i++ {
		if !isHexDigit(digits[i]) {
			return nil, "Binary literal can only contain hexadecimal digits"
		}
	}
	value, err := hex.DecodeString(digits)
	if err != nil { // only the length can be wrong here
		return nil, "Binary literal must contain an even number of digits"
	}
	return value, ""
}

// decodeUnicode replaces \XXXX and \+XXXXXX in s, with escape instead of the backslash. A doubled escape character
// means the character. problem is the mistake in s in Trino's words, or "".
func decodeUnicode(s string, escape rune) (text, problem string) {
	var out strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		if r == escape {
			r, s, problem = decodeEscape(s, escape)
			if problem != "" {
				return "", problem
			}
		}
		out.WriteRune(r)
	}
	return out.String(), ""
}

// decodeEscape reads what follows the escape character and returns the rest.
func decodeEscape(s string, escape rune) (decoded rune, rest, problem string) {
	if r, size := utf8.DecodeRuneInString(s); size > 0 && r == escape {
		return escape, s[size:], ""
	}
	length := 4
	if strings.HasPrefix(s, "+") {
		s, length = s[1:], 6
	}
	for i := 0; i < length; i++ {
		if i == len(s) {
			return 0, "", "Incomplete escape sequence: " + s
		}
		if !isHexDigit(s[i]) {
			r, _ := utf8.DecodeRuneInString(s[i:])
			return 0, "", fmt.Sprintf("Invalid hexadecimal digit: %c", r)
		}
		decoded = decoded<<4 | hexValue(s[i])
	}
	if !utf8.ValidRune(decoded) {
		return 0, "", "Invalid escaped character: " + s[:length]
	}
	return decoded, s[length:], ""
}

func hexValue(c byte) rune {
	if isDigit(c) {
		return rune(c - '0')
	}
	return rune(c|0x20-'a') + 10
}

// validUnicodeEscape reports whether UESCAPE may name r.
func validUnicodeEscape(r rune) bool {
	return r > ' ' && r < 0x7F && !strings.ContainsRune(`+"'`, r) && !isHexDigit(byte(r))
}
