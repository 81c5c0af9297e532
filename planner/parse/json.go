package parse

import "github.com/auditlake/auditlake/planner/ast"

// jsonPath parses value [FORMAT JSON], 'path' [AS name] [PASSING …].
func (p *parser) jsonPath() *ast.JSONPath {
	j := &ast.JSONPath{At: p.here(), Input: p.jsonInput()}
	p.expect(",")
	j.Path = p.stringLiteral()
	if p.accept("AS") {
		name := p.ident()
		j.Name = &name
	}
	if p.accept("PASSING") {
		j.Passing = []*ast.JSONArgument{p.jsonArgument()}
		for p.accept(",") {
			j.Passing = append(j.Passing, p.jsonArgument())
		}
	}
	return j
}

func (p *parser) jsonArgument() *ast.JSONArgument {
	a := &ast.JSONArgument{At: p.here(), Input: p.jsonInput()}
	p.expect("AS")
	a.Name = p.ident()
	return a
}

func (p *parser) jsonInput() *ast.JSONInput {
	return &ast.JSONInput{At: p.here(), X: p.expression(), Format: p.jsonFormat()}
}

// jsonFormat parses an optional FORMAT JSON [ENCODING …].
func (p *parser) jsonFormat() ast.JSONFormat {
	if !p.accept("FORMAT") {
		return ast.JSONFormatNone
	}
	p.expect("JSON")
	if !p.accept("ENCODING") {
		return ast.JSONFormatPlain
	}
	return ast.JSONFormat("JSON ENCODING " + p.oneOf("UTF8", "UTF16", "UTF32"))
}

// jsonReturning parses an optional RETURNING type.
func (p *parser) jsonReturning() *ast.Type {
	if !p.accept("RETURNING") {
		return nil
	}
	return p.typeName()
}

func (p *parser) jsonExists() ast.Expr {
	e := &ast.JSONExists{At: p.here()}
	p.expect("JSON_EXISTS", "(")
	e.Path = p.jsonPath()
	if !p.at(")") {
		e.OnError = ast.JSONBehavior(p.oneOf("TRUE", "FALSE", "UNKNOWN", "ERROR"))
		p.expect("ON", "ERROR")
	}
	p.expect(")")
	return e
}

func (p *parser) jsonValue() ast.Expr {
	v := &ast.JSONValue{At: p.here()}
	p.expect("JSON_VALUE", "(")
	v.Path = p.jsonPath()
	v.Returning = p.jsonReturning()
	v.OnEmpty, v.OnError = p.jsonValueBehaviors()
	p.expect(")")
	return v
}

// jsonValueBehaviors parses [behavior ON EMPTY] [behavior ON ERROR].
func (p *parser) jsonValueBehaviors() (onEmpty, onError ast.JSONValueBehavior) {
	for p.atAny("ERROR", "NULL", "DEFAULT") {
		b := ast.JSONValueBehavior{Kind: ast.JSONBehavior(p.oneOf("ERROR", "NULL", "DEFAULT"))}
		if b.Kind == ast.JSONOnDefault {
			b.Default = p.expression()
		}
		p.expect("ON")
		if onEmpty.Kind == "" && p.accept("EMPTY") {
			onEmpty = b
			continue
		}
		p.expect("ERROR")
		return onEmpty, b
	}
	return onEmpty, onError
}

// jsonQueryBehaviors parses [behavior ON EMPTY] [behavior ON ERROR].
func (p *parser) jsonQueryBehaviors() (onEmpty, onError ast.JSONBehavior) {
	for p.atAny("ERROR", "NULL", "EMPTY") {
		b := ast.JSONBehavior(p.oneOf("ERROR", "NULL", "EMPTY"))
		if b == ast.JSONOnEmpty {
			b += ast.JSONBehavior(" " + p.oneOf("ARRAY", "OBJECT"))
		}
		p.expect("ON")
		if onEmpty == "" && p.accept("EMPTY") {
			onEmpty = b
			continue
		}
		p.expect("ERROR")
		return onEmpty, b
	}
	return onEmpty, onError
}

