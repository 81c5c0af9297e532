package plan

import "fmt"

// Recursion returns the rows of Base, then repeatedly those of Step over the rows before, until a step returns
// none. It fails with NOT_SUPPORTED if more than MaxSteps steps return rows.
type Recursion struct {
	Cols       []*Column
	Base, Step Node
	// BaseCols and StepCols are the columns of Base and Step that feed Cols.
	BaseCols, StepCols []*Column
	// Working is the node through which Step reads the rows before.
	Working  *WorkingRows
	MaxSteps int
}

// WorkingRows returns the rows of the last step of the Recursion around it, at first those of its base. It occurs
// once below a Recursion's Step.
type WorkingRows struct {
	Cols []*Column
}

// Columns implements Node.
func (n *Recursion) Columns() []*Column { return n.Cols }

// Columns implements Node.
func (n *WorkingRows) Columns() []*Column { return n.Cols }

// MapInputs implements Node: base, then step.
func (n *Recursion) MapInputs(f func(Node) Node) Node {
	base, step := f(n.Base), f(n.Step)
	if base == n.Base && step == n.Step {
		return n
	}
	c := *n
	c.Base, c.Step = base, step
	return &c
}

// MapExprs implements Node.
func (n *Recursion) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node: the columns that feed Cols.
func (n *Recursion) MapColumns(f func(*Column) *Column) Node {
	base, baseChanged := mapList(n.BaseCols, f)
	step, stepChanged := mapList(n.StepCols, f)
	if !baseChanged && !stepChanged {
		return n
	}
	c := *n
	c.BaseCols, c.StepCols = base, step
	return &c
}

// VisitMade implements Node.
func (n *Recursion) VisitMade(visit func(*Column)) { visitAll(n.Cols, visit) }

// same implements Node. Each Recursion has its own working rows.
func (n *Recursion) same(Node, Sameness) bool { return false }

func (n *Recursion) neverSame() {}

// Describe implements Node.
func (n *Recursion) Describe() string {
	return fmt.Sprintf("Recursion %s up to %d steps", columnNames(n.Cols), n.MaxSteps)
}

// MapInputs implements Node.
func (n *WorkingRows) MapInputs(func(Node) Node) Node { return n }

// MapExprs implements Node.
func (n *WorkingRows) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *WorkingRows) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *WorkingRows) VisitMade(visit func(*Column)) { visitAll(n.Cols, visit) }

// same implements Node. Each WorkingRows belongs to one Recursion.
func (n *WorkingRows) same(Node, Sameness) bool { return false }

func (n *WorkingRows) neverSame() {}

// Describe implements Node.
func (n *WorkingRows) Describe() string { return "WorkingRows " + columnNames(n.Cols) }
