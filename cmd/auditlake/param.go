package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// parameters are the values of --param by name; those of question marks are
// named 1, 2 and so on.
type parameters map[string]string

func parseParameters(texts []string) (parameters, error) {
	out, err := namedValues("param", texts)
	if err != nil {
		return nil, usageError{err}
	}
	for name := range out {
		if !isParameterName(name) {
			return nil, usageError{fmt.Errorf("--param %q is not name=value", name+"="+out[name])}
		}
	}
	return out, nil
}

// bind puts question marks in the place of names, with blanks after them so
// that errors name the places of the statement that was given, and returns the
// values as SQL.
func (p parameters) bind(sql string) (bound string, arguments []string, err error) {
	if len(p) == 0 {
		return sql, nil, nil
	}
	out := []byte(sql)
	used := map[string]bool{}
	marks := 0
	for _, place := range engine.Placeholders(sql) {
		name := place.Name
		if name == "" {
			marks++
			name = strconv.Itoa(marks)
		}
		value, given := p[name]
		switch {
		case !given && place.Name == "":
			return "", nil, usageError{fmt.Errorf("the statement's question mark %d has no value: --param %d=VALUE", marks, marks)}
		case !given:
			continue // the parser says what is wrong with it
		}
		used[name] = true
		arguments = append(arguments, literal(value, place.IsRowCount))
		copy(out[place.Start:place.End], "?"+strings.Repeat(" ", place.End-place.Start-1))
	}
	for name := range p {
		if !used[name] {
			return "", nil, usageError{fmt.Errorf("--param %s is nowhere in the statement, neither as :name nor as a question mark", name)}
		}
	}
	return string(out), arguments, nil
}

// literal writes a value as SQL: a text, or the number of rows that a place takes.
func literal(value string, isRowCount bool) string {
	if isRowCount && value != "" && strings.Trim(value, "0123456789") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

func isParameterName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return r > 0x7f || !isNameByte(byte(r)) }) < 0
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
