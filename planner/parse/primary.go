package parse

import "github.com/auditlake/auditlake/planner/ast"

// primary parses an expression without operators at its top level.
func (p *parser) primary() ast.Expr {
	t := p.tok()
	switch t.kind {
	case tokenReserved:
		return p.reserved(t.word)
	case tokenWord:
		if x := p.special(t.word); x != nil {
			return x
		}
		return p.named()
	case tokenQuoted, tokenBackquoted, tokenDigitWord:
		return p.named()
	case tokenString, tokenUnicodeString:
		return p.stringLiteral()
	case tokenBinary:
		return p.binaryLiteral()
	case tokenInteger, tokenDecimal, tokenDouble:
		return p.number()
	case tokenSymbol:
		switch t.word {
		case "(":
			return p.parenthesized()
		case "-":
			return p.number()
		case "?":
			return p.parameter()
		case "[":
			return p.array()
		}
	}
	p.note("<expression>")
	panic(p.unexpectedError())
}

// reserved parses an expression that begins with a reserved word.
func (p *parser) reserved(word string) ast.Expr {
	at := p.here()
	switch word {
	case "NULL":
		p.advance()
		return &ast.NullLiteral{At: at}
	case "TRUE", "FALSE":
		p.advance()
		return &ast.BoolLiteral{At: at, Value: word == "TRUE"}
	case "CASE":
		return p.caseWhen()
	case "CAST":
		return p.cast()
	case "EXISTS":
		p.advance()
		return &ast.Exists{At: at, Query: p.parenthesizedQuery()}
	case "EXTRACT":
		return p.extract()
	case "TRIM":
		return p.trim()
	case "NORMALIZE":
		return p.normalize()
	case "GROUPING":
		return p.grouping()
	case "LISTAGG":
		return p.listagg()
	case "CURRENT_DATE", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH":
		p.advance()
		return &ast.Current{At: at, Kind: ast.CurrentKind(word), Precision: -1}
	case "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP":
		return p.currentTime()
	case "JSON_EXISTS":
		return p.jsonExists()
	case "JSON_VALUE":
		return p.jsonValue()
	case "JSON_QUERY":
		return p.jsonQuery()
	case "JSON_OBJECT":
		return p.jsonObject()
	case "JSON_ARRAY":
		return p.jsonArray()
	}
	p.note("<expression>")
	panic(p.unexpectedError())
}

// special parses an expression that begins with an unreserved word with a syntax of its own; nil if the word is a
// plain name.
func (p *parser) special(word string) ast.Expr {
	at := p.here()
	next := p.peek(1)
	switch word {
	case "ARRAY":
		if next.word == "[" {
			return p.array()
		}
	case "ROW":
		if next.word == "(" && !p.peekIs("(", ")") {
			return p.row()
		}
	case "TRY_CAST":
		if next.word == "(" {
			return p.tryCast()
		}
	case "POSITION":
		if next.word == "(" {
			return p.position()
		}
	case "SUBSTRING":
		if next.word == "(" {
			return p.substring()
		}
	case "INTERVAL":
		if p.atInterval() {
			return p.interval()
		}
	case "DOUBLE":
		if next.word == "PRECISION" && isString(p.peek(2)) {
			p.expect("DOUBLE", "PRECISION")
			return &ast.TypedLiteral{At: at, Type: &ast.Type{At: at, Name: "double"}, Text: p.stringLiteral().Value}
		}
	case "RUNNING", "FINAL":
		if isName(next) && (p.peek(2).word == "(" || p.peek(2).word == ".") {
			p.advance()
			return p.processed(at, ast.ProcessingMode(word))
		}
	}
	return nil
}

// named parses an expression that begins with a plain name: a lambda, a typed literal, a function call, a measure
// or a column.
func (p *parser) named() ast.Expr {
	at := p.here()
	next := p.peek(1)
	switch {
	case next.word == "->":
		return p.lambda()
	case isString(next):
		return p.typedLiteral()
	case p.atCall():
		return p.call()
	}
	name := p.ident()
	if p.undecided() {
		p.note("'('", "'->'", "'OVER'", "<string>")
	}
	if p.tok().word == "OVER" && p.atOver() {
		return &ast.Measure{At: at, Name: name, Over: p.over()}
	}
	return &ast.Column{At: at, Name: name}
}

