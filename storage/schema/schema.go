// Package schema names every column of every event category once: its path,
// JSON key, type and field id, and whether it carries a bloom filter. Ingest,
// storage and SQL all read the same tables.
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
	// Name is the lower-case name SQL and ORC use.
	Name string
	// JSONKey is the member's name as events write it, "" where the product fills the column.
	JSONKey string
	Type    arrow.DataType
	// ID is the field id of ORC and Iceberg: unique in its table, never reused.
	ID int
	// Fields are the fields of a row; of a list of rows, the fields of its element.
	Fields []Column
	// ElementID is the id of a list's element, KeyID and ValueID those of a map's entries; else 0.
	ElementID, KeyID, ValueID int
	// Bloom says that segments carry a bloom filter of the values; of a map, of those under all keys.
	Bloom bool
	// Computed columns are derived when read and never stored.
	Computed    bool
	Description string
	Example     string
}

// Table holds the columns of one event category. It is shared: treat it as read-only.
type Table struct {
	// Category is the eventCategory as events write it, such as "Management".
	Category string
	Columns  []Column
}

// tables has one entry per event category. Management and Data may share a
// store, and NetworkActivity may join them, so their common columns have common ids.
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

// ForCategory finds the table of an eventCategory, spelled as events spell it.
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

// Arrow is the schema of stored rows: the columns of Stored, all nullable. It is the same one each time,
// so that comparing records costs nothing.
func (t *Table) Arrow() *arrow.Schema {
	known, ok := arrowSchemas.Load(t)
	if !ok {
		known, _ = arrowSchemas.LoadOrStore(t, arrow.NewSchema(arrowFields(t.Stored()), nil))
	}
	return known.(*arrow.Schema)
}

var arrowSchemas sync.Map // *Table: *arrow.Schema

// Shape is the column of segments that holds the shapes of texts, of which eventjson is rebuilt. No
// table has it, so SQL does not see it.
var Shape = text(1000, "eventJSONShape", "shape of the event's text, where eventjson holds none", "")

// ArrowWithShape is Arrow with the column Shape behind.
func (t *Table) ArrowWithShape() *arrow.Schema {
	return arrow.NewSchema(append(t.Arrow().Fields(), arrowFields([]Column{Shape})...), nil)
}

// Lookup finds a column by its dotted lower-case path, such as
// "useridentity.arn". The step below a list is "element", those below a map are
// "key" and "value": "resources.element.arn", "requestparameters.value".
func (t *Table) Lookup(path string) (*Column, bool) {
	step, rest, nested := strings.Cut(path, ".")
	found := find(t.Columns, step)
	for found != nil && nested {
		step, rest, nested = strings.Cut(rest, ".")
		found = found.child(step)
	}
	return found, found != nil
}

// Attributes are the ORC type attributes of the column at a path, as Lookup
// reads it: what an Iceberg reader needs to match the column. Nil if there is none.
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

// child is one step down from c, nil if there is no such step.
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
