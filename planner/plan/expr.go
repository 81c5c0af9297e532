// Package plan holds the logical plan: typed expressions over columns, and the
// nodes that produce columns. The analyzer builds it, rules rewrite it, the
// executor runs it. Nodes and expressions are immutable once built: a rewrite
// makes new ones, so sub-trees may be shared.
package plan

import "github.com/auditlake/auditlake/planner/types"

// Column is a column that some node produces. Its ID is unique in the plan and
// stays the same wherever the column flows; Name is for people.
type Column struct {
	ID   int
	Name string
	Type *types.Type
}

// Expr is a typed expression over the columns of a node's input.
type Expr interface {
	Type() *types.Type
}

// Ref reads a column of the input, or a lambda parameter.
type Ref struct {
	Column *Column
}

// Const is a constant.
type Const struct {
	Value types.Value
	Pos   types.Pos // its position, for errors; zero when made by a rewrite
}

// Call runs a scalar function or operator; every argument already has the
// type Fn.Args asks for. A Lambda may be an argument.
type Call struct {
	Fn   *types.Resolved
	Args []Expr
	Pos  types.Pos
}

// Cast converts Arg to Fn.Return. With Try it is TRY_CAST: a value that does not convert becomes NULL, but an error
// inside Arg remains an error.
type Cast struct {
	Fn  *types.Resolved
	Arg Expr
	Try bool
}

// Form is a construct that does not evaluate all arguments for all rows, or that no function signature can express.
type Form uint8

// The forms. Later arguments are evaluated only for rows that need them.
const (
	And       Form = iota // two or more booleans, three-valued
	Or                    // two or more booleans, three-valued
	Not                   // one boolean
	If                    // condition, then, else
	Case                  // cond1, value1, cond2, value2, …, else (always present)
	Coalesce              // one or more
	NullIf                // a, b: both of one type; result a's
	In                    // x, item1, item2, … all of one type
	IsNull                // one of any type
	Try                   // one; the four errors that TRY hides become NULL
	MakeRow               // fields
	MakeArray             // elements of one type
)

// Special is a Form applied to arguments.
type Special struct {
	Form Form
	Args []Expr
	T    *types.Type
}

// FieldOf reads field Index of a row. A field of a NULL row is NULL.
type FieldOf struct {
	Arg   Expr
	Index int
}

// Lambda is a function value. Body may also read columns of the input
// (captures) and parameters of enclosing lambdas.
type Lambda struct {
	Params []*Column
	Body   Expr
}

// Type implements Expr.
func (e *Ref) Type() *types.Type { return e.Column.Type }

// Type implements Expr.
func (e *Const) Type() *types.Type { return e.Value.Type }

// Type implements Expr.
func (e *Call) Type() *types.Type { return e.Fn.Return }

// Type implements Expr.
func (e *Cast) Type() *types.Type { return e.Fn.Return }

// Type implements Expr.
func (e *Special) Type() *types.Type { return e.T }

// Type implements Expr.
func (e *FieldOf) Type() *types.Type { return e.Arg.Type().Fields[e.Index].Type }

// Type implements Expr: a function type.
func (e *Lambda) Type() *types.Type {
	params := make([]*types.Type, len(e.Params))
	for i, p := range e.Params {
		params[i] = p.Type
	}
	return types.FuncOf(e.Body.Type(), params...)
}
