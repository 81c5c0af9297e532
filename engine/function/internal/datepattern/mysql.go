package datepattern

import (
	"strconv"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// AppendMySQL appends a local time to out by a MySQL pattern.
func AppendMySQL(out []byte, t time.Time, pattern string) ([]byte, error) {
	if isEmptyMySQL(pattern) {
		return nil, types.ArgumentError("Both printing and parsing not supported")
	}
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			out = append(out, pattern[i])
			continue
		}
		i++
		if i == len(pattern) {
			break // a last % stands for nothing
		}
		var err error
		if out, err = mysqlField(out, t, pattern[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func mysqlField(out []byte, t time.Time, letter byte) ([]byte, error) {
	switch letter {
	case 'a':
		return append(out, t.Format("Mon")...), nil
	case 'b':
		return append(out, t.Format("Jan")...), nil
	case 'c':
		return strconv.AppendInt(out, int64(t.Month()), 10), nil
	case 'd':
		return appendPadded(out, t.Day(), 2), nil
	case 'e':
		return strconv.AppendInt(out, int64(t.Day()), 10), nil
	case 'f':
		return appendPadded(out, t.Nanosecond()/1e6*1000, 6), nil
	case 'H':
		return appendPadded(out, t.Hour(), 2), nil
	case 'h', 'I':
		return appendPadded(out, twelveHour(t), 2), nil
	case 'i':
		return appendPadded(out, t.Minute(), 2), nil
	case 'j':
		return appendPadded(out, t.YearDay(), 3), nil
	case 'k':
		return strconv.AppendInt(out, int64(t.Hour()), 10), nil
	case 'l':
		return strconv.AppendInt(out, int64(twelveHour(t)), 10), nil
	case 'M':
		return append(out, t.Format("January")...), nil
	case 'm':
		return appendPadded(out, int(t.Month()), 2), nil
	case 'p':
		return append(out, t.Format("PM")...), nil
	case 'r':
		return append(out, t.Format("03:04:05 PM")...), nil
	case 'S', 's':
		return appendPadded(out, t.Second(), 2), nil
	case 'T':
		return append(out, t.Format("15:04:05")...), nil
	case 'v':
		_, week := t.ISOWeek()
		return appendPadded(out, week, 2), nil
	case 'W':
		return append(out, t.Format("Monday")...), nil
	case 'x':
		year, _ := t.ISOWeek()
		return appendYear(out, year), nil
	case 'Y':
		return appendYear(out, t.Year()), nil
	case 'y':
		return appendPadded(out, max(t.Year(), -t.Year())%100, 2), nil
	case 'D', 'U', 'u', 'V', 'w', 'X':
		return nil, types.ArgumentError("%%%c not supported in date format string", letter)
	}
	return append(out, letter), nil // %% and letters without meaning stand for themselves
}

// appendYear pads a year to four digits behind its sign.
func appendYear(out []byte, year int) []byte {
	if year < 0 {
		out, year = append(out, '-'), -year
	}
	return appendPadded(out, year, 4)
}

// appendPadded appends a number that is not negative, with leading zeros up to the given number of digits.
func appendPadded(out []byte, n, digits int) []byte {
	switch {
	case digits == 2 && n < 100:
		return append(out, byte('0'+n/10), byte('0'+n%10))
	case digits == 4 && n < 10_000:
		return append(out, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	power := 1 // of ten, at most n
	for range digits - 1 {
		if power <= n/10 {
			power *= 10
		} else {
			out = append(out, '0')
		}
	}
	return strconv.AppendInt(out, int64(n), 10)
}

// twelveHour is the hour of a clock with twelve of them.
func twelveHour(t time.Time) int { return (t.Hour()+11)%12 + 1 }

// isEmptyMySQL: a last % stands for nothing, and a pattern of nothing is none.
func isEmptyMySQL(pattern string) bool { return pattern == "" || pattern == "%" }
