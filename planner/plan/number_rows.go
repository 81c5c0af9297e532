package plan

// NumberRows gives each row a unique number, so that rows that are joined to it can be put together again. The
// numbers have no order or meaning.
type NumberRows struct {
	Input  Node
	Number *Column // bigint
}

// Columns implements Node: the input's columns, then the number.
func (n *NumberRows) Columns() []*Column { return n.appendColumns(nil) }

func (n *NumberRows) appendColumns(list []*Column) []*Column {
	return append(appendColumns(list, n.Input), n.Number)
}

// MapInputs implements Node.
func (n *NumberRows) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *NumberRows) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *NumberRows) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *NumberRows) VisitMade(visit func(*Column)) { visit(n.Number) }

// KeepMade returns the input when the number is not wanted.
func (n *NumberRows) KeepMade(wanted func(*Column) bool) Node {
	if wanted(n.Number) {
		return n
	}
	return n.Input
}

// SplitsBy returns the columns of the input.
func (n *NumberRows) SplitsBy() func(*Column) bool {
	return func(c *Column) bool { return c.ID != n.Number.ID }
}

// GivesNoRows reports whether the input gives none.
func (n *NumberRows) GivesNoRows() bool { return isEmpty(n.Input) }

// same implements Node.
func (n *NumberRows) same(other Node, s Sameness) bool {
	o, ok := other.(*NumberRows)
	return ok && s.note(n.Number, o.Number)
}

// Describe implements Node.
func (n *NumberRows) Describe() string { return "NumberRows " + columnName(n.Number) }
