// Package sqljson parses the paths of the SQL/JSON functions (such as JSON_VALUE) and holds their settings. The
// analyzer checks them, the kernels run them.
package sqljson

import "github.com/auditlake/auditlake/planner/types"

// Path is a parsed SQL/JSON path.
type Path struct {
	// Lax paths skip structural errors; strict paths report them.
	Lax  bool
	Root *Node
}

// Op is the operation of a node.
type Op uint8

// The operations. Path nodes return a sequence of items; predicates return true, false or unknown.
const (
	Literal Op = iota // Value
	Null
	Context  // $
	Variable // $Text
	Last     // the last position, inside of a subscript
	Current  // @, inside of a filter
	Plus
	Minus
	Add
	Subtract
	Multiply
	Divide
	Modulus
	Member     // Args[0].Text
	AnyMember  // Args[0].*
	Descendant // Args[0]..Text
	Element    // Args[0][Subscripts]
	AnyElement // Args[0][*]
	Filter     // Args[0] ? (Args[1])
	Method     // Args[0].Text()
	LikeRegex  // Args[0] like_regex …
	And        // predicates from here on
	Or
	Not
	Equal
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	Exists
	IsUnknown
	StartsWith
)

// Arithmetic maps the arithmetic nodes to their SQL operators.
var Arithmetic = map[Op]string{Add: types.OpAdd, Subtract: types.OpSubtract, Multiply: types.OpMultiply, Divide: types.OpDivide, Modulus: types.OpModulus}

// IsPredicate reports whether the node returns true, false or unknown.
func (n *Node) IsPredicate() bool { return n.Op >= LikeRegex }

// IsComparison reports whether the node compares two paths.
func (n *Node) IsComparison() bool { return n.Op >= Equal && n.Op <= GreaterOrEqual }

// Node is a part of a path.
type Node struct {
	Op         Op
	Args       []*Node
	Text       string      // a member's key, a variable's or a method's name
	Value      types.Value // of a literal
	Subscripts []Subscript
}

// Subscript is a position, or the positions from From to To.
type Subscript struct {
	From, To *Node // To is nil for one position
}

// Walk calls visit for a node and all nodes below it.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, arg := range n.Args {
		arg.Walk(visit)
	}
	for _, s := range n.Subscripts {
		s.From.Walk(visit)
		if s.To != nil {
			s.To.Walk(visit)
		}
	}
}
