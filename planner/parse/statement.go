package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// refused maps the first word of each statement that is none of ours to the
// words that can follow it, none meaning any. Trino reports a wrong second word
// as a syntax error.
var refused = map[string][]string{
	"ALTER":      {"SCHEMA", "TABLE", "MATERIALIZED", "VIEW"},
	"ANALYZE":    nil,
	"CALL":       nil,
	"COMMENT":    {"ON"},
	"COMMIT":     nil,
	"CREATE":     {"CATALOG", "FUNCTION", "MATERIALIZED", "OR", "ROLE", "SCHEMA", "TABLE", "VIEW"},
	"DEALLOCATE": {"PREPARE"},
	"DELETE":     {"FROM"},
	"DENY":       nil,
	"DROP":       {"CATALOG", "FUNCTION", "MATERIALIZED", "ROLE", "SCHEMA", "TABLE", "VIEW"},
	"EXECUTE":    nil,
	"GRANT":      nil,
	"INSERT":     {"INTO"},
	"MERGE":      {"INTO"},
	"PREPARE":    nil,
	"REFRESH":    {"MATERIALIZED"},
	"RESET":      {"SESSION"},
	"REVOKE":     nil,
	"ROLLBACK":   nil,
	"SET":        {"PATH", "ROLE", "SESSION", "TIME"},
	"START":      {"TRANSACTION"},
	"TRUNCATE":   {"TABLE"},
	"UPDATE":     nil,
	"USE":        nil,
}

// statement parses any statement this program answers.
func (p *parser) statement() ast.Statement {
	p.enter()
	defer p.leave()
	switch t := p.tok(); t.word {
	case "SELECT", "WITH", "VALUES", "TABLE", "(":
		return p.query()
	case "EXPLAIN":
		return p.explain()
	case "SHOW":
		return p.show()
	case "DESCRIBE", "DESC":
		return p.describe()
	default:
		if follow, ok := refused[t.word]; ok && t.word != "" {
			p.refuseStatement(follow)
		}
	}
	for word := range refused {
		p.at(word)
	}
	p.note("'DESC'", "'DESCRIBE'", "'EXPLAIN'", "'SHOW'", "'WITH'", "<query>")
	panic(p.unexpectedError())
}

func (p *parser) refuseStatement(follow []string) {
	at := p.here()
	p.advance()
	if len(follow) > 0 && !p.atAny(follow...) {
		p.unexpected()
	}
	p.refuseNonQuery(at)
}

func (p *parser) refuseNonQuery(at ast.At) {
	p.refuse(at, "Only SELECT statements are allowed")
}

// explain parses EXPLAIN [(options)] statement or EXPLAIN ANALYZE [VERBOSE] statement.
func (p *parser) explain() *ast.Explain {
	e := &ast.Explain{At: p.here()}
	p.expect("EXPLAIN")
	switch {
	case p.accept("ANALYZE"):
		e.Analyze = true
		e.Verbose = p.accept("VERBOSE")
	case p.tok().word == "(" && (p.peekIs("TYPE") || p.peekIs("FORMAT")):
		p.explainOptions(e)
	}
	e.Statement = p.statement()
	return e
}

func (p *parser) explainOptions(e *ast.Explain) {
	p.expect("(")
	for {
		if p.accept("TYPE") {
			e.Type = p.oneOf("LOGICAL", "DISTRIBUTED", "VALIDATE", "IO")
		} else {
			p.expect("FORMAT")
			e.Format = p.oneOf("TEXT", "GRAPHVIZ", "JSON")
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
}

// describe parses DESCRIBE table or DESC table.
func (p *parser) describe() *ast.Show {
	s := &ast.Show{At: p.here(), Kind: ast.ShowColumns}
	isDescribe := p.tok().word == "DESCRIBE"
	p.advance()
	if word := p.tok().word; isDescribe && (word == "INPUT" || word == "OUTPUT") && isName(p.peek(1)) {
		p.refuse(s.At, "DESCRIBE %s is not supported", strings.ToUpper(word))
	}
	name := p.tableName()
	s.From = &name
	return s
}
