package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// isName reports whether t can be an identifier. Back quotes and words that start with a digit count, so that ident
// can report their mistake.
func isName(t *token) bool {
	switch t.kind {
	case tokenWord, tokenQuoted, tokenBackquoted, tokenDigitWord:
		return true
	}
	return false
}

func (p *parser) atName() bool {
	if isName(p.tok()) {
		return true
	}
	p.note("<identifier>")
	return false
}

// ident parses an identifier.
func (p *parser) ident() ast.Ident {
	if !p.atName() {
		p.unexpected()
	}
	t := p.tok()
	id := ast.Ident{At: t.at(), Name: p.text(t)}
	switch t.kind {
	case tokenQuoted:
		id.Name, id.Quoted = unquote(id.Name), true
		if id.Name == "" {
			p.failName(id.At, "Zero-length delimited identifier not allowed")
		}
	case tokenBackquoted:
		p.failName(id.At, "backquoted identifiers are not supported; use double quotes to quote identifiers")
	case tokenDigitWord:
		p.failName(id.At, "identifiers must not start with a digit; surround the identifier with double quotes"+durationHint(p.text(t)))
	}
	p.advance()
	return id
}

// idents parses "(" identifier, … ")".
func (p *parser) idents() []ast.Ident {
	p.expect("(")
	list := []ast.Ident{p.ident()}
	for p.accept(",") {
		list = append(list, p.ident())
	}
	p.expect(")")
	return list
}

// columnAliases parses an optional list of identifiers in parentheses.
func (p *parser) columnAliases() []ast.Ident {
	if !p.at("(") {
		return nil
	}
	return p.idents()
}

// qualifiedName parses identifiers with dots between them.
func (p *parser) qualifiedName() ast.QualifiedName {
	name := ast.QualifiedName{At: p.here(), Parts: []ast.Ident{p.ident()}}
	for p.accept(".") {
		name.Parts = append(name.Parts, p.ident())
	}
	return name
}

// maxTableNameParts is catalog, schema and table.
const maxTableNameParts = 3

// tableName parses a qualified name whose parts may be store ids.
func (p *parser) tableName() ast.QualifiedName {
	name := ast.QualifiedName{At: p.here(), Parts: []ast.Ident{p.tableIdent()}}
	for p.acceptDot() {
		name.Parts = append(name.Parts, p.tableIdent())
	}
	if len(name.Parts) > maxTableNameParts {
		p.failLater(name.At, "Too many dots in table name: %s", strings.ToLower(name.String()))
	}
	return name
}

// acceptDot passes a dot, even if it was read as the decimal point of a number before a store id.
func (p *parser) acceptDot() bool {
	t := p.tok()
	end := storeIDEnd(p.lex.sql, t.start+1)
	if p.lex.byteAt(t.start) == '.' && t.kind != tokenSymbol && strings.Contains(p.lex.sql[t.start:end], "-") {
		p.relexed(token{kind: tokenSymbol, word: ".", end: t.start + 1})
		return true
	}
	return p.accept(".")
}

// tableIdent parses an identifier or an unquoted store id.
func (p *parser) tableIdent() ast.Ident {
	end, ok := p.storeID()
	if !ok {
		return p.ident()
	}
	t := p.tok()
	id := ast.Ident{At: t.at(), Name: p.lex.sql[t.start:end]}
	p.relexed(token{kind: tokenDigitWord, end: end})
	return id
}

// storeID returns the end of the store id at the current token: a name with a hyphen, which may start with a digit.
func (p *parser) storeID() (end int, ok bool) {
	start := p.tok().start
	end = storeIDEnd(p.lex.sql, start)
	text := p.lex.sql[start:end]
	return end, strings.Contains(text, "-")
}

// relexed replaces the current token with t, a token of ASCII characters on one line, and passes it. The text after
// it is read again.
func (p *parser) relexed(t token) {
	now := p.tok()
	t.start, t.line, t.col = now.start, now.line, now.col
	p.lex.pos, p.lex.line, p.lex.col = t.end, t.line, t.col+t.end-t.start
	p.buf = append(p.buf[:p.i], t)
	p.advance()
}
