package tableimport

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/auditlake/auditlake/planner/types"
)

// jsonValue makes a value of type t of JSON text, as the client protocol writes
// values: numbers and booleans as such or as strings, varbinary in base64,
// dates, times and the rest as strings that SQL casts, rows as objects or
// arrays, maps as objects. Text columns take any JSON as its text.
func (c *caster) jsonValue(text json.RawMessage, t *types.Type) (types.Value, error) {
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
		if err := json.Unmarshal(text, &plain); err != nil {
			return types.Value{}, err
		}
	} else if !t.IsText() && (text[0] == '{' || text[0] == '[') {
		return types.Value{}, fmt.Errorf("a JSON object or array is no %s", t)
	}
	return c.text(plain, t)
}

func (c *caster) jsonArray(text json.RawMessage, t *types.Type) (types.Value, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil {
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

func (c *caster) jsonRow(text json.RawMessage, t *types.Type) (types.Value, error) {
	var items []json.RawMessage
	var err error
	if text[0] == '[' {
		if err = json.Unmarshal(text, &items); err == nil && len(items) != len(t.Fields) {
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
func (c *caster) jsonMap(text json.RawMessage, t *types.Type) (types.Value, error) {
	if text[0] != '{' {
		return types.Value{}, fmt.Errorf("no %s: not a JSON object", t)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return types.Value{}, err
	}
	m := types.MapValue{}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return types.Value{}, err
		}
		name := token.(string) // More means a member, which begins with its name
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return types.Value{}, err
		}
		key, err := c.text(name, t.Key)
		if err != nil {
			return types.Value{}, fmt.Errorf("key %q: %w", name, err)
		}
		if text := key.String(); seen[text] {
			return types.Value{}, fmt.Errorf("key %q stands there twice", name)
		} else {
			seen[text] = true
		}
		value, err := c.jsonValue(item, t.Elem)
		if err != nil {
			return types.Value{}, fmt.Errorf("key %q: %w", name, err)
		}
		m.Keys, m.Values = append(m.Keys, key), append(m.Values, value)
	}
	return types.Value{Type: t, V: m}, nil
}
