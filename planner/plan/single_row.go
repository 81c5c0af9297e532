package plan

// EnforceSingleRow fails with SUBQUERY_MULTIPLE_ROWS on a second row and gives
// a row of NULLs for no row.
type EnforceSingleRow struct {
	Input Node
}

// Columns implements Node.
func (n *EnforceSingleRow) Columns() []*Column { return n.Input.Columns() }

func (n *EnforceSingleRow) appendColumns(list []*Column) []*Column {
	return appendColumns(list, n.Input)
}

// Inputs implements Node.
func (n *EnforceSingleRow) Inputs() []Node { return []Node{n.Input} }

// WithInputs implements Node.
func (n *EnforceSingleRow) WithInputs(inputs []Node) Node {
	c := *n
	c.Input = inputs[0]
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
