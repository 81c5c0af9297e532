package orc

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Type attributes with a meaning to this package.
const (
	// unitAttribute is the unit of a timestamp column ("s", "ms", "us", "ns"), which ORC does not know.
	unitAttribute = "auditlake.unit"
	// requiredAttribute is "true" for a column without NULL.
	requiredAttribute = "iceberg.required"
)

// column is one node of a file's type tree; the root is the struct of all columns, with id 0.
type column struct {
	id         int
	kind       orcpb.Type_Kind
	name       string // of the field in the parent
	path       string // dotted, "" for the root
	dataType   arrow.DataType
	attributes map[string]string
	parent     *column
	children   []*column
	mismatch   string // why the file's column cannot be read as the wanted one
}

// child finds a struct field by name, a list's "element", a map's "key" or "value".
func (c *column) child(name string) *column {
	for _, child := range c.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

// isText reports whether values are UTF-8 text.
func (c *column) isText() bool {
	return c.kind == orcpb.Type_STRING || c.kind == orcpb.Type_VARCHAR || c.kind == orcpb.Type_CHAR
}

// field is the column as an Arrow field.
func (c *column) field() arrow.Field {
	return arrow.Field{Name: c.name, Type: c.dataType, Nullable: c.attributes[requiredAttribute] != "true", Metadata: c.metadata()}
}

func (c *column) metadata() arrow.Metadata {
	if len(c.attributes) == 0 {
		return arrow.Metadata{}
	}
	return arrow.MetadataFrom(c.attributes)
}

// find returns the column at path, whatever its map keys.
func (c *column) find(path Path) (*column, error) {
	if len(path.Names) == 0 {
		return nil, fmt.Errorf("orc: empty column path")
	}
	at := c
	for _, name := range path.Names {
		if at = at.child(name); at == nil {
			return nil, fmt.Errorf("orc: no column %q", path.String())
		}
	}
	return at, nil
}

// all lists the column and everything below it in the order of ids.
func (c *column) all() []*column {
	list := []*column{c}
	for _, child := range c.children {
		list = append(list, child.all()...)
	}
	return list
}

// columnsOf numbers the columns of an Arrow schema as ORC does: parents before children.
func columnsOf(schema *arrow.Schema, attributes func(path string) map[string]string) (*column, error) {
	if attributes == nil {
		attributes = func(string) map[string]string { return nil }
	}
	root := &column{kind: orcpb.Type_STRUCT}
	next := 1
	for _, field := range schema.Fields() {
		if err := root.addChild(field.Name, field.Name, field.Type, &next, attributes); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func (c *column) addChild(name, pathName string, dataType arrow.DataType, next *int, attributes func(string) map[string]string) error {
	path := pathName
	if c.path != "" {
		path = c.path + "." + pathName
	}
	child := &column{id: *next, name: name, path: path, dataType: dataType, parent: c, attributes: map[string]string{}}
	for key, value := range attributes(path) {
		child.attributes[key] = value
	}
	*next++
	c.children = append(c.children, child)
	var err error
	if child.kind, err = kindOf(dataType); err != nil {
		return fmt.Errorf("column %s: %w", path, err)
	}
	switch t := dataType.(type) {
	case *arrow.TimestampType:
		child.attributes[unitAttribute] = t.Unit.String()
	case *arrow.StructType:
		for _, field := range t.Fields() {
			if err := child.addChild(field.Name, field.Name, field.Type, next, attributes); err != nil {
				return err
			}
		}
	case *arrow.ListType:
		return child.addChild("element", "element", t.Elem(), next, attributes)
	case *arrow.MapType:
		if err := child.addChild("key", "key", t.KeyType(), next, attributes); err != nil {
			return err
		}
		return child.addChild("value", "value", t.ItemType(), next, attributes)
	}
	return nil
}

// kindOf returns the ORC type that holds an Arrow type.
func kindOf(dataType arrow.DataType) (orcpb.Type_Kind, error) {
	switch t := dataType.(type) {
	case *arrow.TimestampType:
		switch t.TimeZone {
		case "":
			return orcpb.Type_TIMESTAMP, nil
		case "UTC":
			return orcpb.Type_TIMESTAMP_INSTANT, nil
		}
	case *arrow.DictionaryType:
		if t.ValueType.ID() == arrow.STRING {
			return orcpb.Type_STRING, nil
		}
	}
	if kind, ok := kinds[dataType.ID()]; ok {
		return kind, nil
	}
	return 0, &UnsupportedError{What: "Arrow type " + dataType.String()}
}

var kinds = map[arrow.Type]orcpb.Type_Kind{
	arrow.BOOL: orcpb.Type_BOOLEAN, arrow.INT8: orcpb.Type_BYTE, arrow.INT16: orcpb.Type_SHORT,
	arrow.INT32: orcpb.Type_INT, arrow.INT64: orcpb.Type_LONG, arrow.FLOAT32: orcpb.Type_FLOAT,
	arrow.FLOAT64: orcpb.Type_DOUBLE, arrow.STRING: orcpb.Type_STRING, arrow.BINARY: orcpb.Type_BINARY,
	arrow.DECIMAL128: orcpb.Type_DECIMAL, arrow.DATE32: orcpb.Type_DATE, arrow.LIST: orcpb.Type_LIST,
	arrow.MAP: orcpb.Type_MAP, arrow.STRUCT: orcpb.Type_STRUCT,
}

// message returns the column as an entry of the footer's type list.
func (c *column) message() *orcpb.Type {
	t := &orcpb.Type{Kind: c.kind.Enum()}
	for _, child := range c.children {
		t.Subtypes = append(t.Subtypes, uint32(child.id))
		if c.kind == orcpb.Type_STRUCT {
			t.FieldNames = append(t.FieldNames, child.name)
		}
	}
	if decimal, ok := c.dataType.(*arrow.Decimal128Type); ok {
		t.Precision, t.Scale = proto.Uint32(uint32(decimal.Precision)), proto.Uint32(uint32(decimal.Scale))
	}
	for _, key := range sortedKeys(c.attributes) {
		t.Attributes = append(t.Attributes, &orcpb.StringPair{Key: proto.String(key), Value: proto.String(c.attributes[key])})
	}
	return t
}
