package plan

import "fmt"

// Reuse returns the rows of Input. All nodes with one Number have inputs with the same rows: the first that is read
// computes the input of First for all, as long as the rows are few enough to keep.
type Reuse struct {
	Number int
	Input  Node
	// Cols are the columns of Input. All nodes with this Number list them in the same order, except as Of says.
	Cols []*Column
	// Of maps Cols to positions in First's Cols if Input has fewer columns; nil: all, in their order.
	Of []int
	// First marks the node that has all columns.
	First bool
}

// Columns implements Node.
func (n *Reuse) Columns() []*Column { return n.Cols }

// MapInputs implements Node.
func (n *Reuse) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Reuse) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *Reuse) MapColumns(f func(*Column) *Column) Node {
	columns, changed := mapList(n.Cols, f)
	if !changed {
		return n
	}
	c := *n
	c.Cols = columns
	return &c
}

// VisitMade implements Node.
func (n *Reuse) VisitMade(func(*Column)) {}

// same implements Node. Rows that are shared already are not shared again.
func (n *Reuse) same(Node, Sameness) bool { return false }

func (n *Reuse) neverSame() {}

// Describe implements Node.
func (n *Reuse) Describe() string {
	text := fmt.Sprintf("Reuse %d %s", n.Number, columnNames(n.Cols))
	if n.Of != nil {
		return text + " in part"
	}
	return text + iff(!n.First, " as above")
}
