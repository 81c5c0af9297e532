package parse

import "github.com/auditlake/auditlake/planner/ast"

// The statements of this file change tables, which this program cannot. They are parsed to their end, so that a
// mistake is reported at its position, and then refused.

// insert parses INSERT INTO table [(column, …)] query.
func (p *parser) insert() ast.Statement {
	at := p.here()
	p.expect("INSERT", "INTO")
	p.tableName()
	if p.at("(") && isName(p.peek(1)) {
		p.idents()
	}
	p.query()
	p.refuseLater(at, onlyQueries, "INSERT")
	return nil
}

// deleteFrom parses DELETE FROM table [WHERE condition].
func (p *parser) deleteFrom() ast.Statement {
	at := p.here()
	p.expect("DELETE", "FROM")
	p.tableName()
	p.where()
	p.refuseLater(at, onlyQueries, "DELETE")
	return nil
}

// update parses UPDATE table SET column = value, … [WHERE condition].
func (p *parser) update() ast.Statement {
	at := p.here()
	p.expect("UPDATE")
	p.tableName()
	p.assignments()
	p.where()
	p.refuseLater(at, onlyQueries, "UPDATE")
	return nil
}

func (p *parser) where() {
	if p.accept("WHERE") {
		p.expression()
	}
}

// assignments parses SET column = value, ….
func (p *parser) assignments() {
	p.expect("SET")
	p.assignment()
	for p.accept(",") {
		p.assignment()
	}
}

func (p *parser) assignment() {
	p.ident()
	p.expect("=")
	p.expression()
}

// merge parses MERGE INTO table [[AS] alias] USING relation ON condition case ….
func (p *parser) merge() ast.Statement {
	at := p.here()
	p.expect("MERGE", "INTO")
	p.tableName()
	if p.accept("AS") || p.atName() {
		p.ident()
	}
	p.expect("USING")
	p.relation()
	p.expect("ON")
	p.expression()
	p.mergeCase()
	for p.at("WHEN") {
		p.mergeCase()
	}
	p.refuseLater(at, onlyQueries, "MERGE")
	return nil
}

// mergeCase parses WHEN MATCHED [AND condition] THEN UPDATE SET … or DELETE, or
// WHEN NOT MATCHED [AND condition] THEN INSERT [(column, …)] VALUES (value, …).
func (p *parser) mergeCase() {
	p.expect("WHEN")
	isNew := p.accept("NOT")
	p.expect("MATCHED")
	if p.accept("AND") {
		p.expression()
	}
	p.expect("THEN")
	switch {
	case isNew:
		p.expect("INSERT")
		p.columnAliases()
		p.expect("VALUES", "(")
		p.expressions()
		p.expect(")")
	case p.accept("DELETE"):
	default:
		p.expect("UPDATE")
		p.assignments()
	}
}
