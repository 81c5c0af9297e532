package parse

import "github.com/auditlake/auditlake/planner/ast"

// from parses the list after FROM; commas bind looser than joins.
func (p *parser) from() ast.Relation {
	at := p.here()
	left := p.relation()
	for length := 0; p.accept(","); p.link(&length) {
		left = &ast.Join{At: at, Kind: ast.ImplicitJoin, Left: left, Right: p.relation()}
	}
	return left
}

// relation parses joined relations. The right side of a join with a condition may itself be a join: a JOIN b JOIN c
// ON x ON y.
func (p *parser) relation() ast.Relation {
	p.enter()
	defer p.leave()
	at := p.here()
	left := p.sampled()
	for length := 0; p.atJoin(); p.link(&length) {
		j := &ast.Join{At: at, Left: left}
		p.join(j)
		left = j
	}
	return left
}

func (p *parser) atJoin() bool {
	return p.atAny("CROSS", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "NATURAL")
}

// join parses one join after its left side.
func (p *parser) join(j *ast.Join) {
	if p.accept("CROSS") {
		p.expect("JOIN")
		j.Kind, j.Right = ast.CrossJoin, p.sampled()
		return
	}
	j.Natural = p.accept("NATURAL")
	j.Kind = p.joinKind()
	p.expect("JOIN")
	if j.Natural {
		j.Right = p.sampled()
		return
	}
	j.Right = p.relation()
	if p.accept("ON") {
		j.On = p.expression()
		return
	}
	p.expect("USING")
	j.Using = p.idents()
}

func (p *parser) joinKind() ast.JoinKind {
	for _, kind := range []ast.JoinKind{ast.LeftJoin, ast.RightJoin, ast.FullJoin} {
		if p.accept(string(kind)) {
			p.accept("OUTER")
			return kind
		}
	}
	p.accept("INNER")
	return ast.InnerJoin
}

// sampled parses a relation with its alias, pattern and sample.
func (p *parser) sampled() ast.Relation {
	at := p.here()
	r := p.patterned(at, p.aliased(p.relationPrimary()))
	p.note("'MATCH_RECOGNIZE'")
	if !p.at("TABLESAMPLE") {
		return r
	}
	p.expect("TABLESAMPLE")
	s := &ast.Sample{At: at, Relation: r}
	s.System = p.oneOf("BERNOULLI", "SYSTEM") == "SYSTEM"
	p.expect("(")
	s.Percentage = p.expression()
	p.expect(")")
	return s
}

// aliased parses an optional [AS] name [(columns)] after r.
func (p *parser) aliased(r ast.Relation) ast.Relation {
	a := &ast.Aliased{At: ast.At(r.Pos()), Relation: r}
	if !p.accept("AS") {
		if !p.atName() || p.atRelationClause() {
			return r
		}
	}
	a.Alias = p.ident()
	a.Columns = p.columnAliases()
	return a
}

// atRelationClause reports whether the current word begins a clause after a relation and is not an alias of that
// name.
func (p *parser) atRelationClause() bool {
	switch p.tok().word {
	case "TABLESAMPLE":
		return p.peekIs("BERNOULLI") || p.peekIs("SYSTEM")
	case "MATCH_RECOGNIZE":
		return p.peekIs("(")
	case "PARTITION":
		return p.peekIs("BY")
	case "PRUNE", "KEEP":
		return p.peekIs("WHEN")
	case "COPARTITION":
		return p.peekIs("(")
	}
	return p.atLimitClause() || p.atWindowClause()
}

func (p *parser) relationPrimary() ast.Relation {
	at := p.here()
	if _, ok := p.storeID(); ok {
		return p.table()
	}
	p.note("'LATERAL'")
	switch {
	case p.tok().word == "LATERAL" && p.peekIs("("):
		p.advance()
		return &ast.Lateral{At: at, Query: p.parenthesizedQuery()}
	case p.accept("("):
		return p.parenthesizedRelation(at)
	case p.accept("UNNEST"):
		return p.unnest(at)
	case p.at("TABLE"):
		return p.tableFunction()
	case p.at("JSON_TABLE"):
		return p.jsonTable()
	case p.atName():
		return p.table()
	}
	panic(p.unexpectedError())
}

// parenthesizedRelation parses (query) or (relation) after the parenthesis at position at.
func (p *parser) parenthesizedRelation(at ast.At) ast.Relation {
	if p.atQuery() && !(p.tok().word == "TABLE" && p.peekIs("(")) {
		q := p.query()
		p.expect(")")
		return &ast.TableSubquery{At: at, Query: q}
	}
	p.note("<query>")
	r := p.relation()
	if sub, ok := r.(*ast.TableSubquery); ok && p.atQueryTail() {
		r = &ast.TableSubquery{At: at, Query: p.queryNoWith(sub.Query)}
	}
	p.expect(")")
	return r
}

func (p *parser) unnest(at ast.At) ast.Relation {
	u := &ast.Unnest{At: at}
	p.expect("(")
	u.Exprs = p.expressions()
	p.expect(")")
	u.WithOrdinality = p.acceptAll("WITH", "ORDINALITY")
	return u
}

// table parses a table's name with an optional version.
func (p *parser) table() ast.Relation {
	t := &ast.Table{At: p.here(), Name: p.tableName()}
	at := p.here()
	if !p.accept("FOR") {
		return t
	}
	t.Version = &ast.TableVersion{At: at, Timestamp: p.oneOf("TIMESTAMP", "VERSION") == "TIMESTAMP"}
	p.expect("AS", "OF")
	t.Version.X = p.value()
	return t
}
