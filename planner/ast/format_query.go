package ast

func (f *formatter) query(q *Query) {
	if q.With != nil {
		f.with(q.With)
	}
	f.queryBody(q.Body)
	if len(q.OrderBy) > 0 {
		f.put(" ORDER BY ")
		each(f, q.OrderBy, f.sortItem)
	}
	if q.Offset != nil {
		f.put(" OFFSET ")
		f.expr(q.Offset, precedencePrimary)
	}
	if q.Limit != nil {
		f.limit(q.Limit)
	}
}

func (f *formatter) with(w *With) {
	f.put("WITH ")
	f.putIf(w.Recursive, "RECURSIVE ")
	each(f, w.Queries, func(q *NamedQuery) {
		f.ident(q.Name)
		if len(q.Columns) > 0 {
			f.put(" ")
			f.idents(q.Columns)
		}
		f.put(" AS ")
		f.inParentheses(q.Query)
	})
	f.put(" ")
}

func (f *formatter) inParentheses(q *Query) {
	f.put("(")
	f.query(q)
	f.put(")")
}

func (f *formatter) limit(l *Limit) {
	switch {
	case l.All:
		f.put(" LIMIT ALL")
	case l.Fetch:
		f.put(" FETCH FIRST ")
		f.expr(l.Count, precedencePrimary)
		f.put(" ROWS ")
		f.putIf(l.WithTies, "WITH TIES")
		f.putIf(!l.WithTies, "ONLY")
	default:
		f.put(" LIMIT ")
		f.expr(l.Count, precedencePrimary)
	}
}

func (f *formatter) sortItem(s *SortItem) {
	f.expr(s.X, precedenceLowest)
	f.putIf(s.Descending, " DESC")
	switch s.Nulls {
	case NullsFirst:
		f.put(" NULLS FIRST")
	case NullsLast:
		f.put(" NULLS LAST")
	}
}

func (f *formatter) queryBody(b QueryBody) {
	switch b := b.(type) {
	case *Query:
		f.inParentheses(b)
	case *SetOperation:
		f.setOperation(b)
	case *Values:
		f.put("VALUES ")
		f.exprs(b.Rows)
	case *Table:
		f.put("TABLE ")
		f.name(b.Name)
	case *Select:
		f.selectBlock(b)
	}
}

func (f *formatter) setOperation(s *SetOperation) {
	f.operand(s.Left, s.Op, false)
	f.put(" ", string(s.Op), " ")
	f.putIf(s.All, "ALL ")
	if c := s.Corresponding; c != nil {
		f.put("CORRESPONDING ")
		if len(c.Columns) > 0 {
			f.put("BY ")
			f.idents(c.Columns)
			f.put(" ")
		}
	}
	f.operand(s.Right, s.Op, true)
}

// operand writes an operand of a set operation, in parentheses if it would be parsed differently without them.
func (f *formatter) operand(b QueryBody, outer SetOp, right bool) {
	inner, ok := b.(*SetOperation)
	if !ok || inner.Op == Intersect && outer != Intersect || !right && (inner.Op == Intersect || outer != Intersect) {
		f.queryBody(b)
		return
	}
	f.put("(")
	f.queryBody(b)
	f.put(")")
}

func (f *formatter) selectBlock(s *Select) {
	f.put("SELECT ")
	f.putIf(s.Distinct, "DISTINCT ")
	each(f, s.Items, f.selectItem)
	if s.From != nil {
		f.put(" FROM ")
		f.relation(s.From)
	}
	if s.Where != nil {
		f.put(" WHERE ")
		f.expr(s.Where, precedenceLowest)
	}
	if s.GroupBy != nil {
		f.groupBy(s.GroupBy)
	}
	if s.Having != nil {
		f.put(" HAVING ")
		f.expr(s.Having, precedenceLowest)
	}
	if len(s.Windows) > 0 {
		f.put(" WINDOW ")
		each(f, s.Windows, func(w *WindowDefinition) {
			f.ident(w.Name)
			f.put(" AS ")
			f.windowSpec(w.Spec)
		})
	}
}

func (f *formatter) selectItem(item SelectItem) {
	switch item := item.(type) {
	case *SingleColumn:
		f.expr(item.X, precedenceLowest)
		if item.Alias != nil {
			f.put(" AS ")
			f.ident(*item.Alias)
		}
	case *AllColumns:
		if item.Target != nil {
			f.base(item.Target)
			f.put(".")
		}
		f.put("*")
		if len(item.Aliases) > 0 {
			f.put(" AS ")
			f.idents(item.Aliases)
		}
	}
}

func (f *formatter) groupBy(g *GroupBy) {
	f.put(" GROUP BY ")
	f.putIf(g.Distinct, "DISTINCT ")
	each(f, g.Elements, f.groupingElement)
}

func (f *formatter) groupingElement(e *GroupingElement) {
	switch e.Kind {
	case Rollup:
		f.put("ROLLUP ")
	case Cube:
		f.put("CUBE ")
	case GroupingSets:
		f.put("GROUPING SETS ")
	case Auto:
		f.put("AUTO")
		return
	default:
		if len(e.Set) == 1 {
			f.expr(e.Set[0], precedenceLowest)
			return
		}
		f.put("(")
		f.exprs(e.Set)
		f.put(")")
		return
	}
	f.put("(")
	each(f, e.Elements, f.groupingElement)
	f.put(")")
}
