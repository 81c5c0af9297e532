package parse

import "github.com/auditlake/auditlake/planner/ast"

// atQuery reports whether a query starts here, other than one in parentheses.
func (p *parser) atQuery() bool {
	switch p.tok().word {
	case "SELECT", "WITH", "VALUES", "TABLE":
		return true
	}
	return false
}

// atQueryTail reports whether the current token continues a query that ended in a parenthesis.
func (p *parser) atQueryTail() bool {
	switch p.tok().word {
	case "UNION", "EXCEPT", "INTERSECT", "ORDER":
		return true
	}
	return p.atLimitClause()
}

// query parses [WITH …] and what follows it.
func (p *parser) query() *ast.Query {
	p.enter()
	defer p.leave()
	at := p.here()
	with := p.with()
	q := p.queryNoWith(nil)
	q.At, q.With = at, with
	return q
}

// with parses an optional WITH clause.
func (p *parser) with() *ast.With {
	w := &ast.With{At: p.here()}
	if !p.accept("WITH") {
		return nil
	}
	if word := p.tok().word; (word == "FUNCTION" || word == "SESSION") && isName(p.peek(1)) {
		p.refuse(p.here(), "WITH %s is not supported", word)
	}
	p.note("'FUNCTION'", "'SESSION'")
	w.Recursive = p.accept("RECURSIVE")
	for {
		q := &ast.NamedQuery{At: p.here(), Name: p.ident()}
		q.Columns = p.columnAliases()
		p.expect("AS", "(")
		if !p.atQuery() && !p.at("(") {
			p.expected = nil
			p.note("<query>")
			p.unexpected()
		}
		q.Query = p.query()
		p.expect(")")
		w.Queries = append(w.Queries, q)
		if !p.accept(",") {
			return w
		}
	}
}

// queryNoWith parses a body with its order and limits. first is a query in parentheses that begins the body and was
// parsed already, or nil.
func (p *parser) queryNoWith(first *ast.Query) *ast.Query {
	q := &ast.Query{At: p.here()}
	if first != nil {
		q.At = first.At
		if first.With != nil {
			p.unexpected() // the operand's parentheses must not hold a WITH
		}
		q.Body = p.setOperations(first, 0)
	} else {
		q.Body = p.queryTerm(0)
	}
	if at := p.here(); p.accept("ORDER") {
		p.expect("BY")
		q.OrderAt, q.OrderBy = at, p.sortItems()
	}
	if p.accept("OFFSET") {
		q.Offset = p.rowCount()
		_ = p.accept("ROW") || p.accept("ROWS")
	}
	q.Limit = p.limit()
	return q
}

// Precedences of the set operations.
var setPrecedence = map[string]int{"UNION": 1, "EXCEPT": 1, "INTERSECT": 2}

// queryTerm parses operands joined by set operations that bind tighter than
// precedence above.
func (p *parser) queryTerm(above int) ast.QueryBody {
	return p.setOperations(p.queryPrimary(), above)
}

func (p *parser) setOperations(left ast.QueryBody, above int) ast.QueryBody {
	for length := 0; p.atAny("UNION", "EXCEPT", "INTERSECT"); p.link(&length) {
		word := p.tok().word
		precedence := setPrecedence[word]
		if precedence <= above {
			return left
		}
		op := &ast.SetOperation{At: p.here(), Op: ast.SetOp(word), Left: left}
		p.advance()
		if op.All = p.accept("ALL"); !op.All {
			p.accept("DISTINCT")
		}
		op.Corresponding = p.corresponding()
		op.Right = p.queryTerm(precedence)
		left = op
	}
	return left
}

func (p *parser) corresponding() *ast.Corresponding {
	c := &ast.Corresponding{At: p.here()}
	if !p.accept("CORRESPONDING") {
		return nil
	}
	if p.accept("BY") {
		c.Columns = p.idents()
	}
	return c
}

// queryPrimary parses one operand of a set operation.
func (p *parser) queryPrimary() ast.QueryBody {
	at := p.here()
	switch {
	case p.at("SELECT"):
		return p.selectBlock()
	case p.accept("VALUES"):
		return &ast.Values{At: at, Rows: p.expressions()}
	case p.accept("TABLE"):
		return &ast.Table{At: at, Name: p.tableName()}
	case p.accept("("):
		p.enter()
		defer p.leave()
		q := p.queryNoWith(nil)
		p.expect(")")
		return q
	}
	panic(p.unexpectedError())
}

// sortItems parses the list after ORDER BY.
func (p *parser) sortItems() []*ast.SortItem {
	items := []*ast.SortItem{p.sortItem()}
	for p.accept(",") {
		items = append(items, p.sortItem())
	}
	return items
}

func (p *parser) sortItem() *ast.SortItem {
	item := &ast.SortItem{At: p.here(), X: p.expression()}
	if item.Descending = p.accept("DESC"); !item.Descending {
		p.accept("ASC")
	}
	if p.accept("NULLS") {
		item.Nulls = ast.NullsLast
		if p.oneOf("FIRST", "LAST") == "FIRST" {
			item.Nulls = ast.NullsFirst
		}
	}
	return item
}

// rowCount parses an integer or a parameter.
func (p *parser) rowCount() ast.Expr {
	if p.at("?") {
		return p.parameter()
	}
	return p.integer()
}

// limit parses an optional LIMIT or FETCH FIRST.
func (p *parser) limit() *ast.Limit {
	l := &ast.Limit{At: p.here()}
	switch {
	case p.accept("LIMIT"):
		if l.All = p.accept("ALL"); !l.All {
			l.Count = p.rowCount()
		}
	case p.accept("FETCH"):
		p.fetch(l)
	default:
		return nil
	}
	return l
}

func (p *parser) fetch(l *ast.Limit) {
	l.Fetch = true
	p.oneOf("FIRST", "NEXT")
	if p.atAny("ROW", "ROWS") {
		l.Count = &ast.LongLiteral{At: l.At, Value: 1}
	} else {
		l.Count = p.rowCount()
	}
	p.oneOf("ROW", "ROWS")
	if l.WithTies = p.accept("WITH"); l.WithTies {
		p.expect("TIES")
		return
	}
	p.expect("ONLY")
}

// atLimitClause reports whether OFFSET, LIMIT or FETCH begins a clause here. All three are also names: SELECT 1
// limit.
func (p *parser) atLimitClause() bool {
	next := func(words ...string) bool {
		for _, word := range words {
			if p.peek(1).word == word {
				return true
			}
		}
		return false
	}
	switch p.tok().word {
	case "FETCH":
		return next("FIRST", "NEXT")
	case "LIMIT", "OFFSET":
		switch t := p.peek(1); t.kind {
		case tokenEOF:
			return false
		case tokenReserved:
			return next("NULL", "TRUE", "FALSE")
		case tokenSymbol:
			return !next(",", ")", ";", ".", "(")
		}
		return !next("LIMIT", "OFFSET", "FETCH")
	}
	return false
}
