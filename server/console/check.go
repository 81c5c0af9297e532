package console

import (
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// parameter is a placeholder in a statement, for which the page has a field.
type parameter struct {
	Name       string `json:"name"` // 1, 2 and so on for question marks
	IsRowCount bool   `json:"isRowCount"`
}

// parametersOf returns the parameters of a statement: each question mark, and each :name once.
func parametersOf(sql string) (out []parameter) {
	known := map[string]bool{}
	marks := 0
	for _, place := range engine.Placeholders(sql) {
		name := place.Name
		if name == "" {
			marks++
			name = strconv.Itoa(marks)
		}
		if !known[name] {
			known[name] = true
			out = append(out, parameter{name, place.IsRowCount})
		}
	}
	return out
}

// bind replaces each :name by a question mark and blanks, so that errors keep their positions in the written
// statement. It returns the values as SQL constants: a value is never more than a value.
func (in *statementInput) bind() (sql string, arguments []string, err error) {
	parameters := parametersOf(in.SQL)
	if len(in.Arguments) != len(parameters) {
		return "", nil, invalid("the statement has %d parameters, but %d values were given", len(parameters), len(in.Arguments))
	}
	values := map[string]string{}
	for i, p := range parameters {
		values[p.Name] = in.Arguments[i]
	}
	bound := []byte(in.SQL)
	marks := 0
	for _, place := range engine.Placeholders(in.SQL) {
		name := place.Name
		if name == "" {
			marks++
			name = strconv.Itoa(marks)
		}
		arguments = append(arguments, constant(values[name], place.IsRowCount))
		copy(bound[place.Start:place.End], "?"+strings.Repeat(" ", place.End-place.Start-1))
	}
	return string(bound), arguments, nil
}

// constant writes a value as SQL: a text, or a number where a row count stands.
func constant(value string, isRowCount bool) string {
	if isRowCount && value != "" && strings.Trim(value, "0123456789") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// checkView is the result of checking a statement before it runs.
type checkView struct {
	Parameters []parameter   `json:"parameters"`
	Verb       string        `json:"verb"`
	Problem    *problem      `json:"problem,omitempty"`
	Estimate   *estimateView `json:"estimate,omitempty"`
	Advice     []string      `json:"advice"` // how to make it cheaper
}

type estimateView struct {
	LowBytes    int64         `json:"lowBytes"`
	HighBytes   int64         `json:"highBytes"`
	LowPrice    float64       `json:"lowPrice"`
	HighPrice   float64       `json:"highPrice"`
	BytesStored int64         `json:"bytesStored"`
	Pruned      engine.Pruned `json:"pruned"`
}

// check returns the error of a statement, or what it would scan and cost. Nothing runs.
func (d *Door) check(c *call) (any, error) {
	var in statementInput
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	out := checkView{Parameters: parametersOf(in.SQL), Advice: []string{}}
	if out.Parameters == nil {
		out.Parameters = []parameter{}
	}
	for len(in.Arguments) < len(out.Parameters) { // the page may not have a field yet
		in.Arguments = append(in.Arguments, "0")
	}
	in.Arguments = in.Arguments[:len(out.Parameters)]
	sql, arguments, err := in.bind()
	if err != nil {
		return nil, err
	}
	statement, err := engine.ParseStatement(sql, arguments...)
	if err != nil {
		out.Problem = d.problemOf(err)
		return out, nil
	}
	out.Verb = statement.Verb
	estimate, err := d.lake.Estimate(c.r.Context(), sql, append(d.statementOptions(c, doorName), engine.Arguments(arguments...))...)
	if err != nil {
		out.Problem = d.problemOf(err)
		return out, nil
	}
	out.Estimate = &estimateView{estimate.LowBytes, estimate.HighBytes, estimate.LowPrice, estimate.HighPrice, estimate.BytesStored, estimate.Pruned}
	out.Advice = append(out.Advice, adviceFor(sql, estimate)...)
	return out, nil
}

// cheapBytes is the scan size below which no advice is given.
const cheapBytes = 1 << 20

// adviceFor says how to make a statement cheaper.
func adviceFor(sql string, e *engine.Estimate) (out []string) {
	if e.HighBytes < cheapBytes {
		return nil
	}
	if e.Pruned.PartitionsTotal > 1 && e.Pruned.Partitions == 0 {
		out = append(out, "This reads every day of the store. Add a time range, such as eventtime > now() - interval '7' day, to skip days.")
	}
	if readsEverything().MatchString(withoutTexts(sql)) {
		out = append(out, "SELECT * reads every column. List only the columns that you need.")
	}
	return out
}
