package parse

import (
	"math"
	"strconv"
	"strings"
)

// scanNumber returns the kind and end of the longest token at i, which is a digit or a point before one. A run of
// letters, digits and underscores longer than any number is a tokenDigitWord.
func scanNumber(sql string, i int) (tokenKind, int) {
	kind, end := tokenInteger, scanInteger(sql, i)
	if decimalEnd, ok := scanDecimal(sql, i); ok && decimalEnd > end {
		kind, end = tokenDecimal, decimalEnd
	}
	if doubleEnd, ok := scanDouble(sql, i); ok && doubleEnd > end {
		kind, end = tokenDouble, doubleEnd
	}
	if word := wordEnd(sql, i); word > end {
		kind, end = tokenDigitWord, word
	}
	return kind, end
}

// scanInteger returns the end of the integer at i, in any base, or i if there is none.
func scanInteger(sql string, i int) int {
	if i+1 < len(sql) && sql[i] == '0' {
		var digit func(byte) bool
		switch sql[i+1] | 0x20 {
		case 'x':
			digit = isHexDigit
		case 'o':
			digit = func(c byte) bool { return '0' <= c && c <= '7' }
		case 'b':
			digit = func(c byte) bool { return c == '0' || c == '1' }
		}
		if digit != nil {
			if end := scanDigits(sql, i+2, digit, true); end > i+2 {
				return end
			}
		}
	}
	return scanDigits(sql, i, isDigit, false)
}

// scanDigits returns the end of the digits at i. One underscore may come between two digits and, with leading,
// before the first.
func scanDigits(sql string, i int, digit func(byte) bool, leading bool) int {
	start := i
	for i < len(sql) {
		switch {
		case digit(sql[i]):
			i++
		case sql[i] == '_' && (i > start || leading) && i+1 < len(sql) && digit(sql[i+1]):
			i += 2
		default:
			return i
		}
	}
	return i
}

func scanDecimal(sql string, i int) (end int, ok bool) {
	end = scanDigits(sql, i, isDigit, false)
	if end == len(sql) || sql[end] != '.' {
		return i, false
	}
	return scanDigits(sql, end+1, isDigit, false), true
}

func scanDouble(sql string, i int) (end int, ok bool) {
	end = plainDigitsEnd(sql, i)
	if end < len(sql) && sql[end] == '.' {
		end = plainDigitsEnd(sql, end+1)
	}
	if end == len(sql) || sql[end]|0x20 != 'e' {
		return i, false
	}
	end++
	if end < len(sql) && (sql[end] == '+' || sql[end] == '-') {
		end++
	}
	last := plainDigitsEnd(sql, end)
	return last, last > end
}

func plainDigitsEnd(sql string, i int) int {
	for i < len(sql) && isDigit(sql[i]) {
		i++
	}
	return i
}

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// parseInteger returns the value of an integer token; ok is false if it does not fit 64 bits.
func parseInteger(text string, negative bool) (value int64, ok bool) {
	text = strings.ReplaceAll(text, "_", "")
	base := 10
	if len(text) > 2 && text[0] == '0' {
		switch text[1] | 0x20 {
		case 'x':
			base, text = 16, text[2:]
		case 'o':
			base, text = 8, text[2:]
		case 'b':
			base, text = 2, text[2:]
		}
	}
	if negative {
		text = "-" + text
	}
	value, err := strconv.ParseInt(text, base, 64)
	return value, err == nil
}

// parseDouble parses a double token as Java does: a value out of range becomes infinite or zero.
func parseDouble(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(value, 0) {
		return 0
	}
	return value
}
