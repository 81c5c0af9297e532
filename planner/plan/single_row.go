package plan

// EnforceSingleRow fails with SUBQUERY_MULTIPLE_ROWS on a second row. If there is no row it returns one of NULLs.
type EnforceSingleRow struct {
	Input Node
}

// Columns implements Node.
func (n *EnforceSingleRow) Columns() []*Column { return n.Input.Columns() }

func (n *EnforceSingleRow) appendColumns(list []*Column) []*Column {
	return appendColumns(list, n.Input)
}

// MapInputs implements Node.
func (n *EnforceSingleRow) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *EnforceSingleRow) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *EnforceSingleRow) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *EnforceSingleRow) VisitMade(func(*Column)) {}

// GuessRows returns 1.
func (n *EnforceSingleRow) GuessRows(func(Node) float64) float64 { return 1 }

func (n *EnforceSingleRow) same(other Node, s Sameness) bool {
	_, ok := other.(*EnforceSingleRow)
	return ok
}

// Describe implements Node.
func (n *EnforceSingleRow) Describe() string { return "EnforceSingleRow" }
