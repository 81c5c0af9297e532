package parse

import (
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/ast"
)

func isNumber(t *token) bool {
	return t.kind == tokenInteger || t.kind == tokenDecimal || t.kind == tokenDouble
}

func isString(t *token) bool {
	return t.kind == tokenString || t.kind == tokenUnicodeString
}

// stringLiteral parses 'text' or U&'text' [UESCAPE 'c'].
func (p *parser) stringLiteral() *ast.StringLiteral {
	t := p.tok()
	s := &ast.StringLiteral{At: t.at()}
	switch t.kind {
	case tokenString:
		s.Value = unquote(p.text(t))
		p.advance()
	case tokenUnicodeString:
		text := unquote(p.text(t)[2:])
		p.advance()
		s.Value = p.unicodeText(s.At, text)
	default:
		p.note("<string>")
		p.unexpected()
	}
	return s
}

func (p *parser) unicodeText(at ast.At, text string) string {
	escape := '\\'
	if p.accept("UESCAPE") {
		if p.tok().kind != tokenString {
			p.note("<string>")
			p.unexpected()
		}
		name := unquote(p.text(p.tok()))
		r, size := utf8.DecodeRuneInString(name)
		switch {
		case name == "":
			p.failLater(at, "Empty Unicode escape character")
		case size != len(name):
			p.failLater(at, "Invalid Unicode escape character: %s", name)
		case !validUnicodeEscape(r):
			p.failLater(at, "Invalid Unicode escape character: %s", name)
		}
		escape = r
		p.advance()
	}
	value, problem := decodeUnicode(text, escape)
	if problem != "" {
		p.failLater(at, "%s", problem)
	}
	return value
}

func (p *parser) binaryLiteral() ast.Expr {
	t := p.tok()
	value, problem := decodeBinary(p.text(t))
	if problem != "" {
		p.failLater(t.at(), "%s", problem)
	}
	b := &ast.BinaryLiteral{At: t.at(), Value: value}
	p.advance()
	return b
}

// number parses a number with an optional minus before it.
func (p *parser) number() ast.Expr {
	at := p.here()
	negative := p.accept("-")
	t := p.tok()
	text := p.text(t)
	sign := ""
	if negative {
		sign = "-"
	}
	switch t.kind {
	case tokenInteger:
		value, ok := parseInteger(text, negative)
		if !ok {
			p.failLater(at, "Invalid numeric literal: %s", text)
		}
		p.advance()
		return &ast.LongLiteral{At: at, Value: value}
	case tokenDecimal:
		p.advance()
		return &ast.DecimalLiteral{At: at, Text: sign + strings.ReplaceAll(text, "_", "")}
	case tokenDouble:
		p.advance()
		return &ast.DoubleLiteral{At: at, Value: parseDouble(sign + text), Text: sign + text}
	}
	panic(p.unexpectedError())
}

// integer parses an integer without a sign.
func (p *parser) integer() *ast.LongLiteral {
	t := p.tok()
	if t.kind != tokenInteger {
		p.note("<integer>")
		p.unexpected()
	}
	value, ok := parseInteger(p.text(t), false)
	if !ok {
		p.failLater(t.at(), "Invalid numeric literal: %s", p.text(t))
	}
	n := &ast.LongLiteral{At: t.at(), Value: value}
	p.advance()
	return n
}

// typedLiteral parses typeName 'text'.
func (p *parser) typedLiteral() ast.Expr {
	name := p.ident()
	if strings.EqualFold(name.Name, "x") {
		p.failLater(name.At, "Spaces are not allowed between 'X' and the starting quote of a binary literal")
	}
	return &ast.TypedLiteral{
		At:   name.At,
		Type: &ast.Type{At: name.At, Name: strings.ToLower(name.Name), Quoted: name.Quoted},
		Text: p.stringLiteral().Value,
	}
}

// atInterval reports whether INTERVAL [+|-] 'text' field comes next, and not the name interval or a typed literal
// of a type of that name.
func (p *parser) atInterval() bool {
	n := 1
	if p.peek(n).word == "+" || p.peek(n).word == "-" {
		n++
	}
	if !isString(p.peek(n)) {
		return false
	}
	_, ok := intervalFields[p.peek(n+1).word]
	return ok
}

var intervalFields = map[string]ast.IntervalField{
	"YEAR": ast.Year, "MONTH": ast.Month, "DAY": ast.Day,
	"HOUR": ast.Hour, "MINUTE": ast.Minute, "SECOND": ast.Second,
}

func (p *parser) interval() ast.Expr {
	i := &ast.IntervalLiteral{At: p.here()}
	p.expect("INTERVAL")
	if !p.accept("+") {
		i.Negative = p.accept("-")
	}
	i.Text = p.stringLiteral().Value
	i.From = p.intervalField()
	if p.at("TO") && p.fits(p.isIntervalType()) {
		p.advance()
		i.To = p.intervalField()
	}
	return i
}

func (p *parser) intervalField() ast.IntervalField {
	return ast.IntervalField(p.oneOf("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"))
}
