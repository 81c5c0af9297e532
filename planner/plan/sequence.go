package plan

import "fmt"

// Sequence returns the numbers from Start to Stop, both included, in steps of Step. Step leads from Start towards
// Stop, or both are equal.
type Sequence struct {
	Col               *Column // bigint
	Start, Stop, Step int64
}

// Columns implements Node.
func (n *Sequence) Columns() []*Column { return []*Column{n.Col} }

// MapInputs implements Node.
func (n *Sequence) MapInputs(func(Node) Node) Node { return n }

// MapExprs implements Node.
func (n *Sequence) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *Sequence) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Sequence) VisitMade(visit func(*Column)) {
	visit(n.Col)
}

// same implements Node. Its numbers are cheap to compute again.
func (n *Sequence) same(Node, Sameness) bool { return false }

func (n *Sequence) neverSame() {}

// Describe implements Node.
func (n *Sequence) Describe() string {
	return fmt.Sprintf("Sequence %s from %d to %d by %d", columnName(n.Col), n.Start, n.Stop, n.Step)
}
