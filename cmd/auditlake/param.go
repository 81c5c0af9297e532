package main

import (
	"fmt"
	"slices"
	"strings"
)

// parameters are the values of --param by name; those of question marks are
// named 1, 2 and so on.
type parameters map[string]string

func parseParameters(texts []string) (parameters, error) {
	out := parameters{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		switch _, twice := out[name]; {
		case !ok || !isParameterName(name):
			return nil, usageError{fmt.Errorf("--param %q is not name=value", text)}
		case twice:
			return nil, usageError{fmt.Errorf("--param %s is given twice", name)}
		}
		out[name] = value
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
	marks, before := 0, "" // question marks, and the token before
	for at := 0; at < len(sql); {
		end := tokenEnd(sql, at)
		token := sql[at:end]
		name := ""
		switch {
		case token == "?":
			marks++
			name = fmt.Sprint(marks)
			if _, given := p[name]; !given {
				return "", nil, usageError{fmt.Errorf("the statement's question mark %d has no value: --param %d=VALUE", marks, marks)}
			}
		case token[0] == ':' && !endsValue(before): // not that of JSON_OBJECT('k' : v)
			name = token[1:]
		}
		if value, given := p[name]; given {
			used[name] = true
			arguments = append(arguments, literal(value, before))
			copy(out[at:end], "?"+strings.Repeat(" ", len(token)-1))
		}
		if strings.TrimSpace(token) != "" {
			before = strings.ToUpper(token)
		}
		at = end
	}
	for name := range p {
		if !used[name] {
			return "", nil, usageError{fmt.Errorf("--param %s is nowhere in the statement, neither as :name nor as a question mark", name)}
		}
	}
	return string(out), arguments, nil
}

// countWords are followed by a number of rows; all other values are texts.
var countWords = []string{"LIMIT", "OFFSET", "FIRST", "NEXT"}

func literal(value, before string) string {
	if value != "" && strings.Trim(value, "0123456789") == "" && slices.Contains(countWords, before) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// endsValue: a text, a quoted name or a bracket.
func endsValue(token string) bool {
	return strings.HasSuffix(token, "'") || strings.HasSuffix(token, `"`) || token == ")"
}

func isParameterName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return r > 0x7f || !isNameByte(byte(r)) }) < 0
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// tokenEnd is where the piece of a statement at a byte ends: a text, a quoted
// name, a comment, a word, a :name, or one other byte.
func tokenEnd(sql string, at int) int {
	rest := sql[at:]
	switch {
	case rest[0] == '\'' || rest[0] == '"':
		return at + 1 + through(rest[1:], rest[:1])
	case strings.HasPrefix(rest, "--"):
		return at + through(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		return at + 2 + through(rest[2:], "*/")
	case rest[0] == ':' || isNameByte(rest[0]):
		end := at + 1
		for end < len(sql) && isNameByte(sql[end]) {
			end++
		}
		return end
	}
	return at + 1
}

// through is how far a text goes up to the end of the first end.
func through(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}
