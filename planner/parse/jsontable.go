package parse

import "github.com/auditlake/auditlake/planner/ast"

// jsonTable parses JSON_TABLE(path COLUMNS (…) [PLAN …] [ERROR | EMPTY ON ERROR]).
func (p *parser) jsonTable() ast.Relation {
	t := &ast.JSONTable{At: p.here()}
	p.expect("JSON_TABLE", "(")
	t.Path = p.jsonPath()
	t.Columns = p.jsonColumns()
	t.Plan = p.jsonPlan()
	if p.atAny("ERROR", "EMPTY") {
		t.OnError = ast.JSONBehavior(p.oneOf("ERROR", "EMPTY"))
		p.expect("ON", "ERROR")
	}
	p.expect(")")
	return t
}

// jsonColumns parses COLUMNS (column, …).
func (p *parser) jsonColumns() []*ast.JSONColumn {
	p.enter()
	defer p.leave()
	p.expect("COLUMNS", "(")
	list := []*ast.JSONColumn{p.jsonColumn()}
	for p.accept(",") {
		list = append(list, p.jsonColumn())
	}
	p.expect(")")
	return list
}

func (p *parser) jsonColumn() *ast.JSONColumn {
	c := &ast.JSONColumn{At: p.here()}
	if p.tok().word == "NESTED" && (isString(p.peek(1)) || p.peekIs("PATH") && isString(p.peek(2))) {
		p.nestedColumns(c)
		return c
	}
	name := p.ident()
	c.Name = &name
	if p.accept("FOR") {
		p.expect("ORDINALITY")
		return c
	}
	c.Kind = ast.JSONValueColumn
	c.Type = p.typeName()
	if c.Format = p.jsonFormat(); c.Format != "" {
		c.Kind = ast.JSONQueryColumn
	}
	if p.accept("PATH") {
		c.Path = p.stringLiteral()
	}
	if c.Kind == ast.JSONValueColumn {
		c.OnEmpty, c.OnError = p.jsonValueBehaviors()
		return c
	}
	c.Wrapper = p.jsonWrapper()
	c.Quotes = p.jsonQuotes()
	c.OnEmpty.Kind, c.OnError.Kind = p.jsonQueryBehaviors()
	return c
}

func (p *parser) nestedColumns(c *ast.JSONColumn) {
	c.Kind = ast.JSONNestedColumns
	p.expect("NESTED")
	p.accept("PATH")
	c.Path = p.stringLiteral()
	if p.accept("AS") {
		name := p.ident()
		c.Name = &name
	}
	c.Columns = p.jsonColumns()
}

// jsonPlan parses an optional PLAN (…) or PLAN DEFAULT (…).
func (p *parser) jsonPlan() *ast.JSONPlan {
	plan := &ast.JSONPlan{At: p.here()}
	if !p.accept("PLAN") {
		return nil
	}
	plan.Default = p.accept("DEFAULT")
	p.expect("(")
	if plan.Default {
		p.defaultPlan(plan)
	} else {
		plan.Root = p.planNode()
	}
	p.expect(")")
	return plan
}

// defaultPlan parses one or two operators, of either kind first.
func (p *parser) defaultPlan(plan *ast.JSONPlan) {
	if p.atAny("OUTER", "INNER") {
		plan.ParentChild = ast.JSONPlanOp(p.oneOf("OUTER", "INNER"))
		if p.accept(",") {
			plan.Siblings = ast.JSONPlanOp(p.oneOf("UNION", "CROSS"))
		}
		return
	}
	plan.Siblings = ast.JSONPlanOp(p.oneOf("UNION", "CROSS"))
	if p.accept(",") {
		plan.ParentChild = ast.JSONPlanOp(p.oneOf("OUTER", "INNER"))
	}
}

// planNode parses a path's name, name OUTER|INNER child, or siblings joined by
// UNION or CROSS. Parentheses are only for what is joined.
func (p *parser) planNode() *ast.JSONPlanNode {
	p.enter()
	defer p.leave()
	at := p.here()
	named := !p.at("(")
	first := p.planPrimary()
	switch {
	case named && p.atAny("OUTER", "INNER"):
		op := ast.JSONPlanOp(p.oneOf("OUTER", "INNER"))
		return &ast.JSONPlanNode{At: at, Op: op, Children: []*ast.JSONPlanNode{first, p.planPrimary()}}
	case named && !p.atAny("UNION", "CROSS"):
		return first
	}
	word := p.oneOf("UNION", "CROSS")
	node := &ast.JSONPlanNode{At: at, Op: ast.JSONPlanOp(word), Children: []*ast.JSONPlanNode{first, p.planPrimary()}}
	for p.accept(word) {
		node.Children = append(node.Children, p.planPrimary())
	}
	return node
}

func (p *parser) planPrimary() *ast.JSONPlanNode {
	at := p.here()
	if p.accept("(") {
		node := p.planNode()
		p.expect(")")
		return node
	}
	name := p.ident()
	return &ast.JSONPlanNode{At: at, Name: &name}
}
