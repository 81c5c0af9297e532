package plan

import (
	"slices"
	"strings"
)

// Project computes columns.
type Project struct {
	Input Node
	Items []Assignment
}

// Assignment computes one output column. A plain Ref to the same Column passes it through.
type Assignment struct {
	Column *Column
	Expr   Expr
}

// PassesOn reports whether the assignment only passes its column through.
func (a Assignment) PassesOn() bool {
	ref, ok := a.Expr.(*Ref)
	return ok && ref.Column.ID == a.Column.ID
}

// Columns implements Node.
func (n *Project) Columns() []*Column {
	out := make([]*Column, len(n.Items))
	for i, a := range n.Items {
		out[i] = a.Column
	}
	return out
}

// MapInputs implements Node.
func (n *Project) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Project) MapExprs(f func(Expr) Expr) Node {
	items, changed := mapList(n.Items, func(item Assignment) Assignment {
		return Assignment{Column: item.Column, Expr: f(item.Expr)}
	})
	if !changed {
		return n
	}
	return &Project{Input: n.Input, Items: items}
}

// MapColumns implements Node.
func (n *Project) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Project) VisitMade(visit func(*Column)) {
	for _, item := range n.Items {
		if !item.PassesOn() {
			visit(item.Column)
		}
	}
}

// KeepMade keeps the wanted items, including those that pass a column through.
func (n *Project) KeepMade(wanted func(*Column) bool) Node {
	items := keepParts(n.Items, func(item Assignment) bool { return wanted(item.Column) })
	if len(items) == len(n.Items) {
		return n
	}
	return &Project{Input: n.Input, Items: items}
}

// GivesNoRows reports whether the input gives none.
func (n *Project) GivesNoRows() bool { return isEmpty(n.Input) }

func (n *Project) same(other Node, s Sameness) bool {
	o, ok := other.(*Project)
	return ok && slices.EqualFunc(n.Items, o.Items, func(a, b Assignment) bool {
		return s.expr(a.Expr, b.Expr) && s.note(a.Column, b.Column)
	})
}

// Describe implements Node.
func (n *Project) Describe() string {
	texts := make([]string, len(n.Items))
	for i, item := range n.Items {
		texts[i] = columnName(item.Column)
		if r, ok := item.Expr.(*Ref); !ok || r.Column.ID != item.Column.ID {
			texts[i] += " := " + FormatExpr(item.Expr)
		}
	}
	return "Project [" + strings.Join(texts, ", ") + "]"
}
