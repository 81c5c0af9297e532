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

func (n *TopN) appendColumns(list []*Column) []*Column { return appendColumns(list, n.Input) }

// MapInputs implements Node.
func (n *TopN) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
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

// GivesNoRows reports whether the node keeps no row or the input has none.
func (n *TopN) GivesNoRows() bool { return n.Count == 0 || isEmpty(n.Input) }

// GuessRows returns the most rows that may pass.
func (n *TopN) GuessRows(guessed func(Node) float64) float64 {
	return min(float64(n.Count), guessed(n.Input))
}

func (n *TopN) same(other Node, s Sameness) bool {
	o, ok := other.(*TopN)
	return ok && n.Count == o.Count && n.Offset == o.Offset && n.WithTies == o.WithTies && s.sortKeys(n.Keys, o.Keys)
}

// Describe implements Node.
func (n *TopN) Describe() string {
	return "TopN " + limitText(n.Offset, n.Count) + iff(n.WithTies, " with ties") + " by " + sortKeys(n.Keys)
}
