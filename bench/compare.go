package main

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// sameAnswer reports whether two answers hold the same rows. The order of rows is not compared. Columns are found
// by name. Columns of one side alone are left out, and so are lists, rows and maps, which each side writes in its
// own way.
func sameAnswer(a, b *answer) bool {
	if len(a.Rows) != len(b.Rows) {
		return false
	}
	if len(a.Rows) == 0 {
		return true
	}
	ours, theirs := a.plainColumns(), b.plainColumns()
	var names []string
	for name := range ours {
		if _, ok := theirs[name]; ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	byPlace := len(names) == 0 && len(a.Names) == len(b.Names) // unnamed columns have other names at each
	return slices.Equal(a.rowTexts(ours, names, byPlace), b.rowTexts(theirs, names, byPlace))
}

// plainColumns are the places of columns without nested values, by name.
func (a *answer) plainColumns() map[string]int {
	out := map[string]int{}
	for i, name := range a.Names {
		nested := slices.ContainsFunc(a.Rows, func(row []any) bool {
			switch row[i].(type) {
			case []any, map[string]any:
				return true
			}
			return false
		})
		if !nested {
			out[strings.ToLower(name)] = i
		}
	}
	return out
}

func (a *answer) rowTexts(columns map[string]int, names []string, byPlace bool) []string {
	out := make([]string, len(a.Rows))
	for i, row := range a.Rows {
		var values []string
		if byPlace {
			for _, value := range row {
				values = append(values, valueText(value))
			}
		}
		for _, name := range names {
			values = append(values, valueText(row[columns[name]]))
		}
		out[i] = strings.Join(values, "\x00")
	}
	slices.Sort(out)
	return out
}

// valueText writes numbers with nine digits, as sums of doubles differ beyond them, and times without zeros at their
// end.
func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case string:
		if number, err := strconv.ParseFloat(v, 64); err == nil && !strings.ContainsAny(v, "xX_") {
			return valueText(number) // 64-bit integers come as text from ClickHouse
		}
		if whole, fraction, found := strings.Cut(v, "."); found && strings.Count(whole, ":") == 2 {
			v = strings.TrimSuffix(whole+"."+strings.TrimRight(fraction, "0"), ".")
		}
		return strings.TrimSuffix(v, " 00:00:00")
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', 9, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	text, _ := json.Marshal(value)
	return string(text)
}
