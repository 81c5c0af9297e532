package engine

import (
	"strings"

	"github.com/auditlake/auditlake/planner/parse"
)

// Statement is a parsed statement, as far as it can be described without a lake.
type Statement struct {
	// Verb is the statement's kind in capitals: SELECT for every query, SHOW, EXPLAIN, PREPARE, SET TIME ZONE.
	Verb string
	// Parameters are the question marks.
	Parameters []Placeholder
	// Parsed lets a query of the same text and arguments skip parsing.
	Parsed ParsedStatement
}

// ParseStatement parses one statement, which may end in a semicolon. The arguments, if any, are the values of its
// parameters, see Arguments. The error is an *Error with its position: a mistake in the text, or a statement that
// no lake answers.
func ParseStatement(sql string, arguments ...string) (*Statement, error) {
	tree, err := parse.Statement(sql, arguments...)
	if err != nil {
		return nil, err
	}
	return &Statement{Verb: tree.Verb(), Parameters: parse.Placeholders(sql), Parsed: tree}, nil
}

// QuotedName returns a name as statements write it: in quotes if it needs them.
func QuotedName(name string) string {
	isOther := func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	if name != "" && (name[0] < '0' || name[0] > '9') && !strings.ContainsFunc(name, isOther) && !parse.IsReserved(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Placeholder is a position in a statement for a value that is passed separately.
type Placeholder = parse.Placeholder

// Placeholders returns a statement's question marks and names with a colon before them, in their order. The
// statement need not be valid otherwise.
func Placeholders(sql string) []Placeholder { return parse.Placeholders(sql) }

// Script is a text split at the semicolons that end statements.
type Script = parse.Script

// Unfinished says which element is still open at the end of a text.
type Unfinished = parse.Unfinished

// The elements that can be open at the end of a text.
const (
	Complete            = parse.Complete
	UnfinishedStatement = parse.UnfinishedStatement
	UnfinishedText      = parse.UnfinishedText
	UnfinishedName      = parse.UnfinishedName
	UnfinishedComment   = parse.UnfinishedComment
)

// SplitScript splits a text into statements. A semicolon inside a text literal, a name or a comment does not end a
// statement, even if that literal, name or comment is unfinished.
func SplitScript(text string) Script { return parse.SplitScript(text) }

// OneLine returns an equivalent statement that can be edited on one line.
func OneLine(sql string) string { return parse.OneLine(sql) }
