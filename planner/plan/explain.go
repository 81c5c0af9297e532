package plan

// Explain prints its plan instead of running it; with Analyze it runs it first. With Verbose it lists the IDs of
// the optimizer's rules that changed the plan.
type Explain struct {
	Input   *Output
	Analyze bool
	Verbose bool
	Rules   []string
	Form    ExplainForm
	Cols    []*Column
}

// ExplainForm is the form in which EXPLAIN shows a plan.
type ExplainForm uint8

// The forms of EXPLAIN.
const (
	ExplainText        ExplainForm = iota
	ExplainJSON                    // the tree of nodes
	ExplainFragments               // the trees by fragment; there is one, "0"
	ExplainInputOutput             // the tables that are read, and the ranges of their values
)

// Columns implements Node.
func (n *Explain) Columns() []*Column { return n.Cols }

// MapInputs implements Node. The input is an *Output.
func (n *Explain) MapInputs(f func(Node) Node) Node {
	input := f(n.Input).(*Output)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Explain) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node.
func (n *Explain) MapColumns(func(*Column) *Column) Node { return n }

// VisitMade implements Node.
func (n *Explain) VisitMade(visit func(*Column)) {
	visitAll(n.Cols, visit)
}

// same implements Node. The node occurs once, on top.
func (n *Explain) same(Node, Sameness) bool { return false }

func (n *Explain) neverSame() {}

// Describe implements Node.
func (n *Explain) Describe() string { return "Explain" + iff(n.Analyze, " analyze") }
