package plan

import "fmt"

// Limit skips Offset rows, then keeps Count (-1: all).
type Limit struct {
	Input         Node
	Offset, Count int64
}

// Columns implements Node.
func (n *Limit) Columns() []*Column { return n.Input.Columns() }

func (n *Limit) appendColumns(list []*Column) []*Column { return appendColumns(list, n.Input) }

// MapInputs implements Node.
func (n *Limit) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Limit) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *Limit) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Limit) VisitMade(func(*Column)) {}

// GivesNoRows reports whether the limit keeps no row or the input has none.
func (n *Limit) GivesNoRows() bool { return n.Count == 0 || isEmpty(n.Input) }

// GuessRows returns the most rows that may pass.
func (n *Limit) GuessRows(guessed func(Node) float64) float64 {
	if n.Count < 0 {
		return guessed(n.Input)
	}
	return min(float64(n.Count), guessed(n.Input))
}

func (n *Limit) same(other Node, s Sameness) bool {
	o, ok := other.(*Limit)
	return ok && n.Count == o.Count && n.Offset == o.Offset
}

// Describe implements Node.
func (n *Limit) Describe() string { return "Limit " + limitText(n.Offset, n.Count) }

func limitText(offset, count int64) string {
	text := "all"
	if count >= 0 {
		text = fmt.Sprint(count)
	}
	if offset > 0 {
		text += fmt.Sprintf(" after %d", offset)
	}
	return text
}
