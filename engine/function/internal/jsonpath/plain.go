package jsonpath

import (
	"cmp"
	"strings"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
)

// memberNames are the names of a path of members from the input on, as lax $.a.b, none for other paths.
func memberNames(n *sqljson.Node) []string {
	var names []string
	for ; n.Op == sqljson.Member; n = n.Args[0] {
		names = append([]string{n.Text}, names...)
	}
	if n.Op != sqljson.Context {
		return nil
	}
	return names
}

// FindPlain returns the JSON text of the one item that Evaluate would find in a text, where the path names members
// and finds them in plain objects; it is not ok otherwise, and makes no items.
func (e *Evaluator) FindPlain(text string) (value string, ok bool) {
	if len(e.names) == 0 {
		return "", false
	}
	for _, name := range e.names {
		member, end := jsontext.PlainMember(text, name, jsontext.AnyOrder)
		if end < 0 || member == "" {
			return "", false
		}
		text = member
	}
	return text, true
}

// PlainText is the text that the JSON text of a plain string, boolean or integer has as a varchar; not ok for what
// may have another.
func PlainText(value string) (text string, ok bool) {
	switch value[0] {
	case '"':
		return value[1 : len(value)-1], true
	case 't', 'f':
		return value, true
	}
	_, ok = plainBigint(value)
	return value, ok
}

// plainBigint reads the JSON text of a plain value if that is an integer of few enough digits.
func plainBigint(value string) (n int64, ok bool) {
	const surelyFit = 18 // characters
	if c := value[0]; c != '-' && c-'0' > 9 || len(value) > surelyFit {
		return 0, false
	}
	digits, isNegative := strings.CutPrefix(value, "-")
	for i := range len(digits) {
		n = 10*n + int64(digits[i]-'0')
	}
	if isNegative {
		n = -n
	}
	return n, true
}

// comparedPlain decides a predicate such as @.c > 1 that compares a member with a constant. It is ok only where the
// member's object is plain, and an integer is compared with an integer or a text with a text.
func (e *Evaluator) comparedPlain(n *sqljson.Node, a around) (answer tristate, ok bool) {
	member, literal := n.Args[0], n.Args[1]
	if member.Op != sqljson.Member || member.Args[0].Op != sqljson.Current || literal.Op != sqljson.Literal {
		return isUnknown, false
	}
	object, ok := a.current.(*Text)
	if !ok || object.read != nil {
		return isUnknown, false
	}
	value, end := jsontext.PlainMember(object.JSON, member.Text, jsontext.AnyOrder)
	if end < 0 || value == "" {
		return isUnknown, false
	}
	switch with := literal.Value.V.(type) {
	case int64:
		if number, ok := plainBigint(value); ok && literal.Value.Type.IsInteger() {
			return tristateOf(ordered(n.Op, cmp.Compare(number, with))), true
		}
	case string:
		if value[0] == '"' {
			return tristateOf(ordered(n.Op, strings.Compare(value[1:len(value)-1], with))), true
		}
	}
	return isUnknown, false
}
