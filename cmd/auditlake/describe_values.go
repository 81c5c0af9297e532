package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

const (
	// describedRows is how many rows are read for the frequent values of a description without a profile.
	describedRows = 5000
	// frequentValues is how many values of a field are shown, and frequentCapacity how many are counted meanwhile.
	frequentValues, frequentCapacity = 3, 1000
	// maxShownRunes bounds one value in a description.
	maxShownRunes = 40
)

// values describes the values of a field, as texts. The names match the JSON of the statement that computes them.
type values struct {
	Count           int64
	Distinct        *int64
	Least, Greatest string
	Frequent        map[string]int64
}

// filled is the share of the rows that have a value.
func (v *values) filled(rows int64) string {
	if rows == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*float64(v.Count)/float64(rows))
}

func (v *values) distinct() string {
	if v.Distinct == nil {
		return ""
	}
	return grouped(*v.Distinct)
}

// frequent lists the most frequent values, or one value as an example if none occurs twice.
func (v *values) frequent() string {
	texts := slices.SortedFunc(maps.Keys(v.Frequent), func(a, b string) int {
		return cmp.Or(cmp.Compare(v.Frequent[b], v.Frequent[a]), strings.Compare(a, b))
	})
	if len(texts) == 0 {
		return ""
	}
	if v.Frequent[texts[0]] <= 1 {
		return "such as " + short(texts[0])
	}
	for i, text := range texts {
		texts[i] = short(text)
	}
	return strings.Join(texts, ", ")
}

// short is the beginning of a text.
func short(text string) string {
	runes := []rune(text)
	if len(runes) > maxShownRunes {
		return string(runes[:maxShownRunes-1]) + "…"
	}
	return text
}

// isRead reports whether the values of a field are read. The whole text of an event and its checksum are not, as
// the other columns say the same.
func (f describedField) isRead() bool {
	return !f.isRow && !f.isInside && !strings.HasPrefix(f.typ, "array(") && f.path[0] != "eventjson" && f.path[0] != "eventjsonchecksum" &&
		(!strings.HasPrefix(f.typ, "map(") || strings.HasPrefix(f.typ, "map(varchar,"))
}

// expression is the field as a statement reads it: of a map, its keys.
func (f describedField) expression() string {
	parts := make([]string, len(f.path))
	for i, part := range f.path {
		parts[i] = `"` + strings.ReplaceAll(part, `"`, `""`) + `"`
	}
	name := strings.Join(parts, ".")
	if strings.HasPrefix(f.typ, "map(") {
		return "array_join(array_sort(map_keys(" + name + ")), ' ')"
	}
	return name
}

// fieldValues returns the values of the fields of d, in their order; nil for those that are not read. It also
// returns what the statement scanned, nil if it asked nothing.
func fieldValues(ctx context.Context, lake *engine.Lake, d *description, profile bool) ([]*values, *engine.Stats, error) {
	out := make([]*values, len(d.fields))
	if d.rows == 0 {
		return out, nil, nil
	}
	var items, roots []string
	var read []int
	for i, f := range d.fields {
		if !f.isRead() {
			continue
		}
		x := f.expression()
		item := fmt.Sprintf("approx_most_frequent(%d, CAST(%s AS varchar), %d)", frequentValues, x, frequentCapacity)
		if profile {
			item += fmt.Sprintf(", count(%s), approx_distinct(CAST(%s AS varchar)), CAST(min(%s) AS varchar), CAST(max(%s) AS varchar)", x, x, x, x)
		}
		items, read = append(items, item), append(read, i)
		if root := `"` + strings.ReplaceAll(f.path[0], `"`, `""`) + `"`; !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	if len(items) == 0 {
		return out, nil, nil
	}
	from := `"` + strings.ReplaceAll(d.table, `"`, `""`) + `"`
	if !profile {
		from = fmt.Sprintf("(SELECT %s FROM %s LIMIT %d)", strings.Join(roots, ", "), from, describedRows)
	}
	cells, stats, err := oneRow(ctx, lake, "SELECT "+strings.Join(items, ", ")+" FROM "+from)
	if err != nil {
		return nil, nil, err
	}
	each := len(cells) / len(items)
	for n, i := range read {
		v := &values{}
		part := cells[n*each : (n+1)*each]
		targets := []any{&v.Frequent, &v.Count, &v.Distinct, &v.Least, &v.Greatest}
		for j, cell := range part {
			if err := json.Unmarshal(cell, targets[j]); err != nil {
				return nil, nil, err
			}
		}
		out[i] = v
	}
	return out, &stats, nil
}

// oneRow runs a statement that returns one row, and returns the row's values as JSON, and what it cost.
func oneRow(ctx context.Context, lake *engine.Lake, sql string) (cells [][]byte, stats engine.Stats, err error) {
	rows, err := lake.Query(ctx, sql, engine.ThroughDoor("command"))
	if err != nil {
		return nil, engine.Stats{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		for i, c := range rows.Columns() {
			cells = append(cells, answer.AppendJSON(nil, c.Type, rows.Arrays()[i], 0))
		}
	}
	return cells, rows.Stats(), rows.Err()
}
