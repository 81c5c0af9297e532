package plan

// Recursion gives the rows of Base, then those of Step over the rows before,
// again and again until a step gives none. It fails with NOT_SUPPORTED when
// more than MaxSteps steps give rows.
type Recursion struct {
	Cols       []*Column
	Base, Step Node
	// BaseCols and StepCols are the columns of Base and Step that feed Cols.
	BaseCols, StepCols []*Column
	// Working is where Step reads the rows before.
	Working  *WorkingRows
	MaxSteps int
}

// WorkingRows is what the last step of the Recursion around it gave, at first
// the rows of its base. It stands once below a Recursion's Step.
type WorkingRows struct {
	Cols []*Column
}

// Columns implements Node.
func (n *Recursion) Columns() []*Column { return n.Cols }

// Inputs implements Node: base and step.
func (n *Recursion) Inputs() []Node { return []Node{n.Base, n.Step} }

// Columns implements Node.
func (n *WorkingRows) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *WorkingRows) Inputs() []Node { return nil }
