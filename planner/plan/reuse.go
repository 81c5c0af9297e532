package plan

import "fmt"

// Reuse gives the rows of Input. Several with one Number have inputs that give
// the same rows: whichever is asked first has the input of First computed for all, as long
// as the rows are few enough to be kept.
type Reuse struct {
	Number int
	Input  Node
	// Cols are the columns of Input, in an order in which the columns of all
	// with this Number mean the same, but for those that Of says.
	Cols []*Column
	// Of says which columns of First's Cols are, by position, where Input has fewer; nil: all, in their order.
	Of []int
	// First is set for one of them, which has all columns.
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

// same implements Node. What is shared already is not shared again.
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
