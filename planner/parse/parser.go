package parse

import (
	"slices"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// parser reads tokens on demand and descends recursively, with one method for each rule of the grammar. A method
// that finds a mistake panics with a bailout, which run turns into an error.
type parser struct {
	lex   lexer
	start ast.Pos // of the text
	buf   []token // the last tokens passed and those looked at ahead
	i     int     // the current token's index in buf, which holds it
	past  int     // number of tokens passed since the start

	depth      int
	longLinks  int
	parameters int
	values     []ast.Expr // that stand in for parameters
	itemStart  int        // past, at the first token of the current select item
	itemDepth  int        // depth of its expression

	// deferred is the first error in a literal or an argument count. Trino finds these after parsing, so a later
	// syntax error takes precedence.
	deferred *types.Error
	// unsupported is the first construct that the grammar has and this program lacks. Any other mistake in the
	// statement takes precedence.
	unsupported *types.Error

	// blame is where an error is reported while something is undecided, mismatch where one was reported, and
	// badName a misspelled name that was found meanwhile.
	blame    blame
	mismatch *mismatch
	badName  *types.Error

	// If recording, expected holds what the parser has tried at the current token, and the token at stop counts as
	// unexpected.
	recording bool
	stop      ast.At
	expected  []string
}

// bailout carries the error that ends a parse.
type bailout struct{ err *types.Error }

// newParser returns a parser of a text. If m is not nil, it notes what was expected at m's position.
func newParser(text source, m *mismatch) *parser {
	if text.at.IsZero() {
		text.at = ast.Pos{Line: 1, Column: 1}
	}
	p := &parser{
		lex:       lexer{sql: text.sql, line: text.at.Line, col: text.at.Column},
		start:     text.at,
		buf:       make([]token, 0, 64),
		itemStart: -1,
	}
	if m != nil {
		p.recording, p.stop = true, m.at
	}
	p.fill(0)
	return p
}

// fill reads tokens until the one at index i is there.
func (p *parser) fill(i int) {
	for len(p.buf) <= i {
		t := p.lex.next()
		if p.recording && t.at() == p.stop && t.kind != tokenEOF {
			t.kind, t.word = tokenUnknown, ""
		}
		p.buf = append(p.buf, t)
	}
}

func (p *parser) tok() *token { return &p.buf[p.i] }

// peek returns the n-th token after the current one.
func (p *parser) peek(n int) *token {
	p.fill(p.i + n)
	return &p.buf[p.i+n]
}

// peekIs reports whether the next tokens after the current one are words.
func (p *parser) peekIs(words ...string) bool {
	for n, word := range words {
		if p.peek(n+1).word != word {
			return false
		}
	}
	return true
}

func (p *parser) here() ast.At { return p.tok().at() }

func (p *parser) text(t *token) string { return p.lex.sql[t.start:t.end] }

// maxPassedTokens bounds the passed tokens that are kept in buf.
const maxPassedTokens = 256

// advance passes the current token. Pointers to tokens are no longer valid.
func (p *parser) advance() {
	p.expected = p.expected[:0]
	if p.tok().kind == tokenEOF {
		return
	}
	p.past++
	p.i++
	p.fill(p.i)
	if p.i > maxPassedTokens {
		p.buf = p.buf[:copy(p.buf, p.buf[p.i-hintTokens:])]
		p.i = hintTokens
	}
}

// note records what was expected here.
func (p *parser) note(what ...string) {
	if !p.recording {
		return
	}
	for _, one := range what {
		if !slices.Contains(p.expected, one) {
			p.expected = append(p.expected, one)
		}
	}
}

// at reports whether the current token is word: a keyword or a symbol.
func (p *parser) at(word string) bool {
	if p.tok().word == word {
		return true
	}
	if p.recording {
		p.note("'" + word + "'")
	}
	return false
}

func (p *parser) atAny(words ...string) bool {
	return slices.ContainsFunc(words, p.at)
}

// accept passes word if it is the current token.
func (p *parser) accept(word string) bool {
	if !p.at(word) {
		return false
	}
	p.advance()
	return true
}

// acceptAll passes words if they are the next tokens, all or none.
func (p *parser) acceptAll(first string, rest ...string) bool {
	if !p.at(first) || !p.peekIs(rest...) {
		return false
	}
	p.advance()
	for range rest {
		p.advance()
	}
	return true
}

// expect passes words, which must be the next tokens.
func (p *parser) expect(words ...string) {
	for _, word := range words {
		if !p.accept(word) {
			p.unexpected()
		}
	}
}

// oneOf passes one of words and returns it.
func (p *parser) oneOf(words ...string) string {
	for _, word := range words {
		if p.accept(word) {
			return word
		}
	}
	panic(p.unexpectedError())
}

// enter goes one level deeper. The caller must call leave for every call.
func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.here(), "statement is nested more than %d levels deep", maxDepth)
	}
}

func (p *parser) leave() { p.depth-- }

// link counts another link of a chain.
func (p *parser) link(length *int) {
	if *length++; *length < shortChain {
		return
	}
	p.longLinks++
	if p.longLinks > maxLongLinks {
		p.fail(p.here(), "statement has more than %d operators in long chains", maxLongLinks)
	}
}

// fail ends the parse with a SYNTAX_ERROR.
func (p *parser) fail(at ast.At, format string, args ...any) {
	panic(bailout{types.Errorf(types.SyntaxError, at.Pos(), format, args...)})
}

// refuse ends the parse with a NOT_SUPPORTED.
func (p *parser) refuse(at ast.At, format string, args ...any) {
	panic(bailout{types.Errorf(types.NotSupported, at.Pos(), format, args...)})
}

// refuseLater is refuse for a construct that is parsed to its end, so that later mistakes are found.
func (p *parser) refuseLater(at ast.At, format string, args ...any) {
	if p.unsupported == nil {
		p.unsupported = types.Errorf(types.NotSupported, at.Pos(), format, args...)
	}
}

// failLater is fail for mistakes that Trino reports only if the whole text parses.
func (p *parser) failLater(at ast.At, format string, args ...any) {
	if p.deferred == nil {
		p.deferred = types.Errorf(types.SyntaxError, at.Pos(), format, args...)
	}
}
