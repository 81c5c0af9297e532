// Package ast defines the syntax tree of a statement: one plain struct per construct of the language, each with its
// position in the text.
//
// The tree holds what was written, not what it means: names are unresolved, types are names, and parentheses are
// kept only where they matter. [Format] prints a tree as a statement that parses to an equal tree.
package ast

import (
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Pos is a position in a statement: 1-based line and column in code points.
type Pos = types.Pos

// At is embedded in every node and gives it its position, the one at which Trino reports errors. For comparisons,
// arithmetic, set operations and predicates (IN, LIKE, BETWEEN, IS) it is the operator token, for everything else
// the first token.
type At Pos

// Pos returns the position of the node.
func (a At) Pos() Pos { return Pos(a) }

// Node is any part of a statement.
type Node interface {
	Pos() Pos
}

// Statement is a whole statement: *Query, *Explain, *Show, or one that changes a session or runs what the session
// stores.
type Statement interface {
	Node
	// Verb returns the words that name the statement's kind, in capitals: SELECT for
	// every query, SHOW, PREPARE, SET TIME ZONE.
	Verb() string
}

// QueryBody is the part of a query that ORDER BY and LIMIT apply to: *Select, *SetOperation, *Values, *Table (TABLE
// t) or a *Query in parentheses.
type QueryBody interface {
	Node
	queryBody()
}

// Relation is an element of FROM.
type Relation interface {
	Node
	relation()
}

// Expr is an expression.
type Expr interface {
	Node
	expr()
}

// Ident is one name. Unquoted names keep their letter case. Names compare case-insensitively, quoted or not.
type Ident struct {
	At
	Name   string // without quotes
	Quoted bool
}

// QualifiedName is a dotted name such as catalog.schema.table.
type QualifiedName struct {
	At
	Parts []Ident // at least one
}

// Last returns the rightmost part.
func (n QualifiedName) Last() Ident { return n.Parts[len(n.Parts)-1] }

// String returns the parts joined with dots, as written, without quotes.
func (n QualifiedName) String() string {
	var s strings.Builder
	for i, part := range n.Parts {
		if i > 0 {
			s.WriteByte('.')
		}
		s.WriteString(part.Name)
	}
	return s.String()
}
