package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// blame is the position at which Trino reports an unexpected token.
//
// Trino's parser looks ahead where several alternatives begin alike. If it cannot complete any of them, it chooses
// one that could have ended earlier and reports the token after that. In k IN (1 2), the column k could have ended
// earlier, so it reports the IN. Without such an alternative it reports the token itself. If alternatives are
// nested, the outermost one decides.
//
// The zero blame means that nothing is undecided, and the error is at the token.
type blame ast.At

// itself is the blame of a choice in which no alternative ends early.
var itself = blame{Line: -1}

// blaming sets the blame to b until the caller passes its result to decided.
func (p *parser) blaming(b blame) (outer blame) {
	outer = p.blame
	if outer == (blame{}) {
		p.blame = b
	}
	return outer
}

// blameToken is blaming for the current token.
func (p *parser) blameToken() (outer blame) { return p.blaming(blame(p.here())) }

func (p *parser) decided(outer blame) {
	p.blame = outer
	if p.badName != nil && outer == (blame{}) {
		panic(bailout{p.badName})
	}
}

// failName is fail for a misspelled name. While something is undecided, an unexpected token takes precedence.
func (p *parser) failName(at ast.At, message string) {
	err := types.Errorf(types.SyntaxError, at.Pos(), "%s", message)
	if p.blame == (blame{}) {
		panic(bailout{err})
	}
	if p.badName == nil {
		p.badName = err
	}
}

// fits returns does, which says whether the current token, a word that may also be a name, continues what comes
// before it. If not, the word must be an alias. If nothing undecided may have an alias, the token after the word is
// unexpected.
func (p *parser) fits(does bool) bool {
	if !does && p.undecided() {
		p.advance()
		p.unexpected()
	}
	return does
}

// undecided reports whether the parser is inside a construct before which no alternative ends.
func (p *parser) undecided() bool { return p.blame == itself && p.depth > p.itemDepth }

// mismatch is an unexpected token, or the token that is blamed for it.
type mismatch struct {
	at   ast.At
	text string
	hint string
}

// unexpected ends the parse at the current token.
func (p *parser) unexpected() { panic(p.unexpectedError()) }

func (p *parser) unexpectedError() bailout {
	t := p.tok()
	m := &mismatch{at: t.at(), text: p.tokenText(t), hint: p.hint(t)}
	if p.blame.Line > 0 && ast.At(p.blame) != m.at {
		m.at = ast.At(p.blame)
		m.hint += fmt.Sprintf("; what follows makes no sense from '%s' at %s on", m.text, t.at().Pos())
	}
	p.mismatch = m
	return bailout{m.err(p.expected)}
}

func (m *mismatch) err(expected []string) *types.Error {
	message := "mismatched input '" + m.text + "'"
	if len(expected) > 0 {
		slices.Sort(expected) // quotes sort before <
		message += ". Expecting: " + strings.Join(expected, ", ")
	}
	return &types.Error{Name: types.SyntaxError, Pos: m.at.Pos(), Message: message + m.hint}
}

func (p *parser) tokenText(t *token) string {
	if t.kind == tokenEOF {
		return "<EOF>"
	}
	return p.text(t)
}

// explained returns the error for a mismatch with the expected tokens. It parses the statement again and notes each
// alternative at that position.
func explained[T any](text source, rule func(*parser) T, m *mismatch) *types.Error {
	p := newParser(text, m)
	_, _ = run(p, rule)
	if p.mismatch == nil || p.mismatch.at != m.at {
		return m.err(nil) // noting changes what is decided when
	}
	m.text = p.mismatch.text
	return m.err(p.expected)
}
