package orc

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Limits of an acceptable type tree.
const (
	maxColumns   = 100_000
	maxTypeDepth = 100
)

// loneColumn is the name given to the column of a file whose root is not a struct.
const (
	loneColumn = "_col0"
	noColumn   = -1
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// parseColumns builds the type tree of a file.
func parseColumns(types []*orcpb.Type, path string) (*column, error) {
	if len(types) == 0 {
		return nil, fmt.Errorf("the footer has no types")
	}
	if len(types) > maxColumns {
		return nil, fmt.Errorf("%d columns are more than %d", len(types), maxColumns)
	}
	p := &columnParser{types: types, file: path}
	root := &column{}
	if types[0].GetKind() != orcpb.Type_STRUCT {
		// The file has one column, without a name and without a struct around it.
		root.kind, root.id = orcpb.Type_STRUCT, noColumn
		root.children = []*column{{name: loneColumn, path: loneColumn, parent: root}}
		if err := p.parse(root.children[0], 0); err != nil {
			return nil, err
		}
	} else if err := p.parse(root, 0); err != nil {
		return nil, err
	}
	if p.next != len(types) {
		return nil, fmt.Errorf("%d of %d types are in the tree", p.next, len(types))
	}
	return root, nil
}

type columnParser struct {
	types []*orcpb.Type
	file  string
	next  int // the id that the next column in pre-order must have
}

// parse fills in c and its children from the type with the next id.
func (p *columnParser) parse(c *column, depth int) error {
	if depth > maxTypeDepth {
		return fmt.Errorf("types are nested deeper than %d", maxTypeDepth)
	}
	t := p.types[p.next]
	c.id, c.kind = p.next, t.GetKind()
	p.next++
	c.attributes = make(map[string]string, len(t.GetAttributes()))
	for _, pair := range t.GetAttributes() {
		c.attributes[pair.GetKey()] = pair.GetValue()
	}
	if err := p.checkShape(c, t); err != nil {
		return err
	}
	for i, id := range t.GetSubtypes() {
		if int(id) != p.next || p.next >= len(p.types) {
			return fmt.Errorf("type %d has subtype %d, expected %d", c.id, id, p.next)
		}
		child := &column{name: childName(c.kind, t, i), parent: c}
		child.path = child.name
		if c.path != "" {
			child.path = c.path + "." + child.name
		}
		c.children = append(c.children, child)
		if err := p.parse(child, depth+1); err != nil {
			return err
		}
	}
	return p.setDataType(c, t)
}

func (p *columnParser) checkShape(c *column, t *orcpb.Type) error {
	want := 0
	switch c.kind {
	case orcpb.Type_LIST:
		want = 1
	case orcpb.Type_MAP:
		want = 2
	case orcpb.Type_STRUCT:
		want = len(t.GetFieldNames())
	case orcpb.Type_UNION:
		want = len(t.GetSubtypes())
	}
	if len(t.GetSubtypes()) != want {
		return fmt.Errorf("type %d (%v) has %d subtypes, expected %d", c.id, c.kind, len(t.GetSubtypes()), want)
	}
	return nil
}

func childName(kind orcpb.Type_Kind, t *orcpb.Type, i int) string {
	switch kind {
	case orcpb.Type_STRUCT:
		return t.GetFieldNames()[i]
	case orcpb.Type_LIST:
		return "element"
	case orcpb.Type_MAP:
		return [...]string{"key", "value"}[i]
	}
	return fmt.Sprint(i)
}

var scalarTypes = map[orcpb.Type_Kind]arrow.DataType{
	orcpb.Type_BOOLEAN: arrow.FixedWidthTypes.Boolean, orcpb.Type_BYTE: arrow.PrimitiveTypes.Int8,
	orcpb.Type_SHORT: arrow.PrimitiveTypes.Int16, orcpb.Type_INT: arrow.PrimitiveTypes.Int32,
	orcpb.Type_LONG: arrow.PrimitiveTypes.Int64, orcpb.Type_FLOAT: arrow.PrimitiveTypes.Float32,
	orcpb.Type_DOUBLE: arrow.PrimitiveTypes.Float64, orcpb.Type_STRING: arrow.BinaryTypes.String,
	orcpb.Type_VARCHAR: arrow.BinaryTypes.String, orcpb.Type_CHAR: arrow.BinaryTypes.String,
	orcpb.Type_BINARY: arrow.BinaryTypes.Binary, orcpb.Type_DATE: arrow.FixedWidthTypes.Date32,
}

// setDataType sets the Arrow type of c, whose children have theirs already.
func (p *columnParser) setDataType(c *column, t *orcpb.Type) error {
	switch c.kind {
	case orcpb.Type_TIMESTAMP:
		c.dataType = &arrow.TimestampType{Unit: c.timeUnit()}
	case orcpb.Type_TIMESTAMP_INSTANT:
		c.dataType = &arrow.TimestampType{Unit: c.timeUnit(), TimeZone: "UTC"}
	case orcpb.Type_DECIMAL:
		return c.setDecimal(t)
	case orcpb.Type_STRUCT:
		fields := make([]arrow.Field, len(c.children))
		for i, child := range c.children {
			fields[i] = child.field()
		}
		c.dataType = arrow.StructOf(fields...)
	case orcpb.Type_LIST:
		c.dataType = arrow.ListOfField(c.children[0].field())
	case orcpb.Type_MAP:
		key, item := c.children[0], c.children[1]
		mapType := arrow.MapOfWithMetadata(key.dataType, key.metadata(), item.dataType, item.metadata())
		mapType.SetItemNullable(item.field().Nullable)
		c.dataType = mapType
	case orcpb.Type_UNION:
		return p.setUnion(c)
	default:
		dataType, ok := scalarTypes[c.kind]
		if !ok {
			return &UnsupportedError{Path: p.file, What: fmt.Sprintf("type %v of column %s", c.kind, c.path)}
		}
		c.dataType = dataType
	}
	return nil
}

func (p *columnParser) setUnion(c *column) error {
	if len(c.children) > int(arrow.MaxUnionTypeCode) {
		return &UnsupportedError{Path: p.file, What: fmt.Sprintf("union of %d types in column %s", len(c.children), c.path)}
	}
	fields := make([]arrow.Field, len(c.children))
	codes := make([]arrow.UnionTypeCode, len(c.children))
	for i, child := range c.children {
		fields[i], codes[i] = child.field(), arrow.UnionTypeCode(i)
	}
	c.dataType = arrow.SparseUnionOf(fields, codes)
	return nil
}

func (c *column) setDecimal(t *orcpb.Type) error {
	precision, scale := t.GetPrecision(), t.GetScale()
	if precision == 0 { // files of Hive 0.11 lack it; other readers assume this too
		precision, scale = 38, 6
	}
	if precision > 38 || scale > precision {
		return fmt.Errorf("column %s is decimal(%d,%d)", c.path, precision, scale)
	}
	c.dataType = &arrow.Decimal128Type{Precision: int32(precision), Scale: int32(scale)}
	return nil
}

// timeUnit is the unit that a writer of this package recorded, else nanoseconds, which lose nothing.
func (c *column) timeUnit() arrow.TimeUnit {
	for _, unit := range []arrow.TimeUnit{arrow.Second, arrow.Millisecond, arrow.Microsecond} {
		if c.attributes[unitAttribute] == unit.String() {
			return unit
		}
	}
	return arrow.Nanosecond
}