// atCall reports whether a qualified name and an opening parenthesis come next.
func (p *parser) atCall() bool {
	n := 1
	for p.peek(n).word == "." && isName(p.peek(n+1)) {
		n += 2
	}
	return p.peek(n).word == "("
}

// parenthesized parses (expression), (a, b, …), (query) or a lambda's list.
func (p *parser) parenthesized() ast.Expr {
	if p.atLambda() {
		return p.lambda()
	}
	at := p.here()
	p.expect("(")
	if p.accept(")") {
		p.expect("->") // only a lambda begins so
	}
	if p.atQuery() {
		q := p.query()
		p.expect(")")
		return &ast.Subquery{At: at, Query: q}
	}
	if p.accept(")") {
		p.expect("->")
	}
	p.note("<query>")
	outer := p.blaming(itself)
	x := p.expression()
	if sub, ok := x.(*ast.Subquery); ok && p.atQueryTail() {
		x = &ast.Subquery{At: at, Query: p.queryNoWith(sub.Query)}
	}
	if !p.at(",") {
		p.expect(")")
		p.decided(outer)
		return x
	}
	p.decided(outer)
	row := &ast.Row{At: at, Items: []ast.Expr{x}}
	for p.accept(",") {
		row.Items = append(row.Items, p.expression())
	}
	p.expect(")")
	return row
}

// atLambda reports whether "(" name, … ")" "->" comes next.
func (p *parser) atLambda() bool {
	n := 1
	if p.peek(n).word != ")" {
		for ; isName(p.peek(n)); n += 2 {
			if p.peek(n+1).word == ")" {
				n++
				break
			}
			if p.peek(n+1).word != "," {
				return false
			}
		}
	}
	return p.peek(n).word == ")" && p.peek(n+1).word == "->"
}

func (p *parser) lambda() ast.Expr {
	l := &ast.Lambda{At: p.here()}
	switch {
	case p.acceptAll("(", ")"):
	case p.at("("):
		l.Params = p.idents()
	default:
		l.Params = []ast.Ident{p.ident()}
	}
	p.expect("->")
	l.Body = p.expression()
	return l
}

func (p *parser) row() ast.Expr {
	row := &ast.Row{At: p.here()}
	p.expect("ROW")
	outer := p.openArguments()
	row.Items = []ast.Expr{p.expression()}
	p.decided(outer)
	for p.accept(",") {
		row.Items = append(row.Items, p.expression())
	}
	p.expect(")")
	return row
}

func (p *parser) array() ast.Expr {
	a := &ast.Array{At: p.here()}
	p.accept("ARRAY")
	p.expect("[")
	if !p.at("]") {
		a.Items = p.expressions()
	}
	p.expect("]")
	return a
}

func (p *parser) parameter() ast.Expr {
	at := p.here()
	p.expect("?")
	p.parameters++
	if p.parameters <= len(p.values) {
		return p.values[p.parameters-1]
	}
	return &ast.Parameter{At: at, Index: p.parameters - 1}
}

func (p *parser) caseWhen() ast.Expr {
	c := &ast.Case{At: p.here()}
	p.expect("CASE")
	if !p.at("WHEN") {
		c.Operand = p.expression()
	}
	for p.at("WHEN") || len(c.Whens) == 0 {
		w := &ast.When{At: p.here()}
		p.expect("WHEN")
		w.Condition = p.expression()
		p.expect("THEN")
		w.Result = p.expression()
		c.Whens = append(c.Whens, w)
	}
	if p.accept("ELSE") {
		c.Else = p.expression()
	}
	p.expect("END")
	return c
}

func (p *parser) cast() ast.Expr {
	c := &ast.Cast{At: p.here()}
	p.expect("CAST", "(")
	c.X = p.expression()
	p.expect("AS")
	c.Type = p.typeName()
	p.expect(")")
	return c
}
