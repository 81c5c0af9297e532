package tableimport

import (
	"fmt"

	"github.com/auditlake/auditlake/planner/types"
)

// jsonValue makes a value of type t of JSON text, as the client protocol writes
// values: numbers and booleans as such or as strings, varbinary in base64,
// dates, times and the rest as strings that SQL casts, rows as objects or
// arrays, maps as objects. Text columns take any JSON as its text. Text for a
// type without parts must have been checked.
func (c *caster) jsonValue(text jsonText, t *types.Type) (types.Value, error) {
	if len(text) == 0 || string(text) == "null" {
		return types.Null(t), nil
	}
	switch t.Kind {
	case types.Array:
		return c.jsonArray(text, t)
	case types.Map:
		return c.jsonMap(text, t)
	case types.Row:
		return c.jsonRow(text, t)
	case types.JSON:
		return c.json(string(text))
	}
	plain := string(text)
	if text[0] == '"' {
		plain = stringOf(text)
	} else if !t.IsText() && (text[0] == '{' || text[0] == '[') {
		return types.Value{}, fmt.Errorf("a JSON object or array is no %s", t)
	}
	return c.text(plain, t)
}

func (c *caster) jsonArray(text jsonText, t *types.Type) (types.Value, error) {
	items, err := itemsOf(text)
	if err != nil {
		return types.Value{}, fmt.Errorf("no %s: %w", t, err)
	}
	list := make([]types.Value, len(items))
	for i, item := range items {
		v, err := c.jsonValue(item, t.Elem)
		if err != nil {
			return types.Value{}, fmt.Errorf("item %d: %w", i+1, err)
		}
		list[i] = v
	}
	return types.Value{Type: t, V: list}, nil
}

func (c *caster) jsonRow(text jsonText, t *types.Type) (types.Value, error) {
	var items []jsonText
	var err error
	if text[0] == '[' {
		if items, err = itemsOf(text); err == nil && len(items) != len(t.Fields) {
			err = fmt.Errorf("%d values for %d fields", len(items), len(t.Fields))
		}
	} else {
		items, err = members(text, len(t.Fields), func(i int) string { return t.Fields[i].Name })
	}
	if err != nil {
		return types.Value{}, fmt.Errorf("no %s: %w", t, err)
	}
	list := make([]types.Value, len(items))
	for i, item := range items {
		if list[i], err = c.jsonValue(item, t.Fields[i].Type); err != nil {
			return types.Value{}, fmt.Errorf("field %s: %w", t.Fields[i].Name, err)
		}
	}
	return types.Value{Type: t, V: list}, nil
}

// jsonMap keeps the entries in the order they are written.
func (c *caster) jsonMap(text jsonText, t *types.Type) (types.Value, error) {
	if text[0] != '{' {
		return types.Value{}, fmt.Errorf("no %s: not a JSON object", t)
	}
	m := types.MapValue{}
	seen := map[string]bool{}
	err := eachMember(text, func(name string, item jsonText) error {
		key, err := c.text(name, t.Key)
		if err != nil {
			return fmt.Errorf("key %q: %w", name, err)
		}
		written := key.String()
		if seen[written] {
			return fmt.Errorf("duplicate key %q", name)
		}
		seen[written] = true
		value, err := c.jsonValue(item, t.Elem)
		if err != nil {
			return fmt.Errorf("key %q: %w", name, err)
		}
		m.Keys, m.Values = append(m.Keys, key), append(m.Values, value)
		return nil
	})
	return types.Value{Type: t, V: m}, err
}
