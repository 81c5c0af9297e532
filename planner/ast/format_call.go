package ast

import "strings"

// construct writes columns, calls and the constructs with parentheses or keywords of their own.
func (f *formatter) construct(x Expr) {
	switch x := x.(type) {
	case *Column:
		f.ident(x.Name)
	case *Subquery:
		f.inParentheses(x.Query)
	case *FunctionCall:
		f.call(x)
	case *Measure:
		f.ident(x.Name)
		f.over(x.Over)
	case *Lambda:
		f.idents(x.Params)
		f.put(" -> ")
		f.expr(x.Body, precedenceLowest)
	case *Case:
		f.caseWhen(x)
	case *Cast:
		f.cast(x)
	case *If:
		args := []Expr{x.Condition, x.Then}
		if x.Else != nil {
			args = append(args, x.Else)
		}
		f.apply("IF", args...)
	case *Coalesce:
		f.apply("COALESCE", x.Args...)
	case *NullIf:
		f.apply("NULLIF", x.First, x.Second)
	case *Try:
		f.apply("TRY", x.X)
	case *Row:
		f.apply("ROW", x.Items...)
	case *Grouping:
		f.apply("GROUPING", x.Args...)
	case *Array:
		f.put("ARRAY[")
		f.exprs(x.Items)
		f.put("]")
	case *Extract:
		f.put("EXTRACT(")
		f.ident(x.Field)
		f.put(" FROM ")
		f.expr(x.X, precedenceConcat)
		f.put(")")
	case *Trim:
		f.trim(x)
	}
}

// trim puts characters that begin with a sign in parentheses. Otherwise the side would read as a column before a
// binary operator.
func (f *formatter) trim(t *Trim) {
	f.put("TRIM(", string(t.Side), " ")
	if t.Chars != nil {
		var inner formatter
		inner.expr(t.Chars, precedenceConcat)
		text := inner.String()
		if text[0] == '-' || text[0] == '+' {
			text = "(" + text + ")"
		}
		f.put(text, " ")
	}
	f.put("FROM ")
	f.expr(t.X, precedenceConcat)
	f.put(")")
}

func (f *formatter) apply(name string, args ...Expr) {
	f.put(name, "(")
	f.exprs(args)
	f.put(")")
}

func (f *formatter) caseWhen(c *Case) {
	f.put("CASE")
	if c.Operand != nil {
		f.put(" ")
		f.expr(c.Operand, precedenceLowest)
	}
	for _, w := range c.Whens {
		f.put(" WHEN ")
		f.expr(w.Condition, precedenceLowest)
		f.put(" THEN ")
		f.expr(w.Result, precedenceLowest)
	}
	if c.Else != nil {
		f.put(" ELSE ")
		f.expr(c.Else, precedenceLowest)
	}
	f.put(" END")
}

func (f *formatter) cast(c *Cast) {
	f.putIf(c.Try, "TRY_")
	f.put("CAST(")
	f.expr(c.X, precedenceLowest)
	f.put(" AS ")
	f.typeName(c.Type)
	f.put(")")
}

func (f *formatter) call(c *FunctionCall) {
	f.putIf(c.Processing != "", string(c.Processing)+" ")
	f.name(c.Name)
	f.put("(")
	f.arguments(c)
	f.put(")")
	if len(c.WithinGroup) > 0 {
		f.put(" WITHIN GROUP (ORDER BY ")
		each(f, c.WithinGroup, f.sortItem)
		f.put(")")
	}
	if c.Filter != nil {
		f.put(" FILTER (WHERE ")
		f.expr(c.Filter, precedenceLowest)
		f.put(")")
	}
	f.putIf(c.Nulls != "", " "+string(c.Nulls))
	if c.Over != nil {
		f.over(c.Over)
	}
}

func (f *formatter) arguments(c *FunctionCall) {
	if c.Star {
		if c.Label != nil {
			f.ident(*c.Label)
			f.put(".")
		}
		f.put("*")
		return
	}
	f.putIf(c.Distinct, "DISTINCT ")
	switch {
	case isPlain(c.Name, "normalize") && len(c.Args) == 2:
		f.expr(c.Args[0], precedenceConcat)
		f.put(", ", c.Args[1].(*StringLiteral).Value) // the parser builds nothing else
	case isPlain(c.Name, "position") && len(c.Args) > 0:
		f.expr(c.Args[0], precedenceConcat) // outside parentheses, IN would be the predicate
		f.putIf(len(c.Args) > 1, ", ")
		f.exprs(c.Args[1:])
	default:
		f.exprs(c.Args)
	}
	if c.Overflow != nil {
		f.overflow(c.Overflow)
	}
	if len(c.OrderBy) > 0 {
		f.putIf(len(c.Args) > 0, " ")
		f.put("ORDER BY ")
		each(f, c.OrderBy, f.sortItem)
	}
}

// isPlain reports whether n is name without qualifier and quotes.
func isPlain(n QualifiedName, name string) bool {
	return len(n.Parts) == 1 && !n.Parts[0].Quoted && strings.EqualFold(n.Parts[0].Name, name)
}

func (f *formatter) overflow(o *ListaggOverflow) {
	if o.Error {
		f.put(" ON OVERFLOW ERROR")
		return
	}
	f.put(" ON OVERFLOW TRUNCATE")
	if o.Filler != nil {
		f.put(" ")
		f.text(o.Filler.Value)
	}
	if o.WithCount {
		f.put(" WITH COUNT")
	} else {
		f.put(" WITHOUT COUNT")
	}
}

func (f *formatter) over(o *Over) {
	f.put(" OVER ")
	if o.Name != nil {
		f.ident(*o.Name)
		return
	}
	f.windowSpec(o.Spec)
}

func (f *formatter) windowSpec(s *WindowSpec) {
	f.put("(")
	gap := ""
	if s.Base != nil {
		f.ident(*s.Base)
		gap = " "
	}
	if len(s.PartitionBy) > 0 {
		f.put(gap, "PARTITION BY ")
		f.exprs(s.PartitionBy)
		gap = " "
	}
	if len(s.OrderBy) > 0 {
		f.put(gap, "ORDER BY ")
		each(f, s.OrderBy, f.sortItem)
		gap = " "
	}
	if s.Frame != nil {
		f.put(gap)
		f.frame(s.Frame)
	}
	f.put(")")
}

func (f *formatter) frame(w *Frame) {
	if len(w.Measures) > 0 {
		f.measures(w.Measures)
	}
	f.put(string(w.Unit), " ")
	if w.End != nil {
		f.put("BETWEEN ")
	}
	f.bound(w.Start)
	if w.End != nil {
		f.put(" AND ")
		f.bound(w.End)
	}
	if w.Pattern != nil {
		f.put(" ")
		f.pattern(w.Pattern)
	}
}

func (f *formatter) bound(b *Bound) {
	switch b.Kind {
	case UnboundedPreceding:
		f.put("UNBOUNDED PRECEDING")
	case UnboundedFollowing:
		f.put("UNBOUNDED FOLLOWING")
	case CurrentRow:
		f.put("CURRENT ROW")
	case Preceding:
		f.expr(b.X, precedenceLowest)
		f.put(" PRECEDING")
	case Following:
		f.expr(b.X, precedenceLowest)
		f.put(" FOLLOWING")
	}
}
