package plan

// Reuse gives the rows of Input. Several with one Number have inputs that give
// the same rows: whichever is asked first computes them for the others, as long
// as they are few enough to be kept.
type Reuse struct {
	Number int
	Input  Node
	// Cols are the columns of Input, in an order in which the columns of all
	// with this Number mean the same.
	Cols []*Column
	// First is set for one of them, for people.
	First bool
}

// Columns implements Node.
func (n *Reuse) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *Reuse) Inputs() []Node { return []Node{n.Input} }
