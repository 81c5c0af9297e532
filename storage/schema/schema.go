// Package schema defines every column of every event category once: its path, JSON key, type and field id, and
// whether it has a bloom filter. Ingest, storage and SQL all read the same tables.
package schema

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
)

// Column is one column of a table, or one field of a row inside a column.
type Column struct {
	// Name is the lower-case name in SQL and ORC.
	Name string
	// JSONKey is the member's name in events, "" if the product fills the column.
	JSONKey string
	Type    arrow.DataType
	// ID is the field id of ORC and Iceberg: unique in its table, never reused.
	ID int
	// Fields are the fields of a row, or, in a list of rows, of its element.
	Fields []Column
	// ElementID is the id of a list's element, KeyID and ValueID those of a map's entries; else 0.
	ElementID, KeyID, ValueID int
	// Bloom: segments have a bloom filter of the values; for a map, of those under all keys.
	Bloom bool
	// Computed columns are derived when read and never stored.
	Computed    bool
	Description string
	Example     string
}

// Table holds the columns of one event category. It is shared: treat it as read-only.
type Table struct {
	// Category is the eventCategory as in events, such as "Management".
	Category string
	Columns  []Column
}

// tables has one entry per event category. Management and Data may share a store, and NetworkActivity may join
// them, so their common columns have common ids.
var tables = []*Table{
	{Category: string(Management), Columns: cloudTrail},
	{Category: string(Data), Columns: cloudTrail},
	{Category: string(NetworkActivity), Columns: networkActivity},
	{Category: string(Insight), Columns: insight},
	{Category: string(ConfigurationItem), Columns: configurationItem},
	{Category: string(Evidence), Columns: evidence},
	{Category: string(ActivityAuditLog), Columns: activityLog},
}

// Categories lists the event categories that have a table.
func Categories() []string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Category
	}
	return names
}

// ForCategory finds the table of an eventCategory, spelled as in events.
func ForCategory(eventCategory string) (*Table, bool) {
	for _, t := range tables {
		if t.Category == eventCategory {
			return t, true
		}
	}
	return nil, false
}

// Stored lists the columns a segment holds, in table order.
func (t *Table) Stored() []Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Computed })
}

// Arrow is the schema of stored rows: the columns of Stored, all nullable. It is the same object each time, so that
// comparing records costs nothing.
func (t *Table) Arrow() *arrow.Schema {
	known, ok := arrowSchemas.Load(t)
	if !ok {
		known, _ = arrowSchemas.LoadOrStore(t, arrow.NewSchema(arrowFields(t.Stored()), nil))
	}
	return known.(*arrow.Schema)
}

var arrowSchemas sync.Map // *Table: *arrow.Schema

// Shape is the column of segments with the shapes of texts, from which eventjson is rebuilt. No table has it, so
// SQL does not see it.
var Shape = text(1000, "eventJSONShape", "shape of the event's text, where eventjson holds none", "")

// ArrowWithShape is Arrow with the column Shape appended.
func (t *Table) ArrowWithShape() *arrow.Schema {
	return arrow.NewSchema(append(t.Arrow().Fields(), arrowFields([]Column{Shape})...), nil)
}

// Lookup finds a column by its dotted lower-case path, such as "useridentity.arn". The step below a list is
// "element", those below a map are "key" and "value": "resources.element.arn", "requestparameters.value".
func (t *Table) Lookup(path string) (*Column, bool) {
	step, rest, nested := strings.Cut(path, ".")
	found := find(t.Columns, step)
	for found != nil && nested {
		step, rest, nested = strings.Cut(rest, ".")
		found = found.child(step)
	}
	return found, found != nil
}

// Attributes returns the ORC type attributes of the column at a path (see Lookup), by which an Iceberg reader
// matches the column. Nil if there is none.
func (t *Table) Attributes(path string) map[string]string {
	c, ok := t.Lookup(path)
	if path == Shape.Name {
		c, ok = &Shape, true
	}
	if !ok {
		return nil
	}
	parent, isMapKey := strings.CutSuffix(path, ".key")
	if isMapKey {
		p, _ := t.Lookup(parent)
		isMapKey = p.Type.ID() == arrow.MAP
	}
	return map[string]string{
		"iceberg.id":       strconv.Itoa(c.ID),
		"iceberg.required": strconv.FormatBool(isMapKey),
	}
}

// child returns the column one step below c, nil if there is none.
func (c *Column) child(step string) *Column {
	switch t := c.Type.(type) {
	case *arrow.StructType:
		return find(c.Fields, step)
	case *arrow.ListType:
		if step == "element" {
			return &Column{Name: step, Type: t.Elem(), ID: c.ElementID, Fields: c.Fields}
		}
	case *arrow.MapType:
		switch step {
		case "key":
			return &Column{Name: step, Type: t.KeyType(), ID: c.KeyID}
		case "value":
			return &Column{Name: step, Type: t.ItemType(), ID: c.ValueID, Bloom: c.Bloom}
		}
	}
	return nil
}

func find(columns []Column, name string) *Column {
	for i := range columns {
		if columns[i].Name == name {
			return &columns[i]
		}
	}
	return nil
}

func arrowFields(columns []Column) []arrow.Field {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type, Nullable: true}
	}
	return fields
}
