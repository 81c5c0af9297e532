package ast

import "strings"

func (f *formatter) patternRelation(m *PatternRelation) {
	switch r := m.Relation.(type) {
	case *Join, *Sample, *PatternRelation:
		f.nested(r)
	case *Aliased:
		if _, ok := r.Relation.(*PatternRelation); ok {
			f.nested(r)
		} else {
			f.relation(r)
		}
	default:
		f.relation(r)
	}
	f.put(" MATCH_RECOGNIZE (")
	if len(m.PartitionBy) > 0 {
		f.put("PARTITION BY ")
		f.exprs(m.PartitionBy)
		f.put(" ")
	}
	if len(m.OrderBy) > 0 {
		f.put("ORDER BY ")
		each(f, m.OrderBy, f.sortItem)
		f.put(" ")
	}
	if len(m.Measures) > 0 {
		f.measures(m.Measures)
	}
	f.putIf(m.AllRows, "ALL ROWS PER MATCH ")
	f.putIf(m.EmptyMatches != "", string(m.EmptyMatches)+" ")
	f.pattern(m.Pattern)
	f.put(")")
}

func (f *formatter) measures(list []*MeasureDefinition) {
	f.put("MEASURES ")
	each(f, list, func(m *MeasureDefinition) {
		f.expr(m.X, precedenceLowest)
		f.put(" AS ")
		f.ident(m.Name)
	})
	f.put(" ")
}

func (f *formatter) pattern(p *Pattern) {
	if p.Skip != nil {
		f.put("AFTER MATCH SKIP ", string(p.Skip.Kind), " ")
		if p.Skip.Name != nil {
			f.ident(*p.Skip.Name)
			f.put(" ")
		}
	}
	f.putIf(p.Initial, "INITIAL ")
	f.putIf(p.Seek, "SEEK ")
	if p.Pattern != nil {
		f.put("PATTERN (")
		f.rowPattern(p.Pattern)
		f.put(")")
	}
	if len(p.Subsets) > 0 {
		f.put(" SUBSET ")
		each(f, p.Subsets, func(s *SubsetDefinition) {
			f.ident(s.Name)
			f.put(" = ")
			f.idents(s.Union)
		})
	}
	if len(p.Definitions) > 0 {
		f.put(" DEFINE ")
		each(f, p.Definitions, func(d *VariableDefinition) {
			f.ident(d.Name)
			f.put(" AS ")
			f.expr(d.Condition, precedenceLowest)
		})
	}
}

func (f *formatter) rowPattern(p RowPattern) {
	switch p := p.(type) {
	case *PatternVariable:
		f.patternVariable(p)
	case *PatternAnchor:
		if p.End {
			f.put("$")
		} else {
			f.put("^")
		}
	case *EmptyPattern:
		f.put("()")
	case *PatternSequence:
		for i, item := range p.Items {
			f.putIf(i > 0, " ")
			f.patternItem(item)
		}
	case *PatternAlternation:
		for i, item := range p.Items {
			f.putIf(i > 0, " | ")
			if _, ok := item.(*PatternSequence); ok {
				f.rowPattern(item)
			} else {
				f.patternItem(item)
			}
		}
	case *PatternPermutation:
		f.put("PERMUTE(")
		each(f, p.Items, f.rowPattern)
		f.put(")")
	case *ExcludedPattern:
		f.put("{- ")
		f.rowPattern(p.Item)
		f.put(" -}")
	case *QuantifiedPattern:
		f.quantified(p)
	}
}

// patternVariable writes a name. Unquoted, permute before a group would be the keyword.
func (f *formatter) patternVariable(v *PatternVariable) {
	keyword := !v.Name.Quoted && strings.EqualFold(v.Name.Name, "permute")
	f.putIf(keyword, "(")
	f.ident(v.Name)
	f.putIf(keyword, ")")
}

// patternItem writes a part of a sequence, in parentheses if it has parts.
func (f *formatter) patternItem(p RowPattern) {
	switch p.(type) {
	case *PatternSequence, *PatternAlternation:
		f.put("(")
		f.rowPattern(p)
		f.put(")")
	default:
		f.rowPattern(p)
	}
}

func (f *formatter) quantified(q *QuantifiedPattern) {
	if _, ok := q.Item.(*QuantifiedPattern); ok {
		f.put("(")
		f.rowPattern(q.Item)
		f.put(")")
	} else {
		f.patternItem(q.Item)
	}
	f.put("{")
	f.number(q.Min)
	f.put(",")
	if q.Max >= 0 {
		f.number(q.Max)
	}
	f.put("}")
	f.putIf(q.Reluctant, "?")
}
