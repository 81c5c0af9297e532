package record

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/schema"
)

// shape is how a column takes its value from JSON.
type shape uint8

const (
	textShape shape = iota
	flagShape
	momentShape
	doubleShape
	integerShape
	textsShape
	textMapShape
	rowShape
	rowsShape
)

// node is one column, or one field of a row, with the members in it.
type node struct {
	shape  shape
	fields *fieldSet // of a row, or of the elements of rows
}

// fieldSet finds the members of an object that have a column. It learns the order of the members from each object.
type fieldSet struct {
	nodes    []node
	byLength [][]*field
	first    *field // the field that recently came first, nil: unknown
}

// field is a member that has a column: its name as events write it and in lower case, and the column's index. A
// member that only leads to columns has an inner set: of the same row, or of the row at index if that is not -1.
type field struct {
	key, lower string
	source     string // the key as dense JSON has it, with quotes and colon
	index      int
	inner      *fieldSet
	next       *field // the field that recently came after it, nil: unknown
}

func (s *fieldSet) add(f *field) {
	f.lower, f.source = strings.ToLower(f.key), `"`+f.key+`":`
	n := len(f.key)
	for len(s.byLength) <= n {
		s.byLength = append(s.byLength, nil)
	}
	s.byLength[n] = append(s.byLength[n], f)
}

// newFieldSet compiles the columns of a table or the fields of a row.
func newFieldSet(columns []schema.Column) *fieldSet {
	set := &fieldSet{nodes: make([]node, len(columns))}
	for i, c := range columns {
		set.nodes[i] = newNode(c)
		if c.JSONKey == "" {
			continue
		}
		set.add(&field{key: c.JSONKey, index: i})
	}
	return set
}

func newNode(c schema.Column) node {
	switch t := c.Type.(type) {
	case *arrow.StringType:
		return node{shape: textShape}
	case *arrow.BooleanType:
		return node{shape: flagShape}
	case *arrow.TimestampType:
		return node{shape: momentShape}
	case *arrow.Float64Type:
		return node{shape: doubleShape}
	case *arrow.Int32Type:
		return node{shape: integerShape}
	case *arrow.MapType:
		return node{shape: textMapShape}
	case *arrow.StructType:
		return node{shape: rowShape, fields: newFieldSet(c.Fields)}
	case *arrow.ListType:
		if t.Elem().ID() == arrow.STRUCT {
			return node{shape: rowsShape, fields: newFieldSet(c.Fields)}
		}
		return node{shape: textsShape}
	}
	panic(fmt.Sprintf("column %s: no way from JSON to %s", c.Name, c.Type))
}

// find returns the field of a member's name in any letter case, nil if there is none.
func (s *fieldSet) find(name []byte) *field {
	if len(name) >= len(s.byLength) {
		return nil
	}
	candidates := s.byLength[len(name)]
	for _, f := range candidates {
		if string(name) == f.key {
			return f
		}
	}
	for _, f := range candidates {
		if equalFold(name, f.lower) {
			return f
		}
	}
	return nil
}

// equalFold compares ASCII letters regardless of case. lower must be in lower case.
func equalFold(name []byte, lower string) bool {
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
