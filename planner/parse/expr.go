package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// expressions parses expression, ….
func (p *parser) expressions() []ast.Expr {
	list := []ast.Expr{p.expression()}
	for p.accept(",") {
		list = append(list, p.expression())
	}
	return list
}

// expression parses any expression.
func (p *parser) expression() ast.Expr {
	p.enter()
	defer p.leave()
	at := p.here()
	return p.or(at, p.and(at, p.not()))
}

// expressionFrom parses the rest of an expression that begins at position at with value.
func (p *parser) expressionFrom(at ast.At, value ast.Expr) ast.Expr {
	return p.or(at, p.and(at, p.predicate(value)))
}

func (p *parser) or(at ast.At, first ast.Expr) ast.Expr {
	if !p.at("OR") {
		return first
	}
	terms := []ast.Expr{first}
	for p.accept("OR") {
		start := p.here()
		terms = append(terms, p.and(start, p.not()))
	}
	return &ast.Logical{At: at, Op: ast.Or, Terms: terms}
}

func (p *parser) and(at ast.At, first ast.Expr) ast.Expr {
	if !p.at("AND") {
		return first
	}
	terms := []ast.Expr{first}
	for p.accept("AND") {
		terms = append(terms, p.not())
	}
	return &ast.Logical{At: at, Op: ast.And, Terms: terms}
}

func (p *parser) not() ast.Expr {
	at := p.here()
	if p.tok().word != "NOT" {
		return p.predicate(p.value())
	}
	p.advance()
	p.enter()
	defer p.leave()
	return &ast.Not{At: at, X: p.not()}
}

// predicate parses an optional comparison or test after a value.
func (p *parser) predicate(x ast.Expr) ast.Expr {
	at := p.here()
	if op, ok := p.comparisonOperator(); ok {
		return p.comparison(at, op, x)
	}
	not := false
	switch p.tok().word {
	case "IS":
		p.advance()
		return p.is(at, x)
	case "NOT":
		p.advance()
		not = true
		if !p.atAny("BETWEEN", "IN", "LIKE") {
			p.unexpected()
		}
	}
	switch p.tok().word {
	case "BETWEEN":
		p.advance()
		b := &ast.Between{At: at, X: x, Not: not, Low: p.value()}
		p.expect("AND")
		b.High = p.value()
		return b
	case "IN":
		return p.in(at, x, not)
	case "":
		if p.recording && p.here() == p.stop && strings.EqualFold(p.text(p.tok()), "IN") {
			p.expected = nil // an IN that takes the blame: the condition has ended before it
		}
	case "LIKE":
		p.advance()
		l := &ast.Like{At: at, X: x, Not: not, Pattern: p.value()}
		if p.accept("ESCAPE") {
			l.Escape = p.value()
		}
		return l
	}
	return x
}

func (p *parser) comparisonOperator() (ast.CompareOp, bool) {
	switch op := ast.CompareOp(p.tok().word); op {
	case ast.Equal, ast.NotEqual, ast.Less, ast.LessOrEqual, ast.Greater, ast.GreaterOrEqual:
		p.advance()
		return op, true
	}
	p.note("<predicate>")
	return "", false
}

func (p *parser) comparison(at ast.At, op ast.CompareOp, left ast.Expr) ast.Expr {
	quantifier := ast.Quantifier("")
	p.note("'ALL'", "'ANY'", "'SOME'")
	switch p.tok().word {
	case "ALL":
		quantifier = ast.All
	case "ANY", "SOME":
		quantifier = ast.Any
	}
	if quantifier == "" || !p.peekIs("(") || !p.isQuery(2) {
		return &ast.Comparison{At: at, Op: op, Left: left, Right: p.value()}
	}
	p.advance()
	outer := p.blameToken() // ALL and similar words are names too
	q := p.parenthesizedQuery()
	p.decided(outer)
	return &ast.Quantified{At: at, Op: op, Quantifier: quantifier, Left: left, Query: q}
}

// isQuery reports whether the n-th token after the current one begins a query
// after any number of opening parentheses.
func (p *parser) isQuery(n int) bool {
	for p.peek(n).word == "(" {
		n++
	}
	switch p.peek(n).word {
	case "SELECT", "WITH", "VALUES", "TABLE":
		return true
	}
	return false
}

func (p *parser) parenthesizedQuery() *ast.Query {
	p.expect("(")
	q := p.query()
	p.expect(")")
	return q
}

