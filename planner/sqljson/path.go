// Package sqljson reads the paths of the SQL/JSON functions (JSON_VALUE and the
// like) and holds their settings: the analyzer checks them, the kernels run
// them.
package sqljson

import "github.com/auditlake/auditlake/planner/types"

// Path is a parsed SQL/JSON path.
type Path struct {
	// Lax paths skip structural errors, strict ones report them.
	Lax  bool
	Root *Node
}

// Op is what a node does.
type Op uint8

// The nodes. Path nodes give a sequence of items, predicates give true, false
// or unknown.
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

// Arithmetic are the SQL operators that the arithmetic nodes stand for.
var Arithmetic = map[Op]string{Add: types.OpAdd, Subtract: types.OpSubtract, Multiply: types.OpMultiply, Divide: types.OpDivide, Modulus: types.OpModulus}

// IsPredicate reports whether the node gives true, false or unknown.
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

// Walk calls visit for a node and all below it.
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
