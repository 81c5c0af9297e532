package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonLists is a column of arrays.
type jsonLists struct {
	of      *types.Type
	meter   *memory.Meter
	offsets []int32
	nulls   nullRows
	values  parsedColumn
	held    int // elements, those of an unfinished array included
}

func (c *jsonLists) appendJSON(j *jsontext.Walker) error {
	if isNull, err := takeNull(j, c); isNull {
		return err
	}
	if err := expect(j, "array", "["); err != nil {
		return err
	}
	if err := j.EachElement(func(int) error { c.held++; return c.values.appendJSON(j) }); err != nil {
		return err
	}
	return c.close()
}

// close ends a list.
func (c *jsonLists) close() (err error) {
	if c.held > maxListElements {
		return errTooManyElements()
	}
	c.offsets, err = withRoom(c.meter, c.offsets, 1)
	c.offsets = append(c.offsets, int32(c.held))
	return err
}

func (c *jsonLists) appendNull() error {
	if err := c.nulls.append(c.meter, len(c.offsets)-1); err != nil {
		return err
	}
	return c.close()
}

func (c *jsonLists) cut(n int) {
	n = min(n, len(c.offsets)-1)
	c.offsets, c.held = c.offsets[:n+1], int(c.offsets[n])
	c.values.cut(c.held)
	c.nulls.cut(n)
}

func (c *jsonLists) array() (arrow.Array, error) {
	values, err := c.values.array()
	if err != nil {
		return nil, err
	}
	return batch.FromLists(c.offsets, c.nulls.validity(len(c.offsets)-1), values), nil
}

// jsonMaps is a column of maps.
type jsonMaps struct {
	jsonLists
	keys jsonKeys
}

func (c *jsonMaps) appendJSON(j *jsontext.Walker) error {
	if isNull, err := takeNull(j, c); isNull {
		return err
	}
	if err := expect(j, "object", "{"); err != nil {
		return err
	}
	first := c.held
	err := j.EachMember(func(key string) error {
		c.held++
		if err := c.keys.appendKey(key); err != nil {
			return err
		}
		if c.keys.repeatsLast(first) {
			return castError("Duplicate map keys are not allowed")
		}
		return c.values.appendJSON(j)
	})
	if err != nil {
		return err
	}
	return c.close()
}

func (c *jsonMaps) cut(n int) {
	c.jsonLists.cut(n)
	c.keys.cut(c.held)
}

func (c *jsonMaps) array() (arrow.Array, error) {
	keys, err := c.keys.array()
	if err != nil {
		return nil, err
	}
	values, err := c.values.array()
	if err != nil {
		return nil, err
	}
	return batch.FromMaps(c.offsets, c.nulls.validity(len(c.offsets)-1), keys, values), nil
}
