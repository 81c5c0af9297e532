package function

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// parsedRows is a column of rows.
type parsedRows struct {
	of      *types.Type
	meter   *memory.Meter
	fields  []parsedColumn
	places  map[string]int // index of each field by name; nil: there are few
	written []bool         // the fields of the current row that have their value
	rows    int
	nulls   nullRows
}

// Up to fewFields fields, a member's name is compared with the fields' names one by one.
const fewFields = 8

func newParsedRows(m *memory.Meter, t *types.Type) *parsedRows {
	c := &parsedRows{of: t, meter: m, written: make([]bool, len(t.Fields))}
	for _, f := range t.Fields {
		c.fields = append(c.fields, newParsedColumn(m, f.Type))
	}
	if len(t.Fields) > fewFields {
		c.places = make(map[string]int, len(t.Fields))
		for i, f := range t.Fields {
			c.places[f.Name] = i
		}
	}
	return c
}

// appendJSON takes fields by position from an array, by name from an object.
func (c *parsedRows) appendJSON(j *jsontext.Walker) error {
	if isNull, err := takeNull(j, c); isNull {
		return err
	}
	if err := expect(j, "array or object", "[{"); err != nil {
		return err
	}
	read := c.readElements
	if j.PeekByte() == '{' {
		read = c.readMembers
	}
	if err := read(j); err != nil {
		return err
	}
	c.rows++
	return nil
}

func (c *parsedRows) readElements(j *jsontext.Walker) error {
	read := 0
	err := j.EachElement(func(i int) error {
		if i >= len(c.fields) {
			return castError("Expected %d elements, but got more", len(c.fields))
		}
		read++
		return c.fields[i].appendJSON(j)
	})
	if err == nil && read < len(c.fields) {
		err = castError("Unexpected token when cast to %s: ]", c.of.Fields[read].Type)
	}
	return err
}

// readMembers converts keys to lower case, so no field with an upper case letter is found. It skips members without
// a field.
func (c *parsedRows) readMembers(j *jsontext.Walker) error {
	if c.of.Fields[0].Name == "" {
		return castError("Cannot cast a JSON object to anonymous row type. Input must be a JSON array.")
	}
	clear(c.written)
	err := j.EachMember(func(key string) error {
		i, err := c.fieldOf(key)
		switch {
		case err != nil:
			return err
		case i < 0:
			return j.SkipValue()
		}
		return c.fields[i].appendJSON(j)
	})
	if err != nil {
		return err
	}
	return c.appendMissing()
}

// fieldOf returns the index of the field for a member of the current object, -1 if there is none.
func (c *parsedRows) fieldOf(key string) (int, error) {
	i := c.placeOf(strings.ToLower(key))
	if i < 0 {
		return -1, nil
	}
	if c.written[i] {
		return -1, castError("Duplicate field: %s", key)
	}
	c.written[i] = true
	return i, nil
}

// placeOf returns the index of the last field with a name, -1 if there is none.
func (c *parsedRows) placeOf(name string) int {
	if c.places != nil {
		if i, ok := c.places[name]; ok {
			return i
		}
		return -1
	}
	for i := len(c.fields) - 1; i >= 0; i-- {
		if c.of.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// appendMissing appends NULLs to the fields for which the current object has no member.
func (c *parsedRows) appendMissing() error {
	for i, field := range c.fields {
		if !c.written[i] {
			if err := field.appendNull(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *parsedRows) appendNull() error {
	if err := c.nulls.append(c.meter, c.rows); err != nil {
		return err
	}
	c.rows++
	for _, field := range c.fields {
		if err := field.appendNull(); err != nil {
			return err
		}
	}
	return nil
}

func (c *parsedRows) cut(n int) {
	c.rows = min(n, c.rows)
	for _, field := range c.fields {
		field.cut(n)
	}
	c.nulls.cut(n)
}

func (c *parsedRows) array() (arrow.Array, error) {
	fields := make([]arrow.Array, len(c.fields))
	for i, field := range c.fields {
		var err error
		if fields[i], err = field.array(); err != nil {
			return nil, err
		}
	}
	return batch.FromFields(arrowtype.Of(c.of).(*arrow.StructType), c.rows, c.nulls.validity(c.rows), fields), nil
}
