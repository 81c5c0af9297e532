package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/answer"
)

// humanBytes writes a size as people read it.
func humanBytes(n int64) string { return answer.Bytes(n) }

// parseBytes reads a size such as 2GB, 500MB, 10MiB or 4096.
func parseBytes(text string) (int64, error) {
	number := strings.TrimRight(text, "kKMGTPiBb ")
	scale := map[string]float64{"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
	unit, ok := scale[strings.ToUpper(strings.TrimSpace(text[len(number):]))]
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || !(value >= 0 && value*unit <= 1<<62) {
		return 0, usageError{fmt.Errorf("%q is not a size; use 2GB, 500MB or 10MiB", text)}
	}
	return int64(value * unit), nil
}

// parseDays reads a retention such as 366d or 366.
func parseDays(text string) (int, error) {
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || days <= 0 {
		return 0, usageError{fmt.Errorf("%q is not a number of days; use 366d", text)}
	}
	return days, nil
}

// parseLasting reads how long something lasts, such as 90d, 12h or 30m.
func parseLasting(text string) (time.Duration, error) {
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, usageError{fmt.Errorf("%q is not a duration; use 90d, 12h or 30m", text)}
	}
	return d, nil
}

// grouped writes a count with thousands separators.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// plural is "1 file", "2 files".
func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}

// dollars writes a price with the digits a small one needs.
func dollars(usd float64) string {
	switch {
	case usd == 0:
		return "$0"
	case usd < 0.0000001:
		return "<$0.0000001"
	case usd < 0.01:
		return fmt.Sprintf("$%.7f", usd)
	}
	return fmt.Sprintf("$%.2f", usd)
}

// seconds writes a duration rounded for people.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
