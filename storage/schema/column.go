package schema

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

// The constructors below keep the tables short. Each takes the field id and the JSON key; the column's name is the
// key in lower case.

// millis is an instant in UTC with millisecond precision.
var millis = &arrow.TimestampType{Unit: arrow.Millisecond}

func text(id int, key, description, example string) Column {
	return scalar(id, key, arrow.BinaryTypes.String, description, example)
}

func flag(id int, key, description, example string) Column {
	return scalar(id, key, arrow.FixedWidthTypes.Boolean, description, example)
}

func moment(id int, key, description, example string) Column {
	return scalar(id, key, millis, description, example)
}

func double(id int, key, description, example string) Column {
	return scalar(id, key, arrow.PrimitiveTypes.Float64, description, example)
}

func integer(id int, key, description, example string) Column {
	return scalar(id, key, arrow.PrimitiveTypes.Int32, description, example)
}

func scalar(id int, key string, typ arrow.DataType, description, example string) Column {
	return Column{Name: strings.ToLower(key), JSONKey: key, Type: typ, ID: id, Description: description, Example: example}
}

// texts is a list of strings; it uses the ids id and id+1.
func texts(id int, key, description, example string) Column {
	c := scalar(id, key, arrow.ListOf(arrow.BinaryTypes.String), description, example)
	c.ElementID = id + 1
	return c
}

// textMap is a map of string to string; it uses the ids id to id+2.
func textMap(id int, key, description, example string) Column {
	c := scalar(id, key, arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), description, example)
	c.KeyID, c.ValueID = id+1, id+2
	return c
}

func row(id int, key, description string, fields ...Column) Column {
	c := scalar(id, key, arrow.StructOf(arrowFields(fields)...), description, "")
	c.Fields = fields
	return c
}

// rows is a list of rows; it uses the ids id and id+1, its fields have their own.
func rows(id int, key, description string, fields ...Column) Column {
	c := scalar(id, key, arrow.ListOf(arrow.StructOf(arrowFields(fields)...)), description, "")
	c.Fields, c.ElementID = fields, id+1
	return c
}

// indexed gives the column a bloom filter, for searches for single values.
func indexed(c Column) Column {
	c.Bloom = true
	return c
}

// filled is a column without a member in the event: the product fills it.
func filled(c Column) Column {
	c.JSONKey = ""
	return c
}

// computed is a column derived from stored columns when read.
func computed(c Column) Column {
	c.JSONKey, c.Computed = "", true
	return c
}