func (p *parser) jsonQuery() ast.Expr {
	q := &ast.JSONQuery{At: p.here()}
	p.expect("JSON_QUERY", "(")
	q.Path = p.jsonPath()
	if q.Returning = p.jsonReturning(); q.Returning != nil {
		q.Format = p.jsonFormat()
	}
	q.Wrapper = p.jsonWrapper()
	q.Quotes = p.jsonQuotes()
	q.OnEmpty, q.OnError = p.jsonQueryBehaviors()
	p.expect(")")
	return q
}

func (p *parser) jsonWrapper() ast.JSONWrapper {
	wrapper := ast.JSONWrapperNone
	switch {
	case p.accept("WITHOUT"):
		wrapper = ast.JSONWrapperWithout
	case p.accept("WITH"):
		wrapper = ast.JSONWrapperUnconditional
		if p.accept("CONDITIONAL") {
			wrapper = ast.JSONWrapperConditional
		} else {
			p.accept("UNCONDITIONAL")
		}
	default:
		return wrapper
	}
	p.accept("ARRAY")
	p.expect("WRAPPER")
	return wrapper
}

func (p *parser) jsonQuotes() ast.JSONQuotes {
	quotes := ast.JSONQuotesNone
	switch {
	case p.accept("KEEP"):
		quotes = ast.JSONQuotesKeep
	case p.accept("OMIT"):
		quotes = ast.JSONQuotesOmit
	default:
		return quotes
	}
	p.expect("QUOTES")
	if p.accept("ON") {
		p.expect("SCALAR", "STRING")
	}
	return quotes
}

func (p *parser) jsonObject() ast.Expr {
	o := &ast.JSONObject{At: p.here()}
	p.expect("JSON_OBJECT", "(")
	if !p.at(")") && !p.atReturning() {
		o.Members = []*ast.JSONMember{p.jsonMember()}
		for p.accept(",") {
			o.Members = append(o.Members, p.jsonMember())
		}
		o.AbsentNull = p.nullHandling() == "ABSENT"
		o.UniqueKeys = p.uniqueKeys()
	}
	if o.Returning = p.jsonReturning(); o.Returning != nil {
		o.Format = p.jsonFormat()
	}
	p.expect(")")
	return o
}

// atReturning reports whether RETURNING begins RETURNING type here; it is a name
// otherwise.
func (p *parser) atReturning() bool {
	return p.tok().word == "RETURNING" && isName(p.peek(1)) && !p.peekIs("VALUE")
}

// nullHandling parses an optional NULL ON NULL or ABSENT ON NULL.
func (p *parser) nullHandling() string {
	if !p.atAny("NULL", "ABSENT") {
		return ""
	}
	word := p.oneOf("NULL", "ABSENT")
	p.expect("ON", "NULL")
	return word
}

// uniqueKeys parses an optional WITH | WITHOUT UNIQUE [KEYS].
func (p *parser) uniqueKeys() bool {
	if !p.atAny("WITH", "WITHOUT") {
		return false
	}
	unique := p.oneOf("WITH", "WITHOUT") == "WITH"
	p.expect("UNIQUE")
	p.accept("KEYS")
	return unique
}

// jsonMember parses [KEY] key VALUE value or key : value.
func (p *parser) jsonMember() *ast.JSONMember {
	m := &ast.JSONMember{At: p.here()}
	if p.at("KEY") && p.startsOperand(p.peek(1)) && (!p.peekIs("VALUE") || p.peek(2).word == "VALUE") && !p.atKeyLiteral() {
		p.advance()
		m.Key = p.expression()
		p.expect("VALUE")
	} else {
		m.Key = p.expression()
		p.oneOf("VALUE", ":")
	}
	m.Value = p.jsonInput()
	return m
}

// atKeyLiteral reports whether KEY 'text' : value stands here, where KEY is the type
// of a literal.
func (p *parser) atKeyLiteral() bool {
	return isString(p.peek(1)) && p.peek(2).word == ":"
}

func (p *parser) jsonArray() ast.Expr {
	a := &ast.JSONArray{At: p.here()}
	p.expect("JSON_ARRAY", "(")
	if !p.at(")") && !p.atReturning() {
		a.Items = []*ast.JSONInput{p.jsonInput()}
		for p.accept(",") {
			a.Items = append(a.Items, p.jsonInput())
		}
		a.NullNull = p.nullHandling() == "NULL"
	}
	if a.Returning = p.jsonReturning(); a.Returning != nil {
		a.Format = p.jsonFormat()
	}
	p.expect(")")
	return a
}
