package sqljson

import (
	"math"
	"strconv"

	"github.com/auditlake/auditlake/planner/types"
)

// maxDepth bounds the nesting of a path.
const maxDepth = 200

// Parse reads a path such as
//
//	lax $.items[*] ? (@.size > 10).name
//
// A fault in the path is a *SyntaxError.
func Parse(text string) (path *Path, err error) {
	list, err := tokens(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: list}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SyntaxError:
			path, err = nil, r
		default:
			panic(r)
		}
	}()
	path = &Path{}
	switch {
	case p.acceptWord("lax"):
		path.Lax = true
	case !p.acceptWord("strict"):
		p.fail("missing {'lax', 'strict'} at '%s'; a path begins with its mode: 'lax $.name'", p.next().text)
	}
	path.Root = p.path()
	if p.next().kind != tokenEnd {
		p.unexpected()
	}
	return path, nil
}

type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
	// either: the next parentheses may hold a predicate as well as a path.
	either bool
}

func (p *parser) next() token { return p.tokens[p.at] }

// fail stops parsing with an error at the next token.
func (p *parser) fail(format string, args ...any) {
	panic(errorAt(p.text, p.next().at, format, args...))
}

func (p *parser) unexpected() { p.fail("mismatched input '%s' in JSON path", p.next().text) }

func (p *parser) accept(symbol string) bool { return p.acceptToken(tokenSymbol, symbol) }

func (p *parser) acceptWord(word string) bool { return p.acceptToken(tokenWord, word) }

