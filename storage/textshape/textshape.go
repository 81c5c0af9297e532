// Package textshape stores the text of events without storing it twice. A record's columns hold its values. Its
// shape is the rest: which members there are, in which order, under which names, of what JSON kind, with which
// escapes and white space. Many records share one. Shape and columns give the record's text back byte for byte.
//
// A shape is the record's own text with holes for the values that columns hold:
//
//	{"eventVersion":$,"userIdentity":{"type":$,"invokedBy":$},"readOnly":$,
//	"requestParameters":$.r,"resources":[{"ARN":$}]}
//
// A hole is a dollar sign in place of a JSON value, with codes for how the column's value was written (see
// codes.go). A member finds its column by its name, as when the record was read. Everything else is unchanged:
// values without a column, and those that a column does not reproduce.
package textshape

import "fmt"

// SyntaxError is a text that is no shape of a layout.
type SyntaxError struct {
	Offset  int // in the shape, bytes
	Problem string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("shape: %s at byte %d", e.Problem, e.Offset) }

// MismatchError is a row whose columns lack the value for a hole of its shape.
type MismatchError struct {
	Offset int // of the hole in the shape, bytes
}

// Error implements error.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("shape: no value for the hole at byte %d", e.Offset)
}
