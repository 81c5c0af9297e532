package parse

import "github.com/auditlake/auditlake/planner/ast"

// selectBlock parses SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW ….
func (p *parser) selectBlock() *ast.Select {
	s := &ast.Select{At: p.here()}
	p.expect("SELECT")
	s.Distinct = p.setQuantifier()
	s.Items = []ast.SelectItem{p.selectItem()}
	for p.accept(",") {
		s.Items = append(s.Items, p.selectItem())
	}
	if p.accept("FROM") {
		s.From = p.from()
	}
	if p.accept("WHERE") {
		s.Where = p.expression()
	}
	if p.accept("GROUP") {
		s.GroupBy = p.groupBy()
	}
	if p.accept("HAVING") {
		s.Having = p.expression()
	}
	if p.accept("WINDOW") {
		s.Windows = p.windowDefinitions()
	}
	return s
}

// setQuantifier parses an optional ALL or DISTINCT and reports whether it is DISTINCT.
func (p *parser) setQuantifier() bool {
	if p.accept("DISTINCT") {
		return true
	}
	if p.at("ALL") && (p.startsOperand(p.peek(1)) || p.peek(1).word == "AUTO") {
		p.advance()
	}
	return false
}

// startsOperand reports whether t, after a word that may also be a name, begins an expression of its own instead of
// continuing that name.
func (p *parser) startsOperand(t *token) bool {
	switch t.kind {
	case tokenEOF, tokenUnknown:
		return false
	case tokenSymbol:
		return t.word == "*" || t.word == "(" || t.word == "?"
	case tokenReserved:
		switch t.word {
		case "CASE", "CAST", "CURRENT_CATALOG", "CURRENT_DATE", "CURRENT_PATH", "CURRENT_SCHEMA",
			"CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "CUBE", "EXISTS", "EXTRACT", "FALSE",
			"GROUPING", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_VALUE", "LISTAGG",
			"LOCALTIME", "LOCALTIMESTAMP", "NORMALIZE", "NOT", "NULL", "ROLLUP", "TRIM", "TRUE":
			return true
		}
		return false
	}
	return true
}

// startsExpression reports whether t can be the first token of an expression.
func (p *parser) startsExpression(t *token) bool {
	switch t.word {
	case "-", "+", "[":
		return true
	}
	return t.word != "*" && p.startsOperand(t)
}

func (p *parser) selectItem() ast.SelectItem {
	at := p.here()
	if p.accept("*") {
		return &ast.AllColumns{At: at}
	}
	start, depth := p.itemStart, p.itemDepth
	p.itemStart, p.itemDepth = p.past, p.depth+1
	x := p.expression()
	p.itemStart, p.itemDepth = start, depth
	if p.acceptAll(".", "*") {
		all := &ast.AllColumns{At: at, Target: x}
		if p.accept("AS") {
			all.Aliases = p.idents()
		}
		return all
	}
	item := &ast.SingleColumn{At: at, X: x}
	if alias, ok := p.alias(); ok {
		item.Alias = &alias
	}
	return item
}

// alias parses an optional [AS] name after an expression.
func (p *parser) alias() (ast.Ident, bool) {
	if p.accept("AS") {
		return p.ident(), true
	}
	if p.atLimitClause() || p.atWindowClause() || !p.atName() {
		return ast.Ident{}, false
	}
	return p.ident(), true
}

// atWindowClause reports whether WINDOW begins the clause WINDOW name AS (…) here;
// it is a name otherwise.
func (p *parser) atWindowClause() bool {
	return p.tok().word == "WINDOW" && isName(p.peek(1)) && p.peek(2).word == "AS"
}

// groupBy parses what follows GROUP.
func (p *parser) groupBy() *ast.GroupBy {
	p.expect("BY")
	g := &ast.GroupBy{At: p.here(), Distinct: p.setQuantifier()}
	g.Elements = []*ast.GroupingElement{p.groupingElement()}
	for p.accept(",") {
		g.Elements = append(g.Elements, p.groupingElement())
	}
	return g
}

func (p *parser) groupingElement() *ast.GroupingElement {
	e := &ast.GroupingElement{At: p.here()}
	switch {
	case p.accept("ROLLUP"):
		e.Kind = ast.Rollup
		e.Elements = p.groupingList(true)
	case p.accept("AUTO"):
		e.Kind = ast.Auto
	case p.accept("CUBE"):
		e.Kind = ast.Cube
		e.Elements = p.groupingList(true)
	case p.acceptAll("GROUPING", "SETS"):
		e.Kind = ast.GroupingSets
		e.Elements = p.groupingList(false)
	default:
		return p.groupingSet()
	}
	return e
}

// groupingList parses "(" set, … ")".
func (p *parser) groupingList(mayBeEmpty bool) []*ast.GroupingElement {
	p.expect("(")
	if mayBeEmpty && p.accept(")") {
		return nil
	}
	list := []*ast.GroupingElement{p.groupingSet()}
	for p.accept(",") {
		list = append(list, p.groupingSet())
	}
	p.expect(")")
	return list
}

// groupingSet parses an expression or a list of them in parentheses. A list is first parsed as a row; it stays a
// row if an operator follows.
func (p *parser) groupingSet() *ast.GroupingElement {
	e := &ast.GroupingElement{At: p.here(), Kind: ast.GroupingSet}
	if p.acceptAll("(", ")") {
		return e
	}
	inParentheses := p.at("(")
	x := p.expression()
	if row, ok := x.(*ast.Row); ok && inParentheses && row.At == e.At {
		e.Set = row.Items
		return e
	}
	e.Set = []ast.Expr{x}
	return e
}
