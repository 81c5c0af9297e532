package ast

import "strings"

func (f *formatter) jsonExpr(x Expr) {
	switch x := x.(type) {
	case *JSONExists:
		f.put("JSON_EXISTS(")
		f.jsonPath(x.Path)
		f.jsonOn(x.OnError, "ERROR")
	case *JSONValue:
		f.put("JSON_VALUE(")
		f.jsonPath(x.Path)
		f.jsonReturning(x.Returning, JSONFormatNone)
		f.jsonValueOn(x.OnEmpty, "EMPTY")
		f.jsonValueOn(x.OnError, "ERROR")
	case *JSONQuery:
		f.put("JSON_QUERY(")
		f.jsonPath(x.Path)
		f.jsonReturning(x.Returning, x.Format)
		f.jsonWrapping(x.Wrapper, x.Quotes)
		f.jsonOn(x.OnEmpty, "EMPTY")
		f.jsonOn(x.OnError, "ERROR")
	case *JSONObject:
		f.put("JSON_OBJECT(")
		each(f, x.Members, func(m *JSONMember) {
			f.jsonKey(m.Key)
			f.put(" : ")
			f.jsonInput(m.Value)
		})
		f.putIf(x.AbsentNull, " ABSENT ON NULL")
		f.putIf(x.UniqueKeys, " WITH UNIQUE KEYS")
		f.jsonReturning(x.Returning, x.Format)
	case *JSONArray:
		f.put("JSON_ARRAY(")
		each(f, x.Items, f.jsonInput)
		f.putIf(x.NullNull, " NULL ON NULL")
		f.jsonReturning(x.Returning, x.Format)
	}
	f.put(")")
}

// jsonKey writes a key. A key that begins with the word key needs parentheses, or it would read as the keyword.
func (f *formatter) jsonKey(x Expr) {
	var inner formatter
	inner.expr(x, precedenceLowest)
	text := inner.String()
	if len(text) >= 3 && strings.EqualFold(text[:3], "key") {
		f.put("(", text, ")")
		return
	}
	f.put(text)
}

func (f *formatter) jsonInput(in *JSONInput) {
	f.expr(in.X, precedenceLowest)
	f.jsonFormat(in.Format)
}

func (f *formatter) jsonFormat(format JSONFormat) {
	f.putIf(format != "", " FORMAT "+string(format))
}

func (f *formatter) jsonPath(p *JSONPath) {
	f.jsonInput(p.Input)
	f.put(", ")
	f.text(p.Path.Value)
	if p.Name != nil {
		f.put(" AS ")
		f.ident(*p.Name)
	}
	if len(p.Passing) > 0 {
		f.put(" PASSING ")
		each(f, p.Passing, func(a *JSONArgument) {
			f.jsonInput(a.Input)
			f.put(" AS ")
			f.ident(a.Name)
		})
	}
}

func (f *formatter) jsonReturning(t *Type, format JSONFormat) {
	if t == nil {
		return
	}
	f.put(" RETURNING ")
	f.typeName(t)
	f.jsonFormat(format)
}

func (f *formatter) jsonOn(b JSONBehavior, event string) {
	f.putIf(b != "", " "+string(b)+" ON "+event)
}

func (f *formatter) jsonValueOn(b JSONValueBehavior, event string) {
	if b.Kind != JSONOnDefault {
		f.jsonOn(b.Kind, event)
		return
	}
	f.put(" DEFAULT ")
	f.expr(b.Default, precedenceLowest)
	f.put(" ON ", event)
}

func (f *formatter) jsonWrapping(wrapper JSONWrapper, quotes JSONQuotes) {
	f.putIf(wrapper != "", " "+string(wrapper)+" WRAPPER")
	f.putIf(quotes != "", " "+string(quotes)+" QUOTES")
}

func (f *formatter) jsonTable(t *JSONTable) {
	f.put("JSON_TABLE(")
	f.jsonPath(t.Path)
	f.jsonColumns(t.Columns)
	if t.Plan != nil {
		f.jsonPlan(t.Plan)
	}
	f.jsonOn(t.OnError, "ERROR")
	f.put(")")
}

func (f *formatter) jsonColumns(columns []*JSONColumn) {
	f.put(" COLUMNS (")
	each(f, columns, f.jsonColumn)
	f.put(")")
}

func (f *formatter) jsonColumn(c *JSONColumn) {
	if c.Kind == JSONNestedColumns {
		f.put("NESTED PATH ")
		f.text(c.Path.Value)
		if c.Name != nil {
			f.put(" AS ")
			f.ident(*c.Name)
		}
		f.jsonColumns(c.Columns)
		return
	}
	f.ident(*c.Name)
	if c.Kind == JSONOrdinalityColumn {
		f.put(" FOR ORDINALITY")
		return
	}
	f.put(" ")
	f.typeName(c.Type)
	f.jsonFormat(c.Format)
	if c.Path != nil {
		f.put(" PATH ")
		f.text(c.Path.Value)
	}
	f.jsonWrapping(c.Wrapper, c.Quotes)
	f.jsonValueOn(c.OnEmpty, "EMPTY")
	f.jsonValueOn(c.OnError, "ERROR")
}

func (f *formatter) jsonPlan(p *JSONPlan) {
	if !p.Default {
		f.put(" PLAN (")
		f.jsonPlanNode(p.Root, false)
		f.put(")")
		return
	}
	f.put(" PLAN DEFAULT (", string(p.ParentChild))
	f.putIf(p.ParentChild != "" && p.Siblings != "", ", ")
	f.put(string(p.Siblings), ")")
}

func (f *formatter) jsonPlanNode(n *JSONPlanNode, nested bool) {
	if n.Name != nil {
		f.ident(*n.Name)
		return
	}
	f.putIf(nested, "(")
	for i, child := range n.Children {
		f.putIf(i > 0, " "+string(n.Op)+" ")
		f.jsonPlanNode(child, true)
	}
	f.putIf(nested, ")")
}
