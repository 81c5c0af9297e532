package function

import (
	"strings"
	"unicode/utf16"

	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// constructed is a value of JSON_OBJECT or JSON_ARRAY as an item; it is not ok
// when it is left out.
func (c *jsonCall) constructed(v types.Value, format sqljson.Format) (jsonpath.Item, bool, error) {
	switch {
	case v.IsNull() && c.NullOut:
		return jsonpath.Null{}, true, nil
	case v.IsNull():
		return nil, false, nil
	case format == sqljson.NoFormat:
		return v, true, nil
	}
	item, err := formattedItem(v, format)
	if err != nil {
		return nil, false, inputError()
	}
	if text, ok := jsonpath.TextOf(item); ok {
		item = jsonpath.TextItem(text)
	}
	return item, true, nil
}

func (c *jsonCall) array() (types.Value, error) {
	list := jsonpath.Array{}
	for i, format := range c.Items {
		item, ok, err := c.constructed(c.values[i], format)
		if err != nil {
			return types.Value{}, err
		}
		if ok {
			list = append(list, item)
		}
	}
	return writtenItem(list)
}

// object takes the keys and values in turn.
func (c *jsonCall) object() (types.Value, error) {
	members := &jsonpath.Object{}
	for i, format := range c.Items {
		key := c.values[2*i]
		if key.IsNull() {
			return types.Value{}, argumentError("null value passed for JSON object key to JSON_OBJECT function")
		}
		name := key.V.(string)
		if key.Type.Kind == types.Char {
			name = strings.TrimRight(name, " ")
		}
		item, ok, err := c.constructed(c.values[2*i+1], format)
		if err != nil {
			return types.Value{}, err
		}
		if !ok {
			continue
		}
		if _, ok := members.Get(name); ok && c.Unique {
			return types.Value{}, argumentError("duplicate key passed to JSON_OBJECT function")
		} else if ok {
			return types.Value{}, types.Errorf(types.NotSupported, types.Pos{}, "cannot construct a JSON object with duplicate key")
		}
		members.Put(name, item)
	}
	return writtenItem(hashOrder(members))
}

func writtenItem(item jsonpath.Item) (types.Value, error) {
	out, ok := jsonpath.AppendItem(nil, item)
	if !ok {
		return types.Value{}, argumentError("value passed to JSON_OBJECT function cannot be converted to JSON")
	}
	return jsonpath.TextItem(string(out)), nil
}

// hashOrder orders the members of a constructed object as the server's hash
// table does: by bucket, of 16 or more buckets that are at most three quarters
// full, and within one as they came.
func hashOrder(m *jsonpath.Object) *jsonpath.Object {
	buckets := 16
	for 4*len(m.Keys) > 3*buckets {
		buckets *= 2
	}
	places := make([][]int, buckets)
	for i, key := range m.Keys {
		b := int(textHash(key)) & (buckets - 1)
		places[b] = append(places[b], i)
	}
	out := &jsonpath.Object{}
	for _, list := range places {
		for _, i := range list {
			out.Put(m.Keys[i], m.Values[i])
		}
	}
	return out
}

// textHash is Java's hash of a string, spread as its hash tables do.
func textHash(s string) uint32 {
	h := uint32(0)
	for _, unit := range utf16.Encode([]rune(s)) {
		h = 31*h + uint32(unit)
	}
	return h ^ h>>16
}
