package plan

// Sequence gives the numbers from Start to Stop, both included, Step apart.
// Step leads from Start towards Stop, or both are the same.
type Sequence struct {
	Col               *Column // bigint
	Start, Stop, Step int64
}

// Columns implements Node.
func (n *Sequence) Columns() []*Column { return []*Column{n.Col} }

// Inputs implements Node.
func (n *Sequence) Inputs() []Node { return nil }
