package plan

// TopN keeps the first Count rows after sorting and skipping Offset.
type TopN struct {
	Input         Node
	Keys          []SortKey
	Offset, Count int64
	WithTies      bool
}

// Columns implements Node.
func (n *TopN) Columns() []*Column { return n.Input.Columns() }

// Inputs implements Node.
func (n *TopN) Inputs() []Node { return []Node{n.Input} }

// WithInputs implements Node.
func (n *TopN) WithInputs(inputs []Node) Node {
	c := *n
	c.Input = inputs[0]
	return &c
}

// MapExprs implements Node.
func (n *TopN) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *TopN) MapColumns(f func(*Column) *Column) Node {
	keys, changed := mapSortKeys(n.Keys, f)
	if !changed {
		return n
	}
	c := *n
	c.Keys = keys
	return &c
}

// VisitMade implements Node.
func (n *TopN) VisitMade(func(*Column)) {}

func (n *TopN) same(other Node, s Sameness) bool {
	o, ok := other.(*TopN)
	return ok && n.Count == o.Count && n.Offset == o.Offset && n.WithTies == o.WithTies && s.sortKeys(n.Keys, o.Keys)
}

// Describe implements Node.
func (n *TopN) Describe() string {
	return "TopN " + limitText(n.Offset, n.Count) + iff(n.WithTies, " with ties") + " by " + sortKeys(n.Keys)
}
