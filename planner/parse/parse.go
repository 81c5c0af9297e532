// Package parse turns the text of a statement into a syntax tree: Trino's SELECT grammar, with the names, the
// precedence and the error positions of Trino 476.
//
// There is one extension. In a table's name, an unquoted name may contain single hyphens and then start with a
// digit, as the ids of event data stores do (FROM 3f2c1c5e-aaaa-4e1b-9c58-1f0d2a7b4c11). Two hyphens always start a
// comment.
package parse

import (
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxStatementBytes bounds the memory of a statement's tree.
	maxStatementBytes = 1 << 20
	// maxDepth bounds the nesting of parentheses, subqueries, types and similar. With maxLongLinks it keeps every
	// tree shallow enough for plain recursion: about 35,000 nodes deep at worst.
	maxDepth = 500
	// Chains nest to the left without parentheses: a + b + c …, joins, set operations, subscripts. From link
	// shortChain on, the links of a chain count towards maxLongLinks for the whole statement.
	shortChain   = 16
	maxLongLinks = 10_000
)

// queryTextTooLarge is Trino's error name for a statement over maxStatementBytes.
const queryTextTooLarge = "QUERY_TEXT_TOO_LARGE"

// Statement parses one statement, which may end in a semicolon. Errors are *types.Error: SYNTAX_ERROR,
// NOT_SUPPORTED for statements that change tables or rights, or QUERY_TEXT_TOO_LARGE.
//
// arguments are constant expressions that replace the question marks, one for each. Without arguments, question
// marks stay parameters.
func Statement(sql string, arguments ...string) (ast.Statement, error) {
	values, err := argumentValues(arguments)
	if err != nil {
		return nil, err
	}
	return statement(source{sql: sql}, values, len(values) > 0)
}

// Prepared is Statement for the text of a prepared statement, with one value for each question mark. at is where
// the text begins in the statement that executes it, or zero if it comes from elsewhere.
func Prepared(sql string, at ast.Pos, values []ast.Expr) (ast.Statement, error) {
	for _, value := range values {
		if err := CheckConstant(value); err != nil {
			return nil, err
		}
	}
	return statement(source{sql: sql, at: at}, values, true)
}

func statement(text source, values []ast.Expr, complete bool) (ast.Statement, error) {
	return parseText(text, func(p *parser) ast.Statement {
		p.values = values
		s := p.statement()
		if p.tok().word == ";" && p.peek(1).kind == tokenEOF {
			p.advance()
		}
		if complete {
			p.checkValueCount()
		}
		return s
	})
}

// Expression parses exactly one expression. It returns the same errors as Statement.
func Expression(sql string) (ast.Expr, error) {
	return parseText(source{sql: sql}, (*parser).expression)
}

// source is a text to parse, and the position of its first character in the text that errors refer to; the zero
// position is the beginning.
type source struct {
	sql string
	at  ast.Pos
}

// parseText runs rule over the whole text. A text with an unexpected token is parsed again, to note what was
// expected at that position.
func parseText[T any](text source, rule func(*parser) T) (T, error) {
	var none T
	sql := text.sql
	if len(sql) > maxStatementBytes {
		return none, types.Errorf(queryTextTooLarge, ast.Pos{},
			"Query text length (%d) exceeds the maximum length (%d)", len(sql), maxStatementBytes)
	}
	if pos, ok := invalidUTF8(sql); ok {
		return none, types.Errorf(types.SyntaxError, pos, "statement is not valid UTF-8")
	}
	p := newParser(text, nil)
	result, err := run(p, rule)
	if err == nil {
		return result, nil
	}
	if p.mismatch != nil {
		err = explained(text, rule, p.mismatch)
	}
	return none, err
}

// run applies rule and requires that it reads everything.
func run[T any](p *parser, rule func(*parser) T) (result T, err *types.Error) {
	defer func() {
		if r := recover(); r != nil {
			stop, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			err = stop.err
		}
	}()
	result = rule(p)
	if p.tok().kind != tokenEOF {
		p.note("<EOF>")
		p.unexpected()
	}
	if p.deferred != nil {
		return result, p.deferred
	}
	return result, p.unsupported
}

func invalidUTF8(sql string) (ast.Pos, bool) {
	if utf8.ValidString(sql) {
		return ast.Pos{}, false
	}
	pos := ast.Pos{Line: 1, Column: 1}
	for i, r := range sql {
		if _, size := utf8.DecodeRuneInString(sql[i:]); r == utf8.RuneError && size == 1 {
			break
		}
		pos.Column++
		if r == '\n' {
			pos = ast.Pos{Line: pos.Line + 1, Column: 1}
		}
	}
	return pos, true
}
