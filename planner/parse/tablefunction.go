package parse

import "github.com/auditlake/auditlake/planner/ast"

// tableFunction parses TABLE (name(argument, … [COPARTITION …])).
func (p *parser) tableFunction() ast.Relation {
	f := &ast.TableFunction{At: p.here()}
	p.expect("TABLE", "(")
	f.Name = p.qualifiedName()
	p.expect("(")
	if !p.at(")") && !p.atCopartition() {
		f.Args = []*ast.TableArgument{p.tableArgument()}
		for p.accept(",") {
			f.Args = append(f.Args, p.tableArgument())
		}
	}
	if p.atCopartition() {
		f.Copartition = p.copartition()
	}
	p.expect(")", ")")
	return f
}

func (p *parser) atCopartition() bool {
	return p.tok().word == "COPARTITION" && p.peekIs("(")
}

func (p *parser) copartition() [][]ast.QualifiedName {
	p.expect("COPARTITION")
	var groups [][]ast.QualifiedName
	for {
		p.expect("(")
		names := []ast.QualifiedName{p.tableName()}
		p.expect(",")
		names = append(names, p.tableName())
		for p.accept(",") {
			names = append(names, p.tableName())
		}
		p.expect(")")
		groups = append(groups, names)
		if !p.accept(",") {
			return groups
		}
	}
}

// tableArgument parses [name =>] followed by a table, a descriptor or an expression.
func (p *parser) tableArgument() *ast.TableArgument {
	a := &ast.TableArgument{At: p.here()}
	if isName(p.tok()) && p.peekIs("=>") {
		name := p.ident()
		a.Name = &name
		p.expect("=>")
	}
	switch {
	case p.at("TABLE"):
		a.Table = p.tableInput()
	case p.tok().word == "DESCRIPTOR" && p.peekIs("("):
		a.Descriptor = p.descriptor()
	case p.at("CAST") && p.peekIs("(", "NULL", "AS", "DESCRIPTOR", ")"):
		a.Descriptor = &ast.Descriptor{At: p.here(), Null: true}
		p.expect("CAST", "(", "NULL", "AS", "DESCRIPTOR", ")")
	default:
		a.X = p.expression()
	}
	return a
}

// tableInput parses TABLE (table or query) with partitioning and order.
func (p *parser) tableInput() *ast.TableInput {
	in := &ast.TableInput{At: p.here()}
	p.expect("TABLE", "(")
	inner := p.here()
	if p.atQuery() || p.at("(") {
		in.Relation = &ast.TableSubquery{At: inner, Query: p.query()}
	} else {
		in.Relation = &ast.Table{At: in.At, Name: p.tableName()}
	}
	p.expect(")")
	in.Relation = p.aliased(in.Relation)
	if p.accept("PARTITION") {
		p.expect("BY")
		in.Partitioned = true
		in.PartitionBy = p.partitionList()
	}
	switch {
	case p.accept("PRUNE"):
		in.Prune = true
		p.expect("WHEN", "EMPTY")
	case p.accept("KEEP"):
		in.Keep = true
		p.expect("WHEN", "EMPTY")
	}
	if p.accept("ORDER") {
		p.expect("BY")
		in.OrderBy = p.inputOrder()
	}
	return in
}

// partitionList parses one expression or a list in parentheses, maybe empty.
func (p *parser) partitionList() []ast.Expr {
	if p.acceptAll("(", ")") {
		return nil
	}
	return p.groupingSet().Set
}

// inputOrder parses one sort item or a list in parentheses.
func (p *parser) inputOrder() []*ast.SortItem {
	if !p.accept("(") {
		return []*ast.SortItem{p.sortItem()}
	}
	items := p.sortItems()
	p.expect(")")
	return items
}

func (p *parser) descriptor() *ast.Descriptor {
	d := &ast.Descriptor{At: p.here()}
	p.expect("DESCRIPTOR", "(")
	for {
		f := &ast.DescriptorField{At: p.here(), Name: p.ident()}
		if isName(p.tok()) {
			f.Type = p.typeName()
		}
		d.Fields = append(d.Fields, f)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return d
}
