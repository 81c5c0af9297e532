package parse

import "github.com/auditlake/auditlake/planner/ast"

// atOver reports whether OVER begins a clause here; it is a name otherwise.
func (p *parser) atOver() bool {
	return p.at("OVER") && p.fits(isName(p.peek(1)) || p.peekIs("("))
}

// over parses OVER name or OVER (specification).
func (p *parser) over() *ast.Over {
	o := &ast.Over{At: p.here()}
	outer := p.blameToken() // OVER is a name, too
	p.expect("OVER")
	if p.at("(") {
		o.Spec = p.windowSpec(outer)
		return o
	}
	p.decided(outer)
	name := p.ident()
	o.Name = &name
	return o
}

// windowDefinitions parses name AS (specification), ….
func (p *parser) windowDefinitions() []*ast.WindowDefinition {
	var list []*ast.WindowDefinition
	for {
		d := &ast.WindowDefinition{At: p.here(), Name: p.ident()}
		p.expect("AS")
		d.Spec = p.windowSpec(p.blame)
		list = append(list, d)
		if !p.accept(",") {
			return list
		}
	}
}

// windowSpec parses a specification in its parentheses. outer is the blame once it is certain that it is one.
func (p *parser) windowSpec(outer blame) *ast.WindowSpec {
	p.enter()
	defer p.leave()
	p.expect("(")
	s := &ast.WindowSpec{At: p.here()}
	if p.atName() && !p.atWindowPart() {
		base := p.ident()
		s.Base = &base
	} else {
		p.note("<identifier>")
	}
	if !p.atAny(")", "PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS", "MEASURES") {
		p.unexpected()
	}
	p.decided(outer)
	s.PartitionBy = p.partitionBy()
	s.OrderAt = p.here()
	s.OrderBy = p.orderBy()
	s.Frame = p.frame()
	p.expect(")")
	return s
}

// atWindowPart reports whether the current word begins a part of a window's specification and is not the name of a
// window.
func (p *parser) atWindowPart() bool {
	switch p.tok().word {
	case "PARTITION":
		return p.peekIs("BY")
	case "MEASURES", "ROWS", "RANGE", "GROUPS":
		return !p.peekIs(")") && !p.peekIs("ORDER") && !p.peekIs("PARTITION", "BY")
	}
	return false
}

// partitionAndOrder parses [PARTITION BY …] [ORDER BY …].
func (p *parser) partitionAndOrder() (partition []ast.Expr, order []*ast.SortItem) {
	return p.partitionBy(), p.orderBy()
}

// partitionBy parses an optional PARTITION BY.
func (p *parser) partitionBy() []ast.Expr {
	if !p.accept("PARTITION") {
		return nil
	}
	p.expect("BY")
	return p.expressions()
}

// orderBy parses an optional ORDER BY.
func (p *parser) orderBy() []*ast.SortItem {
	if !p.accept("ORDER") {
		return nil
	}
	p.expect("BY")
	return p.sortItems()
}

// frame parses an optional frame with the row pattern that may belong to it.
func (p *parser) frame() *ast.Frame {
	f := &ast.Frame{At: p.here()}
	if p.accept("MEASURES") {
		f.Measures = p.measures()
	}
	if len(f.Measures) == 0 && !p.atAny("ROWS", "RANGE", "GROUPS") {
		return nil
	}
	f.Unit = ast.FrameUnit(p.oneOf("ROWS", "RANGE", "GROUPS"))
	if p.at("BETWEEN") {
		p.advance()
		f.Start = p.bound()
		p.expect("AND")
		f.End = p.bound()
	} else {
		f.Start = p.bound()
	}
	if p.atAny("AFTER", "INITIAL", "SEEK", "PATTERN", "SUBSET", "DEFINE") {
		f.Pattern = p.pattern(true)
	}
	return f
}

// bound parses one end of a frame.
func (p *parser) bound() *ast.Bound {
	b := &ast.Bound{At: p.here()}
	switch {
	case p.acceptAll("CURRENT", "ROW"):
		b.Kind = ast.CurrentRow
	case p.acceptAll("UNBOUNDED", "PRECEDING"):
		b.Kind = ast.UnboundedPreceding
	case p.acceptAll("UNBOUNDED", "FOLLOWING"):
		b.Kind = ast.UnboundedFollowing
	default:
		b.X = p.expression()
		b.Kind = ast.Preceding
		if p.oneOf("PRECEDING", "FOLLOWING") == "FOLLOWING" {
			b.Kind = ast.Following
		}
	}
	return b
}