func (p *parser) is(at ast.At, x ast.Expr) ast.Expr {
	not := p.accept("NOT")
	if p.accept("NULL") {
		return &ast.IsNull{At: at, X: x, Not: not}
	}
	p.expect("DISTINCT", "FROM")
	return &ast.IsDistinct{At: at, Left: x, Right: p.value(), Not: not}
}

// in parses IN (list) or IN (query).
func (p *parser) in(at ast.At, x ast.Expr, not bool) ast.Expr {
	if !not {
		outer := p.blameToken()
		defer func() { p.decided(outer) }()
	}
	p.expect("IN", "(")
	var q *ast.Query
	if p.atQuery() {
		q = p.query()
	} else if first := p.expression(); isSubquery(first) && p.atQueryTail() {
		q = p.queryNoWith(first.(*ast.Subquery).Query)
	} else {
		list := []ast.Expr{first}
		for p.accept(",") {
			list = append(list, p.expression())
		}
		p.expect(")")
		return &ast.In{At: at, X: x, List: list, Not: not}
	}
	p.expect(")")
	return &ast.InSubquery{At: at, X: x, Query: q, Not: not}
}

func isSubquery(x ast.Expr) bool {
	_, ok := x.(*ast.Subquery)
	return ok
}

// Precedences of the binary operators.
var precedences = map[string]int{"||": 1, "+": 2, "-": 2, "*": 3, "/": 3, "%": 3}

// value parses an expression without predicates and logic outside parentheses.
func (p *parser) value() ast.Expr { return p.binary(0) }

// binary parses operands joined by operators that bind tighter than precedence
// above.
func (p *parser) binary(above int) ast.Expr {
	left := p.unary()
	for length := 0; ; p.link(&length) {
		op := p.tok().word
		precedence, ok := precedences[op]
		if !ok || precedence <= above {
			p.noteOperators()
			return left
		}
		b := &ast.Binary{At: p.here(), Op: ast.BinaryOp(op), Left: left}
		p.advance()
		b.Right = p.binary(precedence)
		left = b
	}
}

func (p *parser) noteOperators() {
	if p.recording {
		for op := range precedences {
			p.note("'" + op + "'")
		}
	}
}

// unary parses signs and AT TIME ZONE, which binds tighter than a sign.
func (p *parser) unary() ast.Expr {
	at := p.here()
	if word := p.tok().word; word == "-" && !isNumber(p.peek(1)) || word == "+" {
		p.advance()
		p.enter()
		defer p.leave()
		return &ast.Unary{At: at, Op: ast.UnaryOp(word), X: p.unary()}
	}
	x := p.postfix()
	for length := 0; p.at("AT") && p.fits(p.peekIs("TIME")); p.link(&length) {
		zoned := &ast.AtTimeZone{At: p.here(), X: x}
		p.expect("AT", "TIME", "ZONE")
		if p.at("INTERVAL") {
			zoned.Zone = p.interval()
		} else {
			zoned.Zone = p.stringLiteral()
		}
		x = zoned
	}
	return x
}

// postfix parses a primary expression with its subscripts and fields. It stops
// before ".*" if it is the first in a select item.
func (p *parser) postfix() ast.Expr {
	if p.past != p.itemStart {
		return p.subscripts(false)
	}
	outer := p.blaming(itself) // a ".*" may follow
	x := p.subscripts(true)
	p.decided(outer)
	return x
}

func (p *parser) subscripts(beforeStar bool) ast.Expr {
	at := p.here()
	x := p.primary()
	for length := 0; ; p.link(&length) {
		switch {
		case p.accept("["):
			x = &ast.Subscript{At: at, Base: x, Index: p.subscriptIndex()}
		case p.at("."):
			if p.peekIs("*") && beforeStar {
				return x
			}
			x = &ast.Dereference{At: at, Base: x, Field: p.field(beforeStar)}
		default:
			return x
		}
	}
}

func (p *parser) field(beforeStar bool) ast.Ident {
	outer := p.blameToken()
	p.expect(".")
	if beforeStar {
		p.note("'*'")
	}
	name := p.ident()
	p.decided(outer)
	return name
}

func (p *parser) subscriptIndex() ast.Expr {
	p.enter()
	defer p.leave()
	index := p.value()
	p.expect("]")
	return index
}
