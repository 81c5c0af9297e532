package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// typeName parses a type.
func (p *parser) typeName() *ast.Type {
	p.enter()
	defer p.leave()
	t := p.typePrimary()
	for length := 0; p.at("ARRAY"); p.link(&length) {
		p.advance()
		if p.accept("[") {
			p.integer()
			p.expect("]")
		}
		t = &ast.Type{At: t.At, Name: "array", Args: []ast.TypeArg{{Type: t}}}
	}
	return t
}

func (p *parser) typePrimary() *ast.Type {
	t := &ast.Type{At: p.here()}
	if !isName(p.tok()) {
		p.note("<type>")
		p.unexpected()
	}
	next := p.peek(1).word
	switch word := p.tok().word; {
	case word == "ROW" && next == "(":
		t.Name = "row"
		t.Fields = p.rowFields()
	case word == "INTERVAL" && p.isIntervalType():
		t.Name = p.intervalType()
	case word == "TIMESTAMP" || word == "TIME":
		p.timeType(t, word)
	case word == "DOUBLE" && next == "PRECISION":
		p.expect("DOUBLE", "PRECISION")
		t.Name = "double"
	case word == "ARRAY" && next == "<":
		t.Name = "array"
		t.Args = p.legacyArgs(1)
	case word == "MAP" && next == "<":
		t.Name = "map"
		t.Args = p.legacyArgs(2)
	default:
		name := p.ident()
		t.Name, t.Quoted = strings.ToLower(name.Name), name.Quoted
		t.Args = p.typeArgs()
	}
	return t
}

// typeArgs parses an optional list of numbers and types in parentheses.
func (p *parser) typeArgs() []ast.TypeArg {
	if !p.accept("(") {
		return nil
	}
	args := []ast.TypeArg{p.typeArg()}
	for p.accept(",") {
		args = append(args, p.typeArg())
	}
	p.expect(")")
	return args
}

func (p *parser) typeArg() ast.TypeArg {
	if p.tok().kind == tokenInteger {
		return ast.TypeArg{Number: p.integer().Value}
	}
	p.note("<integer>")
	return ast.TypeArg{Type: p.typeName()}
}

// legacyArgs parses count types after array< or map<.
func (p *parser) legacyArgs(count int) []ast.TypeArg {
	p.advance()
	p.expect("<")
	var args []ast.TypeArg
	for i := range count {
		if i > 0 {
			p.expect(",")
		}
		args = append(args, ast.TypeArg{Type: p.typeName()})
	}
	p.expect(">")
	return args
}

func (p *parser) timeType(t *ast.Type, word string) {
	t.Name = strings.ToLower(word)
	p.advance()
	if p.at("(") {
		p.advance()
		t.Args = []ast.TypeArg{p.typeArg()}
		p.expect(")")
	}
	switch {
	case p.at("WITH") && !p.atWrapper():
		p.expect("WITH", "TIME", "ZONE")
		t.Name += " with time zone"
	case p.at("WITHOUT") && !p.atWrapper():
		p.expect("WITHOUT", "TIME", "ZONE")
	}
}

// atWrapper reports whether the WITH or WITHOUT that stands here begins a clause of
// JSON_QUERY or JSON_OBJECT.
func (p *parser) atWrapper() bool {
	switch p.peek(1).word {
	case "ARRAY", "CONDITIONAL", "UNCONDITIONAL", "WRAPPER", "UNIQUE":
		return true
	}
	return false
}

func (p *parser) isIntervalType() bool {
	_, ok := intervalFields[p.peek(1).word]
	return ok
}

func (p *parser) intervalType() string {
	p.expect("INTERVAL")
	name := "interval " + strings.ToLower(string(p.intervalField()))
	if p.accept("TO") {
		name += " to " + strings.ToLower(string(p.intervalField()))
	}
	return name
}

// rowFields parses the fields of a row type.
func (p *parser) rowFields() []*ast.RowField {
	p.expect("ROW", "(")
	fields := []*ast.RowField{p.rowField()}
	for p.accept(",") {
		fields = append(fields, p.rowField())
	}
	p.expect(")")
	return fields
}

// rowField parses type or name type. Text that reads as a type up to the end of the field is one: row(double
// precision), row(x array).
func (p *parser) rowField() *ast.RowField {
	f := &ast.RowField{At: p.here()}
	if !p.fieldHasName() {
		f.Type = p.typeName()
		return f
	}
	name := p.ident()
	f.Name, f.Type = &name, p.typeName()
	return f
}

// fieldHasName reports whether a field begins with a name: one followed by a type, where the two words are not one
// type together.
func (p *parser) fieldHasName() bool {
	if !isName(p.tok()) || !isName(p.peek(1)) {
		return false
	}
	word, next, third := p.tok().word, p.peek(1).word, p.peek(2).word
	fieldEnds := third == "," || third == ")"
	switch {
	case word == "DOUBLE" && next == "PRECISION":
		return false
	case (word == "TIME" || word == "TIMESTAMP") && next == "WITHOUT" && third == "TIME":
		return false
	case word == "INTERVAL" && p.isIntervalType():
		return !fieldEnds && third != "TO" && third != "ARRAY"
	case next == "ARRAY":
		return !fieldEnds && third != "ARRAY" && third != "["
	}
	return true
}
