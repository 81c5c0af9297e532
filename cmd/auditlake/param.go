package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/lazyregexp"
)

// parameters are the values of --param by name; question marks are named 1, 2 and so on.
type parameters map[string]string

func parseParameters(texts []string) (parameters, error) {
	out, err := namedValues("param", texts)
	if err != nil {
		return nil, usageError{err}
	}
	for name := range out {
		if !isParameterName(name) {
			return nil, usageError{fmt.Errorf("--param must be name=value, not %q", name+"="+out[name])}
		}
	}
	return out, nil
}

// argument is the value of one place of a statement.
type argument struct {
	value      string
	isRowCount bool // the place takes a number of rows, as after LIMIT
}

// bind replaces names by question marks, and returns the values in the order of the question marks. Blanks after
// the question marks keep the positions, so that errors name those of the original text.
func (p parameters) bind(sql string) (bound string, arguments []argument, err error) {
	places := engine.Placeholders(sql)
	out := []byte(sql)
	used := map[string]bool{}
	var missing []string
	marks := 0
	for _, place := range places {
		name := place.Name
		if name == "" {
			if len(p) == 0 {
				continue // a prepared statement's, or the planner reports the missing value
			}
			marks++
			name = strconv.Itoa(marks)
		}
		value, given := p[name]
		switch {
		case !given && place.Name == "":
			return "", nil, usageError{fmt.Errorf("question mark %d of the statement has no value; pass --param %d=VALUE", marks, marks)}
		case !given:
			if !followsWord(sql, place.Start) { // x::varchar and map:key are other mistakes
				missing = append(missing, name)
			}
			continue
		}
		used[name] = true
		arguments = append(arguments, argument{value, place.IsRowCount})
		copy(out[place.Start:place.End], "?"+strings.Repeat(" ", place.End-place.Start-1))
	}
	// :name also stands in JSON_OBJECT(k :name), which is right as it is.
	if len(missing) > 0 && !isAllRight(string(out)) {
		return "", nil, missingError(missing)
	}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if !used[name] {
			return "", nil, usageError{fmt.Errorf("the statement does not use --param %s as :name or question mark", name)}
		}
	}
	return string(out), arguments, nil
}

// followsWord reports whether a word, or another colon, ends right before a byte of a statement.
func followsWord(sql string, at int) bool {
	return at > 0 && (sql[at-1] == ':' || isNameByte(sql[at-1]))
}

// isAllRight reports whether all statements of a text can be parsed.
func isAllRight(sql string) bool {
	cut := engine.SplitScript(sql)
	for _, statement := range append(cut.Statements, cut.Rest) {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := engine.ParseStatement(statement, slices.Repeat([]string{"1"}, questionMarks(statement))...); err != nil {
			return false
		}
	}
	return true
}

// questionMarks counts the places of a statement whose values are given by their order.
func questionMarks(sql string) (marks int) {
	for _, place := range engine.Placeholders(sql) {
		if place.Name == "" {
			marks++
		}
	}
	return marks
}

// missingError says which names have no value, and how to give one.
func missingError(names []string) error {
	slices.Sort(names)
	names = slices.Compact(names)
	var flags []string
	for _, name := range names {
		flags = append(flags, "--param "+name+"=VALUE")
	}
	what, have := "parameter", "has"
	if len(names) > 1 {
		what, have = "parameters", "have"
	}
	return usageError{fmt.Errorf("%s :%s %s no value; pass %s", what, strings.Join(names, ", :"), have, strings.Join(flags, " "))}
}

// wantedTypes is the name under which a statement is prepared to learn the types of its parameters.
const wantedTypes = "auditlake_parameters"

// literals writes values as SQL. A value such as 12 or true becomes a number or boolean where its place in the
// statement wants one, as n in cardinality(x) > :n. Elsewhere it is a text, as the account 012345678901 beside a
// varchar column.
func literals(ctx context.Context, lake remote.Asked, s remote.Statement, arguments []argument) []string {
	var types []string
	if slices.ContainsFunc(arguments, func(a argument) bool { return !a.isRowCount && a.reads() != "" }) {
		types = placeTypes(ctx, lake, s)
	}
	out := make([]string, len(arguments))
	for i, a := range arguments {
		wanted := ""
		if i < len(types) {
			wanted = types[i]
		}
		out[i] = a.literal(wanted)
	}
	return out
}

// placeTypes returns the types that a statement wants of its parameters, nil if they are unknown, as for a
// statement with a mistake.
func placeTypes(ctx context.Context, lake remote.Asked, s remote.Statement) (types []string) {
	s.Session.Prepared = maps.Clone(s.Session.Prepared)
	if s.Session.Prepared == nil {
		s.Session.Prepared = map[string]string{}
	}
	s.Session.Prepared[wantedTypes] = s.SQL
	s.SQL, s.Arguments, s.Keep = "DESCRIBE INPUT "+wantedTypes, nil, false
	rows, err := lake.Query(ctx, s)
	if err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		column := rows.Arrays()[1]
		for i := range column.Len() {
			types = append(types, string(answer.AppendText(nil, rows.Columns()[1].Type, column, i)))
		}
	}
	if rows.Err() != nil {
		return nil
	}
	return types
}

var numberText = lazyregexp.New(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// reads returns what a value can be read as: number, boolean, or "" for neither.
func (a argument) reads() string {
	switch {
	case numberText().MatchString(a.value):
		return "number"
	case strings.EqualFold(a.value, "true"), strings.EqualFold(a.value, "false"):
		return "boolean"
	}
	return ""
}

// literal writes the value as SQL for a place that wants a type, "" if that is not known.
func (a argument) literal(wanted string) string {
	name, _, _ := strings.Cut(wanted, "(")
	kind := ""
	switch name {
	case "tinyint", "smallint", "integer", "bigint", "decimal", "real", "double":
		kind = "number"
	case "boolean":
		kind = "boolean"
	}
	isCount := a.isRowCount && a.value != "" && strings.Trim(a.value, "0123456789") == ""
	if isCount || kind != "" && kind == a.reads() {
		return a.value
	}
	return "'" + strings.ReplaceAll(a.value, "'", "''") + "'"
}

func isParameterName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return r > 0x7f || !isNameByte(byte(r)) }) < 0
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
