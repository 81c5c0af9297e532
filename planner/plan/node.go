package plan

// Node is a step of a plan that produces rows of Columns(). A node is never
// changed: what changes one returns a copy, or the node itself.
type Node interface {
	Columns() []*Column
	Inputs() []Node
	// WithInputs returns the node over other inputs, as many as it has.
	WithInputs(inputs []Node) Node
	// MapExprs returns the node with f applied to each expression that it
	// evaluates itself.
	MapExprs(f func(Expr) Expr) Node
	// MapColumns returns the node with f applied to every column that it names
	// outside of its expressions: keys, orders, arguments. Columns that it makes
	// stay.
	MapColumns(f func(*Column) *Column) Node
	// Describe returns the node in one line: its name, then what it does.
	Describe() string
	// same reports whether the node does the same as another one, whose inputs
	// are the same, and notes which columns that they make correspond.
	same(other Node, s Sameness) bool
}

// MapInputs returns n over the inputs that f makes: n itself when none changed.
func MapInputs(n Node, f func(Node) Node) Node {
	inputs := n.Inputs()
	mapped := make([]Node, len(inputs))
	changed := false
	for i, input := range inputs {
		mapped[i] = f(input)
		changed = changed || mapped[i] != input
	}
	if !changed {
		return n
	}
	return n.WithInputs(mapped)
}

// Exprs returns the expressions n itself evaluates, those of its inputs aside.
// Columns that it reads directly (keys, sort columns) are not among them.
func Exprs(n Node) []Expr {
	var out []Expr
	n.MapExprs(func(e Expr) Expr {
		out = append(out, e)
		return e
	})
	return out
}

func mapList[T, R any](list []T, f func(T) R) []R {
	out := make([]R, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}
