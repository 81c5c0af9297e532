package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// prepare parses PREPARE name FROM statement.
func (p *parser) prepare() ast.Statement {
	s := &ast.Prepare{At: p.here()}
	p.expect("PREPARE")
	s.Name = p.ident()
	p.expect("FROM")
	start := p.tok().start
	s.Statement = p.statement()
	s.Text = ast.Source(p.lex.sql[start:p.passedEnd()])
	return s
}

// passedEnd returns where the token before the current one ends.
func (p *parser) passedEnd() int { return p.buf[p.i-1].end }

// execute parses EXECUTE name or EXECUTE IMMEDIATE 'statement', with the values of its parameters. IMMEDIATE
// without a text after it is a name.
func (p *parser) execute() ast.Statement {
	at := p.here()
	p.expect("EXECUTE")
	if p.at("IMMEDIATE") && isString(p.peek(1)) {
		p.advance()
		return &ast.ExecuteImmediate{At: at, Text: p.stringLiteral(), Using: p.using()}
	}
	return &ast.Execute{At: at, Name: p.ident(), Using: p.using()}
}

func (p *parser) using() []ast.Expr {
	if !p.accept("USING") {
		return nil
	}
	return p.expressions()
}

func (p *parser) deallocate() ast.Statement {
	at := p.here()
	p.expect("DEALLOCATE", "PREPARE")
	return &ast.Deallocate{At: at, Name: p.ident()}
}

// killQuery is the only procedure. It ends a query.
const killQuery = "system.runtime.kill_query"

// callProcedure parses CALL procedure([name =>] value, …).
func (p *parser) callProcedure() ast.Statement {
	s := &ast.Call{At: p.here()}
	p.expect("CALL")
	s.Procedure = p.qualifiedName()
	s.Arguments = p.callArguments()
	if !strings.EqualFold(s.Procedure.String(), killQuery) {
		p.refuseLater(s.At, onlyQueries, "CALL")
	}
	return s
}

// use parses USE [catalog.]schema.
func (p *parser) use() ast.Statement {
	s := &ast.Use{At: p.here()}
	p.expect("USE")
	s.Schema = p.ident()
	if p.accept(".") {
		catalog := s.Schema
		s.Catalog, s.Schema = &catalog, p.ident()
	}
	return s
}

// set parses the statements that begin with SET.
func (p *parser) set() ast.Statement {
	at := p.here()
	p.expect("SET")
	switch {
	case p.accept("SESSION"):
		return p.setSession(at)
	case p.accept("TIME"):
		p.expect("ZONE")
		return p.setTimeZone(at)
	case p.accept("PATH"):
		p.pathElement()
		for p.accept(",") {
			p.pathElement()
		}
		p.refuseLater(at, "SET PATH is not supported")
		return nil
	}
	p.expect("ROLE")
	if !p.accept("ALL") && !p.accept("NONE") {
		p.ident()
	}
	if p.accept("IN") {
		p.ident()
	}
	p.refuseLater(at, "SET ROLE is not supported")
	return nil
}

func (p *parser) pathElement() {
	p.ident()
	if p.accept(".") {
		p.ident()
	}
}

// setSession parses name = value. SET SESSION AUTHORIZATION is refused;
// AUTHORIZATION is the name of a property only before a dot or an equals sign.
func (p *parser) setSession(at ast.At) ast.Statement {
	if p.at("AUTHORIZATION") && !p.peekIs("=") && !p.peekIs(".") {
		p.advance()
		if isString(p.tok()) {
			p.stringLiteral()
		} else {
			p.ident()
		}
		p.refuseLater(at, "SET SESSION AUTHORIZATION is not supported")
		return nil
	}
	s := &ast.SetSession{At: at, Name: p.qualifiedName()}
	p.expect("=")
	s.Value = p.expression()
	return s
}

func (p *parser) resetSession() ast.Statement {
	at := p.here()
	p.expect("RESET", "SESSION")
	if p.at("AUTHORIZATION") && !p.peekIs(".") {
		p.advance()
		p.refuseLater(at, "RESET SESSION AUTHORIZATION is not supported")
		return nil
	}
	return &ast.ResetSession{At: at, Name: p.qualifiedName()}
}

// setTimeZone parses LOCAL or the zone. LOCAL could also begin an expression as a column's name, but a zone that is
// a column is a mistake anyway.
func (p *parser) setTimeZone(at ast.At) ast.Statement {
	if p.accept("LOCAL") {
		return &ast.SetTimeZone{At: at}
	}
	return &ast.SetTimeZone{At: at, Zone: p.expression()}
}

// startTransaction parses START TRANSACTION [mode, …].
func (p *parser) startTransaction() ast.Statement {
	s := &ast.StartTransaction{At: p.here()}
	p.expect("START", "TRANSACTION")
	if !p.atAny("ISOLATION", "READ") {
		return s
	}
	p.transactionMode(s)
	for p.accept(",") {
		p.transactionMode(s)
	}
	return s
}

// transactionMode parses ISOLATION LEVEL level, READ ONLY or READ WRITE.
func (p *parser) transactionMode(s *ast.StartTransaction) {
	if p.oneOf("ISOLATION", "READ") == "READ" {
		if s.Access != "" {
			p.failLater(s.At, "Multiple transaction read modes specified")
		}
		s.Access = ast.AccessMode("READ " + p.oneOf("ONLY", "WRITE"))
		return
	}
	p.expect("LEVEL")
	if s.Isolation != "" {
		p.failLater(s.At, "Multiple transaction isolation levels specified")
	}
	switch p.oneOf("READ", "REPEATABLE", "SERIALIZABLE") {
	case "READ":
		s.Isolation = ast.IsolationLevel("READ " + p.oneOf("COMMITTED", "UNCOMMITTED"))
	case "REPEATABLE":
		p.expect("READ")
		s.Isolation = ast.RepeatableRead
	default:
		s.Isolation = ast.Serializable
	}
}

func (p *parser) commit() ast.Statement {
	at := p.here()
	p.expect("COMMIT")
	p.accept("WORK")
	return &ast.Commit{At: at}
}

func (p *parser) rollback() ast.Statement {
	at := p.here()
	p.expect("ROLLBACK")
	p.accept("WORK")
	return &ast.Rollback{At: at}
}
