package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// call parses a function call by name.
func (p *parser) call() ast.Expr {
	return p.processed(p.here(), ast.ProcessingDefault)
}

// processed parses a call after an optional RUNNING or FINAL.
func (p *parser) processed(at ast.At, mode ast.ProcessingMode) ast.Expr {
	c := &ast.FunctionCall{At: at, Name: p.qualifiedName(), Processing: mode}
	p.arguments(c)
	p.expect(")")
	p.callTail(c)
	return p.builtin(c)
}

// arguments parses a call's opening parenthesis and what stands after it.
func (p *parser) arguments(c *ast.FunctionCall) {
	outer := p.openArguments()
	switch {
	case p.accept("*"):
		c.Star = true
		return
	case p.atLabel():
		label := p.ident()
		p.expect(".", "*")
		c.Star, c.Label = true, &label
		return
	case !p.at(")") && !p.at("ORDER"):
		c.Distinct = p.setQuantifier()
		c.Args = []ast.Expr{p.expression()}
		p.decided(outer)
		for p.accept(",") {
			c.Args = append(c.Args, p.expression())
		}
	}
	p.argumentOrder(c)
}

// openArguments passes the parenthesis before arguments. While a query may follow it, the name before it may be a
// column, and errors are reported at the parenthesis. The caller must call decided after the first argument.
func (p *parser) openArguments() (outer blame) {
	outer = p.blameToken()
	p.expect("(")
	if !p.atAny(")", "*", "ALL", "DISTINCT", "ORDER") && !p.startsExpression(p.tok()) {
		p.note("<expression>")
		p.unexpected()
	}
	if !p.atOperandQuery() {
		p.decided(outer)
	}
	return outer
}

// atOperandQuery reports whether a query may follow one or more opening parentheses here.
func (p *parser) atOperandQuery() bool {
	n := 0
	for p.peek(n).word == "(" {
		n++
	}
	t := p.peek(n)
	return n > 0 && (p.isQuery(n) || t.word != ")" && !p.startsExpression(t))
}

// atLabel reports whether label.* comes next. Only the token after the dot
// distinguishes it from a column.
func (p *parser) atLabel() bool {
	if !isName(p.tok()) || !p.peekIs(".") {
		return false
	}
	next := p.peek(2)
	if next.word != "*" && !isName(next) {
		outer := p.blaming(itself)
		p.expression() // it fails at next
		p.decided(outer)
	}
	return next.word == "*"
}

func (p *parser) argumentOrder(c *ast.FunctionCall) {
	if p.accept("ORDER") {
		p.expect("BY")
		c.OrderBy = p.sortItems()
	}
}

// callTail parses FILTER, IGNORE NULLS and OVER. The treatment of nulls needs an
// OVER after it.
func (p *parser) callTail(c *ast.FunctionCall) {
	c.Filter = p.filter()
	switch {
	case p.at("IGNORE") && p.peekIs("NULLS"):
		c.Nulls = ast.IgnoreNulls
	case p.at("RESPECT") && p.peekIs("NULLS"):
		c.Nulls = ast.RespectNulls
	}
	if c.Nulls != "" {
		p.advance()
		p.advance()
	}
	if c.Nulls != "" || p.atOver() {
		c.Over = p.over()
	}
}

// filter parses an optional FILTER (WHERE condition).
func (p *parser) filter() ast.Expr {
	if !p.at("FILTER") || !p.fits(p.peekIs("(")) {
		return nil
	}
	outer := p.blameToken()
	p.expect("FILTER", "(", "WHERE")
	p.decided(outer)
	x := p.expression()
	p.expect(")")
	return x
}

// builtin replaces calls of functions that are part of the language with their own nodes.
func (p *parser) builtin(c *ast.FunctionCall) ast.Expr {
	if len(c.Name.Parts) != 1 {
		return c
	}
	name := strings.ToLower(c.Name.Parts[0].Name)
	switch name {
	case "if", "nullif", "coalesce", "try", "format":
	default:
		return c
	}
	if !p.plainCall(c, name) {
		return c
	}
	args := c.Args // none, of a star
	switch {
	case name == "if" && (len(args) == 2 || len(args) == 3):
		x := &ast.If{At: c.At, Condition: args[0], Then: args[1]}
		if len(args) == 3 {
			x.Else = args[2]
		}
		return x
	case name == "nullif" && len(args) == 2:
		return &ast.NullIf{At: c.At, First: args[0], Second: args[1]}
	case name == "coalesce" && len(args) >= 2:
		return &ast.Coalesce{At: c.At, Args: args}
	case name == "try" && len(args) == 1:
		return &ast.Try{At: c.At, X: args[0]}
	case name == "format" && len(args) >= 2:
		return c
	}
	p.wrongCount(c, name)
	return c
}

// plainCall refuses the clauses that only real functions accept.
func (p *parser) plainCall(c *ast.FunctionCall, name string) bool {
	clause := ""
	switch {
	case c.Over != nil:
		clause = "OVER"
	case c.Distinct:
		clause = "DISTINCT"
	case c.Filter != nil:
		clause = "FILTER"
	case len(c.OrderBy) > 0:
		clause = "ORDER BY"
	case c.Processing != "":
		clause = string(c.Processing)
	default:
		return true
	}
	p.failLater(c.At, "%s clause not valid for '%s' function", clause, name)
	return false
}

func (p *parser) wrongCount(c *ast.FunctionCall, name string) {
	switch name {
	case "coalesce", "format":
		p.failLater(c.At, "The '%s' function must have at least two arguments", name)
	case "try":
		p.failLater(c.At, "The 'try' function must have exactly one argument")
	default:
		p.failLater(c.At, "Invalid number of arguments for '%s' function", name)
	}
}
