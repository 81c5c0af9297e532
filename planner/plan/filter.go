package plan

// Filter keeps the rows for which Predicate is true.
type Filter struct {
	Input     Node
	Predicate Expr
}

// Columns implements Node.
func (n *Filter) Columns() []*Column { return n.Input.Columns() }

func (n *Filter) appendColumns(list []*Column) []*Column { return appendColumns(list, n.Input) }

// MapInputs implements Node.
func (n *Filter) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Filter) MapExprs(f func(Expr) Expr) Node {
	predicate := f(n.Predicate)
	if predicate == n.Predicate {
		return n
	}
	return &Filter{Input: n.Input, Predicate: predicate}
}

// MapColumns implements Node.
func (n *Filter) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Filter) VisitMade(func(*Column)) {}

// SplitsBy returns all columns.
func (n *Filter) SplitsBy() func(*Column) bool { return anyColumn }

// GivesNoRows reports whether the condition is never true or the input has no rows.
func (n *Filter) GivesNoRows() bool { return IsNeverTrue(n.Predicate) || isEmpty(n.Input) }

// GuessRows estimates how many rows pass.
func (n *Filter) GuessRows(guessed func(Node) float64) float64 { return guessed(n.Input) * FilterKeeps }

func (n *Filter) same(other Node, s Sameness) bool {
	o, ok := other.(*Filter)
	return ok && s.expr(n.Predicate, o.Predicate)
}

// Describe implements Node.
func (n *Filter) Describe() string { return "Filter " + FormatExpr(n.Predicate) }
