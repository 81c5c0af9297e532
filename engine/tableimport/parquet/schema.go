package parquet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// node is a part of a column: a value of the file, or a value that combines others.
type node struct {
	name   string
	t      *types.Type
	leaf   int     // index of a value of the file; -1 for other nodes
	leaves [2]int  // from, to: those below
	parts  []*node // fields of a row, element of an array, key and value of a map

	maxDef, maxRep int // of the node's own values
	// Of arrays and maps: with itemDef there is at least one item; each but the
	// first begins with itemRep.
	itemDef, itemRep int
}

// leafType is how the values of a leaf are stored.
type leafType struct {
	physical       physicalType
	length         int
	maxDef, maxRep int
	convert        func(raw) (any, error)
}

// schemaTree makes nodes of the list of elements.
type schemaTree struct {
	rest   []element
	leaves []leafType
	depth  int
}

func (s *schemaTree) readRoot() ([]*node, error) {
	if len(s.rest) == 0 || !s.rest[0].isGroup {
		return nil, errors.New("the file is damaged: there is no schema")
	}
	count := s.rest[0].children
	s.rest = s.rest[1:]
	var columns []*node
	for range min(count, int64(len(s.rest))+1) {
		n, err := s.readNode(0, 0)
		if err != nil {
			return nil, err
		}
		columns = append(columns, n)
	}
	if len(s.rest) > 0 {
		return nil, errors.New("the file is damaged: the schema has more elements than it says")
	}
	return columns, nil
}

func (s *schemaTree) takeElement() (element, error) {
	if len(s.rest) == 0 {
		return element{}, errors.New("the file is damaged: the schema ends early")
	}
	e := s.rest[0]
	s.rest = s.rest[1:]
	return e, nil
}

// readNode reads the next element and those below it. def and rep are the
// levels of its parent.
func (s *schemaTree) readNode(def, rep int) (*node, error) {
	e, err := s.takeElement()
	if err != nil {
		return nil, err
	}
	if e.repetition != isRepeated {
		return s.readBody(e, def, rep)
	}
	// A repeated element that no LIST is around is an array that is never NULL.
	first := len(s.leaves)
	item, err := s.readBody(e, def, rep)
	if err != nil {
		return nil, err
	}
	return &node{name: e.name, t: types.ArrayOf(item.t), leaf: -1, leaves: [2]int{first, len(s.leaves)}, parts: []*node{item},
		maxDef: def, maxRep: rep, itemDef: def + 1, itemRep: rep + 1}, nil
}

// readBody reads what is below an element.
func (s *schemaTree) readBody(e element, def, rep int) (*node, error) {
	if s.depth++; s.depth > maxSchemaDepth {
		return nil, fmt.Errorf("the schema is nested more than %d levels deep", maxSchemaDepth)
	}
	defer func() { s.depth-- }()
	if e.repetition != isRequired {
		def++
	}
	if e.repetition == isRepeated {
		rep++
	}
	n := &node{name: e.name, leaf: -1, maxDef: def, maxRep: rep}
	n.leaves[0] = len(s.leaves)
	defer func() { n.leaves[1] = len(s.leaves) }()
	if !e.isGroup {
		n.leaf = len(s.leaves)
		t, convert, err := typeOf(e)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", e.name, err)
		}
		n.t = t
		s.leaves = append(s.leaves, leafType{physical: e.physical, length: e.length, maxDef: def, maxRep: rep, convert: convert})
		return n, nil
	}
	if e.children == 0 {
		return nil, fmt.Errorf("column %s has no fields", e.name)
	}
	const convertedMap, convertedMapKeyValue, convertedList = 1, 2, 3
	repeats := e.children == 1 && len(s.rest) > 0 && s.rest[0].repetition == isRepeated
	switch {
	case repeats && (e.logical.kind == logicalList || e.converted == convertedList):
		return n, s.readList(n)
	case repeats && s.rest[0].isGroup && s.rest[0].children == 2 &&
		(e.logical.kind == logicalMap || e.converted == convertedMap || e.converted == convertedMapKeyValue):
		return n, s.readMap(n)
	}
	return n, s.readFields(n, e.children)
}

func (s *schemaTree) readFields(n *node, count int64) error {
	var fields []types.Field
	for range min(count, int64(len(s.rest))+1) {
		part, err := s.readNode(n.maxDef, n.maxRep)
		if err != nil {
			return err
		}
		n.parts = append(n.parts, part)
		fields = append(fields, types.Field{Name: strings.ToLower(part.name), Type: part.t})
	}
	n.t = types.RowOf(fields...)
	return nil
}

// readList reads an array: a repeated group around the element, or, as older
// programs wrote it, the repeated element itself.
func (s *schemaTree) readList(n *node) error {
	n.itemDef, n.itemRep = n.maxDef+1, n.maxRep+1
	repeated := s.rest[0]
	var item *node
	var err error
	if repeated.isGroup && repeated.children == 1 && repeated.name != "array" && repeated.name != n.name+"_tuple" {
		s.rest = s.rest[1:]
		item, err = s.readNode(n.itemDef, n.itemRep)
	} else {
		s.rest = s.rest[1:]
		item, err = s.readBody(repeated, n.maxDef, n.maxRep)
	}
	if err != nil {
		return err
	}
	n.parts, n.t = []*node{item}, types.ArrayOf(item.t)
	return nil
}

func (s *schemaTree) readMap(n *node) error {
	n.itemDef, n.itemRep = n.maxDef+1, n.maxRep+1
	s.rest = s.rest[1:]
	for range 2 {
		part, err := s.readNode(n.itemDef, n.itemRep)
		if err != nil {
			return err
		}
		n.parts = append(n.parts, part)
	}
	n.t = types.MapOf(n.parts[0].t, n.parts[1].t)
	return nil
}
