package ast

func (f *formatter) sessionStatement(s Statement) {
	switch s := s.(type) {
	case *Prepare:
		f.put("PREPARE ")
		f.ident(s.Name)
		f.put(" FROM ")
		f.statement(s.Statement)
	case *Execute:
		f.put("EXECUTE ")
		f.ident(s.Name)
		f.using(s.Using)
	case *ExecuteImmediate:
		f.put("EXECUTE IMMEDIATE ")
		f.text(s.Text.Value)
		f.using(s.Using)
	case *Deallocate:
		f.put("DEALLOCATE PREPARE ")
		f.ident(s.Name)
	case *DescribeInput:
		f.put("DESCRIBE INPUT ")
		f.ident(s.Name)
	case *DescribeOutput:
		f.put("DESCRIBE OUTPUT ")
		f.ident(s.Name)
	case *Call:
		f.put("CALL ")
		f.name(s.Procedure)
		f.put("(")
		each(f, s.Arguments, f.callArgument)
		f.put(")")
	case *Use:
		f.put("USE ")
		if s.Catalog != nil {
			f.ident(*s.Catalog)
			f.put(".")
		}
		f.ident(s.Schema)
	case *SetSession:
		f.put("SET SESSION ")
		f.name(s.Name)
		f.put(" = ")
		f.expr(s.Value, precedenceLowest)
	case *ResetSession:
		f.put("RESET SESSION ")
		f.name(s.Name)
	case *SetTimeZone:
		f.put("SET TIME ZONE ")
		if s.Zone == nil {
			f.put("LOCAL")
			return
		}
		f.expr(s.Zone, precedenceLowest)
	case *StartTransaction:
		f.startTransaction(s)
	case *Commit:
		f.put("COMMIT")
	case *Rollback:
		f.put("ROLLBACK")
	}
}

func (f *formatter) using(values []Expr) {
	if len(values) == 0 {
		return
	}
	f.put(" USING ")
	each(f, values, func(x Expr) { f.expr(x, precedenceLowest) })
}

func (f *formatter) callArgument(a CallArgument) {
	if a.Name != nil {
		f.ident(*a.Name)
		f.put(" => ")
	}
	f.expr(a.Value, precedenceLowest)
}

func (f *formatter) startTransaction(s *StartTransaction) {
	f.put("START TRANSACTION")
	if s.Isolation != "" {
		f.put(" ISOLATION LEVEL ", string(s.Isolation))
	}
	f.putIf(s.Isolation != "" && s.Access != "", ",")
	if s.Access != "" {
		f.put(" ", string(s.Access))
	}
}
