// Package textshape stores the text of events without storing it twice. A record's columns hold its
// values; what they do not say (which members there are, in which order, under which names, of
// which JSON kind, with which escapes and white space) is its shape. Many records share one. From
// shape and columns the record's text comes back byte for byte.
//
// A shape is the record's own text with holes for the values that columns hold:
//
//	{"eventVersion":$,"userIdentity":{"type":$,"invokedBy":$},"readOnly":$,"requestParameters":$.r,"resources":[{"ARN":$}]}
//
// A hole is a dollar sign where JSON has a value, and codes that say how the column's value was
// written (see codes.go). A member leads to its column by its name, as when the record was read.
// Everything else stands as it did: values without a column, and those a column does not give back.
package textshape

import "fmt"

// SyntaxError is a text that is no shape of a layout.
type SyntaxError struct {
	Offset  int // in the shape, bytes
	Problem string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("shape: %s at byte %d", e.Problem, e.Offset) }

// MismatchError is a row whose columns lack a value that its shape has a hole for.
type MismatchError struct {
	Offset int // of the hole in the shape, bytes
}

// Error implements error.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("shape: no value for the hole at byte %d", e.Offset)
}
