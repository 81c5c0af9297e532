package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/jsontext"
)

// parsedLists is a column of arrays.
type parsedLists struct {
	meter   *memory.Meter
	offsets []int32
	nulls   nullRows
	values  parsedColumn
	held    int // elements, including those of an unfinished array
}

func (c *parsedLists) appendJSON(j *jsontext.Walker) error {
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
func (c *parsedLists) close() (err error) {
	if c.held > maxListElements {
		return errTooManyElements()
	}
	c.offsets, err = withRoom(c.meter, c.offsets, 1)
	c.offsets = append(c.offsets, int32(c.held))
	return err
}

func (c *parsedLists) appendNull() error {
	if err := c.nulls.append(c.meter, len(c.offsets)-1); err != nil {
		return err
	}
	return c.close()
}

func (c *parsedLists) cut(n int) {
	n = min(n, len(c.offsets)-1)
	c.offsets, c.held = c.offsets[:n+1], int(c.offsets[n])
	c.values.cut(c.held)
	c.nulls.cut(n)
}

func (c *parsedLists) array() (arrow.Array, error) {
	values, err := c.values.array()
	if err != nil {
		return nil, err
	}
	return batch.FromLists(c.offsets, c.nulls.validity(len(c.offsets)-1), values), nil
}

// parsedMaps is a column of maps.
type parsedMaps struct {
	parsedLists
	keys parsedKeys
}

func (c *parsedMaps) appendJSON(j *jsontext.Walker) error {
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

func (c *parsedMaps) cut(n int) {
	c.parsedLists.cut(n)
	c.keys.cut(c.held)
}

func (c *parsedMaps) array() (arrow.Array, error) {
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
