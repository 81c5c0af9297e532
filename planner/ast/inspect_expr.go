package ast

// expr visits the children of an expression.
func (i inspector) expr(x Expr) {
	switch x := x.(type) {
	case *Dereference:
		i.all(x.Base)
	case *Subscript:
		i.all(x.Base, x.Index)
	case *Unary:
		i.all(x.X)
	case *Binary:
		i.all(x.Left, x.Right)
	case *AtTimeZone:
		i.all(x.X, x.Zone)
	case *Case:
		i.maybe(x.Operand)
		below(i, x.Whens)
		i.maybe(x.Else)
	case *If:
		i.all(x.Condition, x.Then)
		i.maybe(x.Else)
	case *Coalesce:
		below(i, x.Args)
	case *NullIf:
		i.all(x.First, x.Second)
	case *Try:
		i.all(x.X)
	case *Cast:
		i.all(x.X)
	case *Row:
		below(i, x.Items)
	case *Array:
		below(i, x.Items)
	case *Lambda:
		i.all(x.Body)
	case *Extract:
		i.all(x.X)
	case *Trim:
		i.maybe(x.Chars)
		i.all(x.X)
	case *Grouping:
		below(i, x.Args)
	case *FunctionCall:
		i.call(x)
	case *Measure:
		i.all(x.Over)
	case *Subquery:
		i.all(x.Query)
	default:
		i.condition(x)
		i.json(x)
	}
}

func (i inspector) condition(x Expr) {
	switch x := x.(type) {
	case *Logical:
		below(i, x.Terms)
	case *Not:
		i.all(x.X)
	case *Comparison:
		i.all(x.Left, x.Right)
	case *Quantified:
		i.all(x.Left, x.Query)
	case *Between:
		i.all(x.X, x.Low, x.High)
	case *In:
		i.all(x.X)
		below(i, x.List)
	case *InSubquery:
		i.all(x.X, x.Query)
	case *Like:
		i.all(x.X, x.Pattern)
		i.maybe(x.Escape)
	case *IsNull:
		i.all(x.X)
	case *IsDistinct:
		i.all(x.Left, x.Right)
	case *Exists:
		i.all(x.Query)
	}
}

func (i inspector) call(c *FunctionCall) {
	below(i, c.Args)
	below(i, c.OrderBy)
	below(i, c.WithinGroup)
	i.maybe(c.Filter)
	if c.Over != nil {
		i.all(c.Over)
	}
}

func (i inspector) json(x Expr) {
	switch x := x.(type) {
	case *JSONExists:
		i.jsonPath(x.Path)
	case *JSONValue:
		i.jsonPath(x.Path)
		i.maybe(x.OnEmpty.Default)
		i.maybe(x.OnError.Default)
	case *JSONQuery:
		i.jsonPath(x.Path)
	case *JSONObject:
		for _, m := range x.Members {
			i.all(m.Key, m.Value.X)
		}
	case *JSONArray:
		for _, item := range x.Items {
			i.all(item.X)
		}
	}
}
