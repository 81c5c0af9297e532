package parse

import "github.com/auditlake/auditlake/planner/ast"

// show parses SHOW and what it shows.
func (p *parser) show() ast.Statement {
	s := &ast.Show{At: p.here()}
	p.expect("SHOW")
	switch word := p.tok().word; word {
	case "CREATE":
		p.showCreate(s)
	case "STATS":
		p.showStats(s)
	case "CURRENT":
		p.expect("CURRENT", "ROLES")
		s.Kind = ast.ShowCurrentRoles
		p.showFrom(s)
	case "ROLES":
		p.advance()
		s.Kind = ast.ShowRoles
		p.showFrom(s)
	case "ROLE":
		p.expect("ROLE", "GRANTS")
		s.Kind = ast.ShowRoleGrants
		p.showFrom(s)
	case "GRANTS":
		p.showGrants(s)
	case "SESSION":
		p.advance()
		s.Kind = ast.ShowSession
		p.showLike(s)
	default:
		s.Kind = ast.ShowKind(p.oneOf("CATALOGS", "COLUMNS", "FUNCTIONS", "SCHEMAS", "TABLES"))
		p.showFrom(s)
		p.showLike(s)
	}
	return s
}

// showCreate parses CREATE TABLE name or CREATE SCHEMA name.
func (p *parser) showCreate(s *ast.Show) {
	p.expect("CREATE")
	switch {
	case p.accept("TABLE"):
		s.Kind = ast.ShowCreateTable
	case p.accept("SCHEMA"):
		s.Kind = ast.ShowCreateSchema
	default:
		verb := "SHOW CREATE VIEW"
		if p.oneOf("MATERIALIZED", "VIEW") == "MATERIALIZED" {
			p.expect("VIEW")
			verb = "SHOW CREATE MATERIALIZED VIEW"
		}
		p.refuseLater(s.At, onlyQueries, verb)
	}
	name := p.tableName()
	s.From = &name
}

// showStats parses STATS FOR name or STATS FOR (query).
func (p *parser) showStats(s *ast.Show) {
	p.expect("STATS", "FOR")
	s.Kind = ast.ShowStats
	if p.accept("(") {
		s.Query = p.query()
		p.expect(")")
		return
	}
	name := p.tableName()
	s.From = &name
}

// showGrants parses GRANTS [ON [TABLE] name].
func (p *parser) showGrants(s *ast.Show) {
	p.expect("GRANTS")
	s.Kind = ast.ShowGrants
	if !p.accept("ON") {
		return
	}
	p.accept("TABLE")
	name := p.tableName()
	s.From = &name
}

// showLike parses [LIKE pattern [ESCAPE c]].
func (p *parser) showLike(s *ast.Show) {
	if !p.accept("LIKE") {
		return
	}
	s.Like = p.stringLiteral()
	if p.accept("ESCAPE") {
		s.Escape = p.stringLiteral()
	}
}

// showFrom parses [FROM name].
func (p *parser) showFrom(s *ast.Show) {
	if s.Kind == ast.ShowCatalogs {
		return
	}
	if !p.accept("FROM") && !p.accept("IN") {
		if s.Kind == ast.ShowColumns {
			p.unexpected()
		}
		return
	}
	name := p.tableName()
	s.From = &name
}
