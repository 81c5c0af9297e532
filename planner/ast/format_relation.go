package ast

func (f *formatter) relation(r Relation) {
	switch r := r.(type) {
	case *Table:
		f.table(r)
	case *Aliased:
		f.aliased(r)
	case *TableSubquery:
		f.inParentheses(r.Query)
	case *Lateral:
		f.put("LATERAL ")
		f.inParentheses(r.Query)
	case *Unnest:
		f.put("UNNEST(")
		f.exprs(r.Exprs)
		f.put(")")
		f.putIf(r.WithOrdinality, " WITH ORDINALITY")
	case *Join:
		f.join(r)
	case *Sample:
		f.sample(r)
	case *TableFunction:
		f.tableFunction(r)
	case *JSONTable:
		f.jsonTable(r)
	case *PatternRelation:
		f.patternRelation(r)
	}
}

func (f *formatter) table(t *Table) {
	f.name(t.Name)
	if v := t.Version; v != nil {
		kind := " FOR VERSION AS OF "
		if v.Timestamp {
			kind = " FOR TIMESTAMP AS OF "
		}
		f.put(kind)
		f.expr(v.X, precedenceConcat)
	}
}

func (f *formatter) aliased(a *Aliased) {
	switch a.Relation.(type) {
	case *Join, *Sample, *Aliased:
		f.nested(a.Relation)
	default:
		f.relation(a.Relation)
	}
	f.put(" AS ")
	f.ident(a.Alias)
	if len(a.Columns) > 0 {
		f.put(" ")
		f.idents(a.Columns)
	}
}

// nested writes a relation in parentheses.
func (f *formatter) nested(r Relation) {
	f.put("(")
	f.relation(r)
	f.put(")")
}

func (f *formatter) join(j *Join) {
	if left, ok := j.Left.(*Join); ok && left.Kind == ImplicitJoin && j.Kind != ImplicitJoin {
		f.nested(left)
	} else {
		f.relation(j.Left)
	}
	if j.Kind == ImplicitJoin {
		f.put(", ")
		f.relation(j.Right)
		return
	}
	f.putIf(j.Natural, " NATURAL")
	f.put(" ", string(j.Kind), " JOIN ")
	if _, ok := j.Right.(*Join); ok && j.On == nil && len(j.Using) == 0 {
		f.nested(j.Right)
	} else {
		f.relation(j.Right)
	}
	if j.On != nil {
		f.put(" ON ")
		f.expr(j.On, precedenceLowest)
	}
	if len(j.Using) > 0 {
		f.put(" USING ")
		f.idents(j.Using)
	}
}

func (f *formatter) sample(s *Sample) {
	switch s.Relation.(type) {
	case *Join, *Sample:
		f.nested(s.Relation)
	default:
		f.relation(s.Relation)
	}
	method := "BERNOULLI"
	if s.System {
		method = "SYSTEM"
	}
	f.put(" TABLESAMPLE ", method, " (")
	f.expr(s.Percentage, precedenceLowest)
	f.put(")")
}

func (f *formatter) tableFunction(t *TableFunction) {
	f.put("TABLE(")
	f.name(t.Name)
	f.put("(")
	each(f, t.Args, f.tableArgument)
	if len(t.Copartition) > 0 {
		f.putIf(len(t.Args) > 0, " ")
		f.put("COPARTITION ")
		each(f, t.Copartition, func(names []QualifiedName) {
			f.put("(")
			each(f, names, f.name)
			f.put(")")
		})
	}
	f.put("))")
}

func (f *formatter) tableArgument(a *TableArgument) {
	if a.Name != nil {
		f.ident(*a.Name)
		f.put(" => ")
	}
	switch {
	case a.Table != nil:
		f.tableInput(a.Table)
	case a.Descriptor != nil:
		f.descriptor(a.Descriptor)
	default:
		f.expr(a.X, precedenceLowest)
	}
}

func (f *formatter) tableInput(in *TableInput) {
	r := in.Relation
	alias, hasAlias := r.(*Aliased)
	if hasAlias {
		r = alias.Relation
	}
	f.put("TABLE(")
	if sub, ok := r.(*TableSubquery); ok {
		f.query(sub.Query)
	} else {
		f.relation(r)
	}
	f.put(")")
	if hasAlias {
		f.put(" AS ")
		f.ident(alias.Alias)
		if len(alias.Columns) > 0 {
			f.put(" ")
			f.idents(alias.Columns)
		}
	}
	if in.Partitioned {
		f.put(" PARTITION BY (")
		f.exprs(in.PartitionBy)
		f.put(")")
	}
	f.putIf(in.Prune, " PRUNE WHEN EMPTY")
	f.putIf(in.Keep, " KEEP WHEN EMPTY")
	if len(in.OrderBy) > 0 {
		f.put(" ORDER BY (")
		each(f, in.OrderBy, f.sortItem)
		f.put(")")
	}
}

func (f *formatter) descriptor(d *Descriptor) {
	if d.Null {
		f.put("CAST(NULL AS DESCRIPTOR)")
		return
	}
	f.put("DESCRIPTOR(")
	each(f, d.Fields, func(field *DescriptorField) {
		f.ident(field.Name)
		if field.Type != nil {
			f.put(" ")
			f.typeName(field.Type)
		}
	})
	f.put(")")
}
