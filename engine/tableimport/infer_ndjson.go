package tableimport

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// maxShapeDepth is how deep objects and arrays become rows and arrays; what is
// deeper is json.
const maxShapeDepth = 16

// inferNDJSON reads a whole file to find a type for each member: boolean,
// bigint, double, varchar, arrays and rows of these; json where values differ
// more than integers and other numbers do.
func inferNDJSON(path string) ([]metadata.Column, error) {
	rows := &ndjsonRows{}
	if err := rows.open(path); err != nil {
		return nil, err
	}
	defer rows.close()
	found := &jsonShape{}
	for {
		line, err := rows.read()
		if err == io.EOF {
			break
		}
		if err == nil && line[0] != '{' {
			err = errors.New("not a JSON object; arrays need declared columns")
		}
		if err == nil {
			err = checkJSON(line)
		}
		if err == nil {
			err = found.add(line, 0)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rows.where(), err)
		}
		if len(found.names) > maxColumns {
			return nil, fmt.Errorf("%s: more than %d members in the objects so far", rows.where(), maxColumns)
		}
	}
	var columns []metadata.Column
	for _, name := range found.names {
		columns = append(columns, metadata.Column{Name: name, Type: found.fields[name].result()})
	}
	return columns, checkColumns(columns)
}

// shapeKind is what a JSON value is.
type shapeKind int

const (
	noShape shapeKind = iota // null so far
	booleanShape
	integerShape
	numberShape
	textShapeJSON
	arrayShape
	objectShape
	mixedShape
)

// jsonShape is what all values at one place have in common.
type jsonShape struct {
	kind   shapeKind
	items  *jsonShape            // of arrays
	names  []string              // of objects, lower case, in the order they came
	fields map[string]*jsonShape // of objects
}

func (s *jsonShape) add(text jsonText, depth int) error {
	kind := kindOf(text)
	switch {
	case kind == noShape || s.kind == mixedShape:
		return nil
	case depth == maxShapeDepth:
		s.kind = mixedShape
		return nil
	case s.kind == noShape, s.kind == integerShape && kind == numberShape:
		s.kind = kind
	case s.kind == numberShape && kind == integerShape:
	case s.kind != kind:
		*s = jsonShape{kind: mixedShape}
		return nil
	}
	switch kind {
	case arrayShape:
		return s.addItems(text, depth)
	case objectShape:
		return s.addMembers(text, depth)
	}
	return nil
}

func (s *jsonShape) addItems(text jsonText, depth int) error {
	if s.items == nil {
		s.items = &jsonShape{}
	}
	return eachItem(text, func(item jsonText) error { return s.items.add(item, depth+1) })
}

func (s *jsonShape) addMembers(text jsonText, depth int) error {
	if s.fields == nil {
		s.fields = map[string]*jsonShape{}
	}
	return eachMember(text, func(name string, value jsonText) error {
		name = strings.ToLower(name)
		field, ok := s.fields[name]
		if !ok {
			field = &jsonShape{}
			s.fields[name] = field
			s.names = append(s.names, name)
		}
		return field.add(value, depth+1)
	})
}

func kindOf(text jsonText) shapeKind {
	switch text[0] {
	case 'n':
		return noShape
	case 't', 'f':
		return booleanShape
	case '"':
		return textShapeJSON
	case '[':
		return arrayShape
	case '{':
		return objectShape
	}
	if _, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return integerShape
	}
	return numberShape
}

func (s *jsonShape) result() *types.Type {
	switch s.kind {
	case booleanShape:
		return types.BooleanType
	case integerShape:
		return types.BigIntType
	case numberShape:
		return types.DoubleType
	case arrayShape:
		return types.ArrayOf(s.items.result())
	case objectShape:
		if len(s.names) == 0 {
			return types.JSONType
		}
		var fields []types.Field
		for _, name := range s.names {
			fields = append(fields, types.Field{Name: name, Type: s.fields[name].result()})
		}
		return types.RowOf(fields...)
	case mixedShape:
		return types.JSONType
	}
	return types.VarcharType
}