func (p *parser) acceptToken(kind tokenKind, text string) bool {
	if t := p.next(); t.kind != kind || t.text != text {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(symbol string) {
	if !p.accept(symbol) {
		p.unexpected()
	}
}

func (p *parser) expectWord(word string) {
	if !p.acceptWord(word) {
		p.unexpected()
	}
}

// path parses an expression that returns items.
func (p *parser) path() *Node {
	p.either = false
	n := p.sum()
	if n.IsPredicate() {
		p.unexpected()
	}
	return n
}

// predicate parses an expression that is true, false or unknown.
func (p *parser) predicate() *Node {
	n := p.or()
	if !n.IsPredicate() {
		p.unexpected()
	}
	return n
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("JSON path nests too deep")
	}
}

func (p *parser) leave() { p.depth-- }

// or parses an expression of either kind; its parts decide which.
func (p *parser) or() *Node {
	p.enter()
	defer p.leave()
	left := p.and()
	for p.next().text == "||" {
		left = p.joined(Or, left, p.and)
	}
	return left
}

func (p *parser) and() *Node {
	left := p.term()
	for p.next().text == "&&" {
		left = p.joined(And, left, p.term)
	}
	return left
}

// joined parses the operator and its right side. Both sides are predicates.
func (p *parser) joined(op Op, left *Node, parse func() *Node) *Node {
	if !left.IsPredicate() {
		p.unexpected()
	}
	p.at++
	right := parse()
	if !right.IsPredicate() {
		p.unexpected()
	}
	return &Node{Op: op, Args: []*Node{left, right}}
}

var comparisons = map[string]Op{"==": Equal, "<>": NotEqual, "!=": NotEqual, "<": Less, "<=": LessOrEqual, ">": Greater, ">=": GreaterOrEqual}

func (p *parser) term() *Node {
	if p.accept("!") {
		if t := p.next(); t.text != "(" && t.text != "exists" {
			p.unexpected()
		}
		return &Node{Op: Not, Args: []*Node{p.delimited()}}
	}
	if p.next().kind == tokenWord && p.next().text == "exists" {
		return p.delimited()
	}
	p.either = true
	left := p.sum()
	if left.IsPredicate() {
		if p.acceptWord("is") {
			p.expectWord("unknown")
			return &Node{Op: IsUnknown, Args: []*Node{left}}
		}
		return left
	}
	if op, ok := comparisons[p.next().text]; ok && p.next().kind == tokenSymbol {
		p.at++
		return &Node{Op: op, Args: []*Node{left, p.path()}}
	}
	switch {
	case p.acceptWord("starts"):
		p.expectWord("with")
		if k := p.next().kind; k != tokenString && k != tokenVariable {
			p.unexpected()
		}
		return &Node{Op: StartsWith, Args: []*Node{left, p.primary()}}
	case p.acceptWord("like_regex"):
		return p.likeRegex(left)
	}
	return left
}

func (p *parser) likeRegex(left *Node) *Node {
	p.pattern()
	if p.acceptWord("flag") {
		p.pattern()
	}
	return &Node{Op: LikeRegex, Args: []*Node{left}}
}

func (p *parser) pattern() string {
	t := p.next()
	if t.kind != tokenString {
		p.unexpected()
	}
	p.at++
	return t.text
}

// delimited parses exists(…) or a predicate in parentheses.
func (p *parser) delimited() *Node {
	if p.acceptWord("exists") {
		p.expect("(")
		n := &Node{Op: Exists, Args: []*Node{p.path()}}
		p.expect(")")
		return n
	}
	p.expect("(")
	n := p.predicate()
	p.expect(")")
	return n
}

func (p *parser) sum() *Node {
	p.enter()
	defer p.leave()
	return p.operators(p.product, map[string]Op{"+": Add, "-": Subtract})
}

func (p *parser) product() *Node {
	return p.operators(p.signed, map[string]Op{"*": Multiply, "/": Divide, "%": Modulus})
}

func (p *parser) operators(operand func() *Node, ops map[string]Op) *Node {
	left := operand()
	for {
		op, ok := ops[p.next().text]
		if !ok || p.next().kind != tokenSymbol {
			return left
		}
		if left.IsPredicate() {
			p.unexpected()
		}
		p.at++
		p.either = false
		right := operand()
		left = &Node{Op: op, Args: []*Node{left, right}}
	}
}

// smallestBigint is a number only after a minus.
const smallestBigint = "9223372036854775808"

func (p *parser) signed() *Node {
	p.enter()
	defer p.leave()
	op := Plus
	switch {
	case p.accept("-"):
		op = Minus
		if t := p.next(); t.kind == tokenInteger && t.text == smallestBigint {
			p.at++
			return literal(types.Value{Type: types.BigIntType, V: int64(math.MinInt64)})
		}
	case !p.accept("+"):
		return p.accessors()
	}
	p.either = false
	n := p.signed()
	return &Node{Op: op, Args: []*Node{n}}
}

func (p *parser) accessors() *Node {
	n := p.primary()
	for depth := 0; ; depth++ {
		if n.IsPredicate() {
			return n
		}
		if depth > maxDepth {
			p.fail("JSON path has too many steps")
		}
		switch {
		case p.accept(".."):
			n = &Node{Op: Descendant, Args: []*Node{n}, Text: p.key()}
		case p.accept("."):
			n = p.member(n)
		case p.accept("["):
			n = p.element(n)
		case p.accept("?"):
			p.expect("(")
			n = &Node{Op: Filter, Args: []*Node{n, p.predicate()}}
			p.expect(")")
		default:
			return n
		}
	}
}

// key parses an identifier or a string.
func (p *parser) key() string {
	t := p.next()
	if t.kind != tokenWord && t.kind != tokenString {
		p.unexpected()
	}
	p.at++
	return t.text
}

var methods = map[string]bool{"type": true, "size": true, "double": true, "ceiling": true, "floor": true, "abs": true, "keyvalue": true, "datetime": true}

// member parses the text after a point.
func (p *parser) member(base *Node) *Node {
	if p.accept("*") {
		return &Node{Op: AnyMember, Args: []*Node{base}}
	}
	word := p.next().kind == tokenWord
	name := p.key()
	if !word || !methods[name] || !p.accept("(") {
		return &Node{Op: Member, Args: []*Node{base}, Text: name}
	}
	if name == "datetime" && p.next().kind == tokenString {
		p.at++
	}
	p.expect(")")
	return &Node{Op: Method, Args: []*Node{base}, Text: name}
}

func (p *parser) element(base *Node) *Node {
	if p.accept("*") {
		p.expect("]")
		return &Node{Op: AnyElement, Args: []*Node{base}}
	}
	n := &Node{Op: Element, Args: []*Node{base}}
	for {
		s := Subscript{From: p.path()}
		if p.acceptWord("to") {
			s.To = p.path()
		}
		n.Subscripts = append(n.Subscripts, s)
		if p.accept("]") {
			return n
		}
		p.expect(",")
	}
}

func (p *parser) primary() *Node {
	t := p.next()
	switch t.kind {
	case tokenVariable:
		p.at++
		return &Node{Op: Variable, Text: t.text}
	case tokenString:
		p.at++
		return literal(types.Value{Type: types.VarcharType, V: t.text})
	case tokenInteger, tokenDecimal, tokenDouble:
		return p.number()
	case tokenWord:
		if n := keyword(t.text); n != nil {
			p.at++
			return n
		}
	case tokenSymbol:
		switch {
		case p.accept("$"):
			return &Node{Op: Context}
		case p.accept("@"):
			return &Node{Op: Current}
		case p.accept("("):
			return p.parentheses()
		}
	}
	p.unexpected()
	return nil
}

func (p *parser) parentheses() *Node {
	parse := p.path
	if p.either {
		parse = p.or
	}
	n := parse()
	p.expect(")")
	return n
}

func keyword(word string) *Node {
	switch word {
	case "last":
		return &Node{Op: Last}
	case "null":
		return &Node{Op: Null}
	case "true", "false":
		return literal(types.Value{Type: types.BooleanType, V: word == "true"})
	}
	return nil
}

func literal(v types.Value) *Node { return &Node{Op: Literal, Value: v} }

func (p *parser) number() *Node {
	t := p.next()
	switch t.kind {
	case tokenInteger:
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			panic(&SyntaxError{Message: "Invalid numeric literal: " + t.text})
		}
		p.at++
		if n > math.MaxInt32 {
			return literal(types.Value{Type: types.BigIntType, V: n})
		}
		return literal(types.Value{Type: types.IntegerType, V: n})
	case tokenDecimal:
		v, err := types.ParseDecimal(t.text)
		if err != nil {
			panic(&SyntaxError{Message: "'" + t.text + "' is not a valid DECIMAL literal", BadDecimal: true})
		}
		p.at++
		return literal(v)
	}
	f, err := strconv.ParseFloat(t.text, 64)
	if err != nil && !math.IsInf(f, 0) {
		p.fail("invalid numeric literal: %s", t.text)
	}
	p.at++
	return literal(types.Value{Type: types.DoubleType, V: f})
}
