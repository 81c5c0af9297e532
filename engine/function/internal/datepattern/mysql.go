package datepattern

import (
	"fmt"
	"strconv"
	"time"

	"github.com/auditlake/auditlake/planner/types"
)

// FormatMySQL writes a local time by a MySQL pattern.
func FormatMySQL(t time.Time, pattern string) (string, error) {
	if isEmptyMySQL(pattern) {
		return "", types.ArgumentError("Both printing and parsing not supported")
	}
	out := make([]byte, 0, len(pattern)+16)
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
			return "", err
		}
	}
	return string(out), nil
}

func mysqlField(out []byte, t time.Time, letter byte) ([]byte, error) {
	twelve := (t.Hour()+11)%12 + 1
	switch letter {
	case 'a':
		return append(out, t.Format("Mon")...), nil
	case 'b':
		return append(out, t.Format("Jan")...), nil
	case 'c':
		return strconv.AppendInt(out, int64(t.Month()), 10), nil
	case 'd':
		return fmt.Appendf(out, "%02d", t.Day()), nil
	case 'e':
		return strconv.AppendInt(out, int64(t.Day()), 10), nil
	case 'f':
		return fmt.Appendf(out, "%06d", t.Nanosecond()/1e6*1000), nil
	case 'H':
		return fmt.Appendf(out, "%02d", t.Hour()), nil
	case 'h', 'I':
		return fmt.Appendf(out, "%02d", twelve), nil
	case 'i':
		return fmt.Appendf(out, "%02d", t.Minute()), nil
	case 'j':
		return fmt.Appendf(out, "%03d", t.YearDay()), nil
	case 'k':
		return strconv.AppendInt(out, int64(t.Hour()), 10), nil
	case 'l':
		return strconv.AppendInt(out, int64(twelve), 10), nil
	case 'M':
		return append(out, t.Format("January")...), nil
	case 'm':
		return fmt.Appendf(out, "%02d", int(t.Month())), nil
	case 'p':
		return append(out, t.Format("PM")...), nil
	case 'r':
		return append(out, t.Format("03:04:05 PM")...), nil
	case 'S', 's':
		return fmt.Appendf(out, "%02d", t.Second()), nil
	case 'T':
		return append(out, t.Format("15:04:05")...), nil
	case 'v':
		_, week := t.ISOWeek()
		return fmt.Appendf(out, "%02d", week), nil
	case 'W':
		return append(out, t.Format("Monday")...), nil
	case 'x':
		year, _ := t.ISOWeek()
		return appendYear(out, year), nil
	case 'Y':
		return appendYear(out, t.Year()), nil
	case 'y':
		return fmt.Appendf(out, "%02d", max(t.Year(), -t.Year())%100), nil
	case 'D', 'U', 'u', 'V', 'w', 'X':
		return nil, types.ArgumentError("%%%c not supported in date format string", letter)
	}
	return append(out, letter), nil // %% and letters without meaning stand for themselves
}

// appendYear pads a year to four digits behind its sign.
func appendYear(out []byte, year int) []byte {
	if year < 0 {
		return fmt.Appendf(out, "-%04d", -year)
	}
	return fmt.Appendf(out, "%04d", year)
}

// isEmptyMySQL: a last % stands for nothing, and a pattern of nothing is none.
func isEmptyMySQL(pattern string) bool { return pattern == "" || pattern == "%" }
