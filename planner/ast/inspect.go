package ast

// Inspect visits node and everything below it, parents first, in the order of the text. It goes below a node only
// if visit returns true. It does not visit identifiers, and it skips nil nodes.
func Inspect(node Node, visit func(Node) bool) {
	if !visit(node) {
		return
	}
	i := inspector{visit}
	switch n := node.(type) {
	case Expr:
		i.expr(n)
	case *Table:
		i.table(n)
	case Relation:
		i.relation(n)
	case Statement:
		i.statement(n)
	case QueryBody:
		i.queryBody(n)
	default:
		i.part(n)
	}
}

// inspector visits the children of one node.
type inspector struct{ visit func(Node) bool }

// below inspects list; it takes nodes of one static type, none of them nil.
func below[T Node](i inspector, list []T) {
	for _, n := range list {
		Inspect(n, i.visit)
	}
}

// maybe inspects n unless it is nil.
func (i inspector) maybe(n Expr) {
	if n != nil {
		Inspect(n, i.visit)
	}
}

func (i inspector) all(nodes ...Node) { below(i, nodes) }

func (i inspector) statement(s Statement) {
	switch s := s.(type) {
	case *Explain:
		i.all(s.Statement)
	case *Show:
		if s.Query != nil {
			i.all(s.Query)
		}
	case *Prepare:
		i.all(s.Statement)
	case *Execute:
		below(i, s.Using)
	case *ExecuteImmediate:
		below(i, s.Using)
	case *Call:
		for _, a := range s.Arguments {
			i.all(a.Value)
		}
	case *SetSession:
		i.all(s.Value)
	case *SetTimeZone:
		i.maybe(s.Zone)
	case *Query:
		if s.With != nil {
			i.all(s.With)
		}
		i.all(s.Body)
		below(i, s.OrderBy)
		i.maybe(s.Offset)
		if s.Limit != nil {
			i.all(s.Limit)
		}
	}
}

func (i inspector) queryBody(b QueryBody) {
	switch b := b.(type) {
	case *SetOperation:
		i.all(b.Left, b.Right)
	case *Values:
		below(i, b.Rows)
	case *Select:
		below(i, b.Items)
		if b.From != nil {
			i.all(b.From)
		}
		i.maybe(b.Where)
		if b.GroupBy != nil {
			below(i, b.GroupBy.Elements)
		}
		i.maybe(b.Having)
		below(i, b.Windows)
	}
}

func (i inspector) table(t *Table) {
	if t.Version != nil {
		i.all(t.Version.X)
	}
}

func (i inspector) relation(r Relation) {
	switch r := r.(type) {
	case *Aliased:
		i.all(r.Relation)
	case *TableSubquery:
		i.all(r.Query)
	case *Lateral:
		i.all(r.Query)
	case *Unnest:
		below(i, r.Exprs)
	case *Join:
		i.all(r.Left, r.Right)
		i.maybe(r.On)
	case *Sample:
		i.all(r.Relation, r.Percentage)
	case *TableFunction:
		below(i, r.Args)
	case *JSONTable:
		i.jsonPath(r.Path)
		below(i, r.Columns)
	case *PatternRelation:
		i.all(r.Relation)
		below(i, r.PartitionBy)
		below(i, r.OrderBy)
		below(i, r.Measures)
		i.all(r.Pattern)
	}
}

// part visits below the nodes that are neither expressions nor relations.
func (i inspector) part(node Node) {
	switch n := node.(type) {
	case *With:
		below(i, n.Queries)
	case *NamedQuery:
		i.all(n.Query)
	case *Limit:
		i.maybe(n.Count)
	case *SortItem:
		i.all(n.X)
	case *SingleColumn:
		i.all(n.X)
	case *AllColumns:
		i.maybe(n.Target)
	case *GroupingElement:
		below(i, n.Set)
		below(i, n.Elements)
	case *WindowDefinition:
		i.all(n.Spec)
	case *WindowSpec:
		below(i, n.PartitionBy)
		below(i, n.OrderBy)
		if n.Frame != nil {
			i.all(n.Frame)
		}
	case *Frame:
		below(i, n.Measures)
		i.all(n.Start)
		if n.End != nil {
			i.all(n.End)
		}
		if n.Pattern != nil {
			i.all(n.Pattern)
		}
	case *Bound:
		i.maybe(n.X)
	case *When:
		i.all(n.Condition, n.Result)
	case *Over:
		if n.Spec != nil {
			i.all(n.Spec)
		}
	case *MeasureDefinition:
		i.all(n.X)
	case *Pattern:
		below(i, n.Definitions)
	case *VariableDefinition:
		i.all(n.Condition)
	case *TableArgument:
		i.tableArgument(n)
	case *JSONColumn:
		i.maybe(n.OnEmpty.Default)
		i.maybe(n.OnError.Default)
		below(i, n.Columns)
	}
}

func (i inspector) tableArgument(a *TableArgument) {
	i.maybe(a.X)
	if a.Table != nil {
		i.all(a.Table.Relation)
		below(i, a.Table.PartitionBy)
		below(i, a.Table.OrderBy)
	}
}

func (i inspector) jsonPath(p *JSONPath) {
	i.all(p.Input.X, p.Path)
	for _, a := range p.Passing {
		i.all(a.Input.X)
	}
}
