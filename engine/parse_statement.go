package engine

import (
	"strings"

	"github.com/auditlake/auditlake/planner/parse"
)

// Statement is what can be said of a statement without a lake.
type Statement struct {
	// Verb names the kind in capitals: SELECT for every query, SHOW, EXPLAIN, PREPARE,
	// SET TIME ZONE.
	Verb string
	// Parameters are the question marks.
	Parameters []Placeholder
	// Parsed spares a query of the same text and arguments from parsing it again.
	Parsed ParsedStatement
}

// ParseStatement reads one statement, which may end in a semicolon. Arguments are
// the values of its parameters, see Arguments; there may be none. The error is an
// *Error with its place: a mistake in the text, or a statement that no lake answers.
func ParseStatement(sql string, arguments ...string) (*Statement, error) {
	tree, err := parse.Statement(sql, arguments...)
	if err != nil {
		return nil, err
	}
	return &Statement{Verb: tree.Verb(), Parameters: parse.Placeholders(sql), Parsed: tree}, nil
}

// QuotedName writes a name as statements have it: in quotes unless it needs none.
func QuotedName(name string) string {
	isOther := func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	if name != "" && (name[0] < '0' || name[0] > '9') && !strings.ContainsFunc(name, isOther) && !parse.IsReserved(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Placeholder is a place in a statement for a value that is given beside it.
type Placeholder = parse.Placeholder

// Placeholders returns the question marks of a statement, and the names with a
// colon before them, in their order. The statement need not be right otherwise.
func Placeholders(sql string) []Placeholder { return parse.Placeholders(sql) }

// Script is a text cut at the semicolons that end statements.
type Script = parse.Script

// Unfinished says what a text ends inside of.
type Unfinished = parse.Unfinished

// What a text can end inside of.
const (
	Complete            = parse.Complete
	UnfinishedStatement = parse.UnfinishedStatement
	UnfinishedText      = parse.UnfinishedText
	UnfinishedName      = parse.UnfinishedName
	UnfinishedComment   = parse.UnfinishedComment
)

// SplitScript cuts a text into statements. A semicolon in a text, a name or a
// comment ends nothing, whether or not the end of that text, name or comment is
// there.
func SplitScript(text string) Script { return parse.SplitScript(text) }

// OneLine returns a statement that means the same and can be edited on one line.
func OneLine(sql string) string { return parse.OneLine(sql) }
