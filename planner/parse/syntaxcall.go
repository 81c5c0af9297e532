package parse

import "github.com/auditlake/auditlake/planner/ast"

// function returns a call of a function that has a syntax of its own.
func function(at ast.At, name string, args ...ast.Expr) *ast.FunctionCall {
	return &ast.FunctionCall{
		At:   at,
		Name: ast.QualifiedName{At: at, Parts: []ast.Ident{{At: at, Name: name}}},
		Args: args,
	}
}

// position parses POSITION(a IN b), or a call of a function of that name.
func (p *parser) position() ast.Expr {
	c := function(p.here(), p.text(p.tok()))
	p.advance()
	switch next := p.peek(1); next.word {
	case ")", "*", "DISTINCT", "ORDER", "NOT":
		p.arguments(c)
		p.expect(")")
		p.callTail(c)
		return c
	}
	outer := p.openArguments()
	p.decided(outer)
	at := p.here()
	first := p.value()
	if p.accept("IN") {
		within := p.value()
		p.expect(")")
		return function(c.At, "strpos", within, first)
	}
	c.Args = []ast.Expr{p.expressionFrom(at, first)}
	if p.accept(",") {
		c.Args = append(c.Args, p.expressions()...)
	}
	p.argumentOrder(c)
	p.expect(")")
	p.callTail(c)
	return c
}

// substring parses SUBSTRING(x FROM n [FOR m]), which calls substr, or a plain
// call of substring.
func (p *parser) substring() ast.Expr {
	at := p.here()
	c := function(at, p.text(p.tok()))
	p.advance()
	p.arguments(c)
	if len(c.Args) == 1 && !c.Distinct && len(c.OrderBy) == 0 && p.accept("FROM") {
		c.Name = function(at, "substr").Name
		c.Args = append(c.Args, p.value())
		if p.accept("FOR") {
			c.Args = append(c.Args, p.value())
		}
		p.expect(")")
		return c
	}
	p.expect(")")
	p.callTail(c)
	return c
}

// tryCast parses TRY_CAST(x AS type), or a call of a function of that name.
func (p *parser) tryCast() ast.Expr {
	at := p.here()
	c := function(at, p.text(p.tok()))
	p.advance()
	p.arguments(c)
	if len(c.Args) == 1 && !c.Distinct && len(c.OrderBy) == 0 && p.accept("AS") {
		cast := &ast.Cast{At: at, X: c.Args[0], Type: p.typeName(), Try: true}
		p.expect(")")
		return cast
	}
	p.expect(")")
	p.callTail(c)
	return c
}

// normalize parses NORMALIZE(x [, form]); the form is NFC by default.
func (p *parser) normalize() ast.Expr {
	at := p.here()
	p.expect("NORMALIZE", "(")
	x := p.value()
	form := &ast.StringLiteral{At: at, Value: "NFC"}
	if p.accept(",") {
		form.At = p.here()
		form.Value = p.text(p.tok()) // as written: the function requires capitals
		p.oneOf("NFC", "NFD", "NFKC", "NFKD")
	}
	p.expect(")")
	return function(at, "normalize", x, form)
}

func (p *parser) extract() ast.Expr {
	e := &ast.Extract{At: p.here()}
	p.expect("EXTRACT", "(")
	e.Field = p.ident()
	p.expect("FROM")
	e.X = p.value()
	p.expect(")")
	return e
}

// trim parses TRIM([side] [chars] FROM x) or TRIM(x [, chars]).
func (p *parser) trim() ast.Expr {
	t := &ast.Trim{At: p.here(), Side: ast.Both}
	p.expect("TRIM", "(")
	p.trimOperands(t)
	p.expect(")")
	return t
}

func (p *parser) trimOperands(t *ast.Trim) {
	hasSide := p.atAny("LEADING", "TRAILING", "BOTH") && (p.startsOperand(p.peek(1)) || p.peekIs("FROM"))
	if hasSide {
		t.Side = ast.TrimSide(p.oneOf("LEADING", "TRAILING", "BOTH"))
	}
	if p.accept("FROM") {
		if !hasSide {
			p.failLater(t.At, "The 'trim' function must have specification, char or both arguments when it takes FROM")
		}
		t.X = p.value()
		if !hasSide {
			p.fail(t.At, "The 'trim' function must have specification, char or both arguments when it takes FROM")
		}
		return
	}
	t.X = p.value()
	switch {
	case p.accept("FROM"):
		t.Chars, t.X = t.X, p.value()
	case hasSide:
		p.unexpected()
	case p.accept(","):
		t.Chars = p.value()
	}
}

// grouping parses GROUPING(column, …).
func (p *parser) grouping() ast.Expr {
	g := &ast.Grouping{At: p.here()}
	p.expect("GROUPING", "(")
	if !p.at(")") {
		g.Args = []ast.Expr{p.columnName()}
		for p.accept(",") {
			g.Args = append(g.Args, p.columnName())
		}
	}
	p.expect(")")
	return g
}

// columnName parses a qualified name as a column.
func (p *parser) columnName() ast.Expr {
	name := p.qualifiedName()
	var x ast.Expr = &ast.Column{At: name.At, Name: name.Parts[0]}
	for _, part := range name.Parts[1:] {
		x = &ast.Dereference{At: name.At, Base: x, Field: part}
	}
	return x
}

// listagg parses LISTAGG(x [, separator] [ON OVERFLOW …]) WITHIN GROUP (ORDER BY …)
// [FILTER …] [OVER …].
func (p *parser) listagg() ast.Expr {
	c := function(p.here(), p.text(p.tok()))
	p.expect("LISTAGG", "(")
	c.Distinct = p.setQuantifier()
	c.Args = []ast.Expr{p.expression()}
	if p.accept(",") {
		c.Args = append(c.Args, p.stringLiteral())
	}
	c.Overflow = p.listaggOverflow()
	p.expect(")")
	p.expect("WITHIN", "GROUP", "(", "ORDER", "BY")
	c.WithinGroup = p.sortItems()
	p.expect(")")
	c.Filter = p.filter()
	if p.atOver() {
		c.Over = p.over()
	}
	return c
}

func (p *parser) listaggOverflow() *ast.ListaggOverflow {
	o := &ast.ListaggOverflow{At: p.here()}
	if !p.accept("ON") {
		return nil
	}
	p.expect("OVERFLOW")
	if p.accept("ERROR") {
		o.Error = true
		return o
	}
	p.expect("TRUNCATE")
	if isString(p.tok()) {
		o.Filler = p.stringLiteral()
	}
	o.WithCount = p.oneOf("WITH", "WITHOUT") == "WITH"
	p.expect("COUNT")
	return o
}

// currentTime parses CURRENT_TIMESTAMP and its like with an optional precision.
func (p *parser) currentTime() ast.Expr {
	c := &ast.Current{At: p.here(), Kind: ast.CurrentKind(p.tok().word), Precision: -1}
	p.advance()
	if p.at("(") {
		outer := p.blameToken()
		p.expect("(")
		c.Precision = int(min(p.integer().Value, maxPrecision))
		p.expect(")")
		p.decided(outer)
	}
	return c
}

// maxPrecision exceeds every valid precision and replaces all larger numbers.
const maxPrecision = 1 << 20
