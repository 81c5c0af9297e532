package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Outcome is how our answer compares with the recorded one.
type Outcome string

// The outcomes. A Misplaced error has the right name at another place.
const (
	Right       Outcome = "pass"
	Misplaced   Outcome = "misplaced"
	Unsupported Outcome = "unsupported"
	Wrong       Outcome = "fail"
)

// Answer is what a statement gave: the cells are JSON as the client protocol
// has it.
type Answer struct {
	Names, Types []string
	Rows         [][]string
}

// Judge compares an answer, or the error a statement ended with, with the
// recorded one. The text says what differs.
func (c *Case) Judge(got *Answer, err error) (Outcome, string) {
	if c.Error != nil && c.Error.Type == "INTERNAL_ERROR" {
		return Right, "" // a defect of the server: anything sensible passes
	}
	if err != nil {
		return c.judgeError(err)
	}
	if c.Error != nil {
		return Wrong, fmt.Sprintf("want %s, got %s", c.Error.Name, rowsText(got.Rows))
	}
	if problem := c.compare(got); problem != "" {
		return Wrong, problem
	}
	return Right, ""
}

func (c *Case) judgeError(err error) (Outcome, string) {
	name := types.ErrorName(err)
	switch {
	case c.Error != nil && c.Error.Name == name:
		return c.judgePlace(err)
	case c.Error != nil && name == types.NotSupported:
		return Unsupported, fmt.Sprintf("want %s, got %v", c.Error.Name, err)
	case c.Error != nil:
		return Wrong, fmt.Sprintf("want %s, got %v", c.Error.Name, err)
	case name == types.NotSupported:
		return Unsupported, err.Error()
	}
	return Wrong, fmt.Sprintf("want an answer, got %v", err)
}

func (c *Case) judgePlace(err error) (Outcome, string) {
	want := types.Pos{Line: c.Error.Line, Column: c.Error.Column}
	var e *types.Error
	if errors.As(err, &e) && !want.IsZero() && want != e.Pos {
		return Misplaced, fmt.Sprintf("want %s at %s (%s), got %v", c.Error.Name, want, c.Error.Message, err)
	}
	return Right, ""
}

func (c *Case) compare(got *Answer) string {
	columns, rows := c.answer()
	if len(columns) != len(got.Types) {
		return fmt.Sprintf("want %d columns, got %d", len(columns), len(got.Types))
	}
	cells := make([]cellRule, len(columns))
	for i, column := range columns {
		if column.Name != got.Names[i] || plainType(column.Type) != plainType(got.Types[i]) {
			return fmt.Sprintf("want column %s %s, got %s %s", column.Name, column.Type, got.Names[i], got.Types[i])
		}
		cells[i] = c.ruleFor(column.Type)
	}
	if len(rows) != len(got.Rows) {
		return fmt.Sprintf("want %d rows, got %d: %s", len(rows), len(got.Rows), rowsText(got.Rows))
	}
	want, have := make([][]any, len(rows)), make([][]any, len(rows))
	for i := range rows {
		for j := range columns {
			want[i] = append(want[i], decode(string(rows[i][j])))
			have[i] = append(have[i], decode(got.Rows[i][j]))
		}
	}
	for i, row := range want {
		at := i
		if !c.Ordered {
			at = slices.IndexFunc(have, func(other []any) bool { return other != nil && sameRow(cells, row, other) })
		}
		if at < 0 || !sameRow(cells, row, have[at]) {
			return fmt.Sprintf("row %d: want %s, got %s", i, rowText(rows[i]), rowsText(got.Rows))
		}
		have[at] = nil
	}
	return ""
}

// plainType is the text of a type by which types are compared.
func plainType(t string) string { return strings.ToLower(strings.ReplaceAll(t, ", ", ",")) }

func decode(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("%w in %s", err, text)
	}
	return v
}

// cellRule says how the values of a column compare.
type cellRule struct {
	of       *types.Type // nil: as their JSON
	approx   bool
	nullOnly bool // the server's own algorithm: only NULL or not counts
}

func (c *Case) ruleFor(typeText string) cellRule {
	t, err := types.ParseType(typeText)
	if err != nil {
		t = nil
	}
	text, sql := strings.ToLower(typeText), strings.ToLower(c.SQL)
	return cellRule{
		of:     t,
		approx: c.Approx,
		nullOnly: strings.Contains(text, "digest") ||
			strings.Contains(text, "varbinary") && strings.Contains(sql, "digest_agg("),
	}
}

func sameRow(rules []cellRule, want, got []any) bool {
	for i, rule := range rules {
		if !rule.same(rule.of, want[i], got[i]) {
			return false
		}
	}
	return true
}

func (r cellRule) same(t *types.Type, want, got any) bool {
	if r.nullOnly {
		return (want == nil) == (got == nil)
	}
	switch w := want.(type) {
	case json.Number:
		g, ok := got.(json.Number)
		return ok && r.sameNumber(t, w, g)
	case []any:
		g, ok := got.([]any)
		return ok && len(w) == len(g) && r.sameItems(t, w, g)
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for key, value := range w {
			other, ok := g[key]
			if !ok || !r.same(elementOf(t, 0), value, other) {
				return false
			}
		}
		return true
	}
	return want == got
}

func (r cellRule) sameItems(t *types.Type, want, got []any) bool {
	for i := range want {
		if !r.same(elementOf(t, i), want[i], got[i]) {
			return false
		}
	}
	return true
}

func elementOf(t *types.Type, i int) *types.Type {
	switch {
	case t == nil:
		return nil
	case t.Kind == types.Row && i < len(t.Fields):
		return t.Fields[i].Type
	}
	return t.Elem
}

func (r cellRule) sameNumber(t *types.Type, want, got json.Number) bool {
	if want == got {
		return true
	}
	a, errA := strconv.ParseFloat(string(want), 64)
	b, errB := strconv.ParseFloat(string(got), 64)
	switch {
	case errA != nil || errB != nil:
		return false
	case t == nil || t.Kind != types.Double && t.Kind != types.Real:
		return false
	case r.approx:
		return math.Abs(a-b) <= 1e-9*math.Abs(a)
	}
	return a == b && math.Signbit(a) == math.Signbit(b)
}

func rowText(row []json.RawMessage) string {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = string(cell)
	}
	return "[" + strings.Join(cells, " ") + "]"
}

// rowsText shows the first rows of an answer.
func rowsText(rows [][]string) string {
	const shown = 20
	var b strings.Builder
	for i, row := range rows {
		if i == shown {
			b.WriteString(" …")
			break
		}
		fmt.Fprintf(&b, " [%s]", strings.Join(row, " "))
	}
	return strings.TrimSpace(b.String())
}
