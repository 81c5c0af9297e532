package parse

import "github.com/auditlake/auditlake/planner/ast"

// otherStatements maps the first word of each statement other than a query to its rule. The rule returns nil for a
// statement that is refused.
var otherStatements map[string]func(*parser) ast.Statement

func init() { // not in the declaration: the rules refer back to it
	otherStatements = map[string]func(*parser) ast.Statement{
		"CALL":       (*parser).callProcedure,
		"COMMIT":     (*parser).commit,
		"DEALLOCATE": (*parser).deallocate,
		"DELETE":     (*parser).deleteFrom,
		"DESC":       (*parser).describe,
		"DESCRIBE":   (*parser).describe,
		"EXECUTE":    (*parser).execute,
		"EXPLAIN":    (*parser).explain,
		"INSERT":     (*parser).insert,
		"MERGE":      (*parser).merge,
		"PREPARE":    (*parser).prepare,
		"RESET":      (*parser).resetSession,
		"ROLLBACK":   (*parser).rollback,
		"SET":        (*parser).set,
		"SHOW":       (*parser).show,
		"START":      (*parser).startTransaction,
		"UPDATE":     (*parser).update,
		"USE":        (*parser).use,
	}
}

// statement parses any statement. For a statement that this program does not answer it returns nil; the parse then
// ends with an error.
func (p *parser) statement() ast.Statement {
	p.enter()
	defer p.leave()
	word := p.tok().word
	if p.atQuery() || word == "(" {
		return p.query()
	}
	if rule, ok := otherStatements[word]; ok {
		return rule(p)
	}
	if _, ok := definitions[word]; ok {
		return p.definition(word)
	}
	for word := range otherStatements {
		p.at(word)
	}
	for word := range definitions {
		p.at(word)
	}
	p.note("'WITH'", "<query>")
	panic(p.unexpectedError())
}

// onlyQueries is the message that refuses a statement; it takes the verb.
const onlyQueries = "Only SELECT statements are allowed, not %s"

// explain parses EXPLAIN [(options)] statement, EXPLAIN ANALYZE [VERBOSE] statement, or EXPLAIN VERBOSE statement,
// which Trino does not have.
func (p *parser) explain() ast.Statement {
	e := &ast.Explain{At: p.here()}
	p.expect("EXPLAIN")
	switch {
	case p.accept("ANALYZE"):
		e.Analyze = true
		e.Verbose = p.accept("VERBOSE")
	case p.accept("VERBOSE"):
		e.Verbose = true
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

// describe parses DESCRIBE table, DESC table, DESCRIBE INPUT name or DESCRIBE OUTPUT name.
func (p *parser) describe() ast.Statement {
	at := p.here()
	isDescribe := p.tok().word == "DESCRIBE"
	p.advance()
	if isDescribe && p.atAny("INPUT", "OUTPUT") && isName(p.peek(1)) {
		if p.accept("INPUT") {
			return &ast.DescribeInput{At: at, Name: p.ident()}
		}
		p.expect("OUTPUT")
		return &ast.DescribeOutput{At: at, Name: p.ident()}
	}
	name := p.tableName()
	return &ast.Show{At: at, Kind: ast.ShowColumns, From: &name}
}
