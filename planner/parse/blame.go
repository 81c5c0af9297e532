package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// blame is where Trino reports a token that fits nothing. Its parser looks ahead
// where alternatives begin alike. If the text ends to make sense before one is
// left, the parser takes an alternative that could have ended earlier, as the k
// of k IN (1 2), and stumbles over what stands behind that: the IN. Without such
// an alternative the error stays at the token. Of alternatives inside one another
// the outermost decides.
//
// With the zero blame nothing is undecided, and the error is at the token.
type blame ast.At

// itself is the blame of a choice without an alternative that ends early.
var itself = blame{Line: -1}

// blaming puts the blame on b until decided is called with what it returned.
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

// failName is fail for a name that is spelled wrongly: a token that fits nothing
// wins while something is undecided.
func (p *parser) failName(at ast.At, message string) {
	err := types.Errorf(types.SyntaxError, at.Pos(), "%s", message)
	if p.blame == (blame{}) {
		panic(bailout{err})
	}
	if p.badName == nil {
		p.badName = err
	}
}

// fits returns whether the current token, a word that is a name as well, goes on
// with what stands before it. If it does not, it must be an alias: inside of
// something undecided that takes none, what stands behind the word is unexpected.
func (p *parser) fits(does bool) bool {
	if !does && p.undecided() {
		p.advance()
		p.unexpected()
	}
	return does
}

// undecided reports whether this is inside of something that no alternative ends
// before.
func (p *parser) undecided() bool { return p.blame == itself && p.depth > p.itemDepth }

// mismatch is a token that fits nothing, or what takes the blame for it.
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

// explained says what could have stood at a mismatch of the statement.
func explained[T any](text source, rule func(*parser) T, m *mismatch) *types.Error {
	p := newParser(text, m)
	_, _ = run(p, rule)
	if p.mismatch == nil || p.mismatch.at != m.at {
		return m.err(nil) // noting changes what is decided when
	}
	m.text = p.mismatch.text
	return m.err(p.expected)
}
