package parse

import (
	"encoding/hex"
	"errors"
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

// decodeBinary reads the X'…' token.
func decodeBinary(text string) ([]byte, error) {
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\r', '\n', '\t':
			return -1
		}
		return r
	}, text[2:len(text)-1])
	for i := 0; i < len(digits); i++ {
		if !isHexDigit(digits[i]) {
			return nil, errors.New("Binary literal can only contain hexadecimal digits") //nolint:staticcheck // Trino's text
		}
	}
	if len(digits)%2 != 0 {
		return nil, errors.New("Binary literal must contain an even number of digits") //nolint:staticcheck // Trino's text
	}
	return hex.DecodeString(digits)
}

// decodeUnicode resolves \XXXX and \+XXXXXX in s, where escape stands for the
// backslash. A doubled escape character is itself.
func decodeUnicode(s string, escape rune) (string, error) {
	var out strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		if r != escape {
			out.WriteRune(r)
			continue
		}
		decoded, rest, err := decodeEscape(s, escape)
		if err != nil {
			return "", err
		}
		out.WriteRune(decoded)
		s = rest
	}
	return out.String(), nil
}

// decodeEscape reads what follows the escape character and returns the rest.
func decodeEscape(s string, escape rune) (decoded rune, rest string, err error) {
	if r, size := utf8.DecodeRuneInString(s); size > 0 && r == escape {
		return escape, s[size:], nil
	}
	length := 4
	if strings.HasPrefix(s, "+") {
		s, length = s[1:], 6
	}
	for i := 0; i < length; i++ {
		if i == len(s) {
			return 0, "", fmt.Errorf("Incomplete escape sequence: %s", s) //nolint:staticcheck // Trino's text
		}
		if !isHexDigit(s[i]) {
			r, _ := utf8.DecodeRuneInString(s[i:])
			return 0, "", fmt.Errorf("Invalid hexadecimal digit: %c", r) //nolint:staticcheck // Trino's text
		}
		decoded = decoded<<4 | hexValue(s[i])
	}
	if !utf8.ValidRune(decoded) {
		return 0, "", fmt.Errorf("Invalid escaped character: %s", s[:length]) //nolint:staticcheck // Trino's text
	}
	return decoded, s[length:], nil
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
