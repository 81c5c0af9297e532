package parse

import "github.com/auditlake/auditlake/planner/ast"

// patterned parses an optional MATCH_RECOGNIZE (…) [[AS] alias [(columns)]] after r.
func (p *parser) patterned(at ast.At, r ast.Relation) ast.Relation {
	if p.tok().word != "MATCH_RECOGNIZE" {
		return r
	}
	p.expect("MATCH_RECOGNIZE", "(")
	m := &ast.PatternRelation{At: at, Relation: r}
	m.PartitionBy, m.OrderBy = p.partitionAndOrder()
	if p.accept("MEASURES") {
		m.Measures = p.measures()
	}
	p.rowsPerMatch(m)
	m.Pattern = p.pattern(false)
	if len(m.Pattern.Definitions) == 0 {
		p.unexpected()
	}
	p.expect(")")
	return p.aliased(m)
}

func (p *parser) measures() []*ast.MeasureDefinition {
	var list []*ast.MeasureDefinition
	for {
		m := &ast.MeasureDefinition{At: p.here(), X: p.expression()}
		p.expect("AS")
		m.Name = p.ident()
		list = append(list, m)
		if !p.accept(",") {
			return list
		}
	}
}

func (p *parser) rowsPerMatch(m *ast.PatternRelation) {
	if p.accept("ONE") {
		p.expect("ROW", "PER", "MATCH")
		return
	}
	if !p.accept("ALL") {
		return
	}
	p.expect("ROWS", "PER", "MATCH")
	m.AllRows = true
	switch {
	case p.accept("SHOW"):
		p.expect("EMPTY", "MATCHES")
		m.EmptyMatches = ast.ShowEmptyMatches
	case p.accept("OMIT"):
		p.expect("EMPTY", "MATCHES")
		m.EmptyMatches = ast.OmitEmptyMatches
	case p.accept("WITH"):
		p.expect("UNMATCHED", "ROWS")
		m.EmptyMatches = ast.WithUnmatchedRows
	}
}

// pattern parses the part that relations and windows share. If optional, as in windows, PATTERN may be missing; the
// analysis then decides.
func (p *parser) pattern(optional bool) *ast.Pattern {
	c := &ast.Pattern{At: p.here()}
	if p.accept("AFTER") {
		p.expect("MATCH")
		c.Skip = p.skipTo()
	}
	c.SearchAt = p.here()
	if c.Initial = p.accept("INITIAL"); !c.Initial {
		c.Seek = p.accept("SEEK")
	}
	if !optional || p.at("PATTERN") {
		p.expect("PATTERN", "(")
		c.Pattern = p.rowPattern()
		p.expect(")")
	}
	if p.accept("SUBSET") {
		c.Subsets = p.subsets()
	}
	if p.accept("DEFINE") {
		c.Definitions = p.definitions()
	}
	return c
}

func (p *parser) skipTo() *ast.SkipTo {
	s := &ast.SkipTo{At: p.here()}
	p.expect("SKIP")
	if p.accept("PAST") {
		p.expect("LAST", "ROW")
		s.Kind = ast.SkipPastLast
		return s
	}
	p.expect("TO")
	if p.acceptAll("NEXT", "ROW") {
		s.Kind = ast.SkipToNext
		return s
	}
	s.Kind = ast.SkipToDefault
	if isName(p.peek(1)) && !p.peekIs("PATTERN") && !p.peekIs("INITIAL") && !p.peekIs("SEEK") {
		switch {
		case p.accept("FIRST"):
			s.Kind = ast.SkipToFirst
		case p.accept("LAST"):
			s.Kind = ast.SkipToLast
		}
	}
	name := p.ident()
	s.Name = &name
	return s
}

func (p *parser) subsets() []*ast.SubsetDefinition {
	var list []*ast.SubsetDefinition
	for {
		s := &ast.SubsetDefinition{At: p.here(), Name: p.ident()}
		p.expect("=")
		s.Union = p.idents()
		list = append(list, s)
		if !p.accept(",") {
			return list
		}
	}
}

func (p *parser) definitions() []*ast.VariableDefinition {
	var list []*ast.VariableDefinition
	for {
		d := &ast.VariableDefinition{At: p.here(), Name: p.ident()}
		p.expect("AS")
		d.Condition = p.expression()
		list = append(list, d)
		if !p.accept(",") {
			return list
		}
	}
}

// rowPattern parses sequences with bars between them.
func (p *parser) rowPattern() ast.RowPattern {
	p.enter()
	defer p.leave()
	a := &ast.PatternAlternation{At: p.here(), Items: []ast.RowPattern{p.patternSequence()}}
	for p.accept("|") {
		a.Items = append(a.Items, p.patternSequence())
	}
	if len(a.Items) == 1 {
		return a.Items[0]
	}
	return a
}

func (p *parser) patternSequence() ast.RowPattern {
	s := &ast.PatternSequence{At: p.here(), Items: []ast.RowPattern{p.patternFactor()}}
	for p.atPatternPrimary() {
		s.Items = append(s.Items, p.patternFactor())
	}
	if len(s.Items) == 1 {
		return s.Items[0]
	}
	return s
}

func (p *parser) atPatternPrimary() bool {
	return p.atName() || p.atAny("(", "^", "$", "{-")
}

func (p *parser) patternFactor() ast.RowPattern {
	at := p.here()
	item := p.patternPrimary()
	q := &ast.QuantifiedPattern{At: at, Item: item, Max: -1, RangeAt: p.here()}
	switch {
	case p.accept("*"):
	case p.accept("+"):
		q.Min = 1
	case p.accept("?"):
		q.Max = 1
	case p.accept("{"):
		p.patternRange(q)
	default:
		return item
	}
	q.Reluctant = p.accept("?")
	return q
}

// patternRange parses n}, n,}, ,m} or n,m}.
func (p *parser) patternRange(q *ast.QuantifiedPattern) {
	if p.tok().kind == tokenInteger {
		q.Min = p.integer().Value
		q.Max = q.Min
	}
	if p.accept(",") {
		q.Max = -1
		if p.tok().kind == tokenInteger {
			q.Max = p.integer().Value
		}
	} else if q.Max < 0 {
		p.unexpected()
	}
	p.expect("}")
}

func (p *parser) patternPrimary() ast.RowPattern {
	at := p.here()
	switch {
	case p.acceptAll("(", ")"):
		return &ast.EmptyPattern{At: at}
	case p.accept("("):
		item := p.rowPattern()
		p.expect(")")
		return item
	case p.accept("^"):
		return &ast.PatternAnchor{At: at}
	case p.accept("$"):
		return &ast.PatternAnchor{At: at, End: true}
	case p.accept("{-"):
		item := p.rowPattern()
		p.expect("-}")
		return &ast.ExcludedPattern{At: at, Item: item}
	case p.tok().word == "PERMUTE" && p.peekIs("("):
		return p.permutation()
	}
	return &ast.PatternVariable{At: at, Name: p.ident()}
}

func (p *parser) permutation() ast.RowPattern {
	m := &ast.PatternPermutation{At: p.here()}
	p.expect("PERMUTE", "(")
	m.Items = []ast.RowPattern{p.rowPattern()}
	for p.accept(",") {
		m.Items = append(m.Items, p.rowPattern())
	}
	p.expect(")")
	return m
}
