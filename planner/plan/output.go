package plan

import "strings"

// Output names the result's columns.
type Output struct {
	Input Node
	Names []string
	Cols  []*Column
}

// Columns implements Node.
func (n *Output) Columns() []*Column { return n.Cols }

// MapInputs implements Node.
func (n *Output) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Output) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *Output) MapColumns(f func(*Column) *Column) Node {
	columns, changed := mapList(n.Cols, f)
	if !changed {
		return n
	}
	c := *n
	c.Cols = columns
	return &c
}

// VisitMade implements Node.
func (n *Output) VisitMade(func(*Column)) {}

// SplitsBy returns all columns.
func (n *Output) SplitsBy() func(*Column) bool { return anyColumn }

// same implements Node. The node occurs once, on top.
func (n *Output) same(Node, Sameness) bool { return false }

func (n *Output) neverSame() {}

// Describe implements Node.
func (n *Output) Describe() string {
	items := make([]string, len(n.Cols))
	for i, c := range n.Cols {
		items[i] = n.Names[i]
		if columnName(c) != n.Names[i] {
			items[i] += " := " + columnName(c)
		}
	}
	return "Output [" + strings.Join(items, ", ") + "]"
}
