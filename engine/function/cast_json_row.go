package function

import (
	"strings"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// readJSONRow takes fields by position from an array, by name from an object.
func readJSONRow(j *jsontext.Walker, t *types.Type) (types.Value, error) {
	if err := expect(j, "array or object", "[{"); err != nil {
		return types.Value{}, err
	}
	fields := make([]types.Value, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = types.Null(f.Type)
	}
	read := readElements
	if j.PeekByte() == '{' {
		read = readMembers
	}
	return types.Value{Type: t, V: fields}, read(j, t, fields)
}

func readElements(j *jsontext.Walker, t *types.Type, fields []types.Value) error {
	read := 0
	err := j.EachElement(func(i int) (err error) {
		if i >= len(fields) {
			return castError("Expected %d elements, but got more", len(fields))
		}
		read++
		fields[i], err = readJSON(j, t.Fields[i].Type)
		return err
	})
	if err == nil && read < len(fields) {
		err = castError("Unexpected token when cast to %s: ]", t.Fields[read].Type)
	}
	return err
}

// readMembers reads keys in lower case, so that no field with an upper case
// letter is found. Members without a field are left out.
func readMembers(j *jsontext.Walker, t *types.Type, fields []types.Value) error {
	if t.Fields[0].Name == "" {
		return castError("Cannot cast a JSON object to anonymous row type. Input must be a JSON array.")
	}
	places := make(map[string]int, len(fields))
	for i, f := range t.Fields {
		places[f.Name] = i
	}
	written := make([]bool, len(fields))
	return j.EachMember(func(key string) (err error) {
		i, ok := places[strings.ToLower(key)]
		if !ok {
			return j.SkipValue()
		}
		if written[i] {
			return castError("Duplicate field: %s", key)
		}
		written[i] = true
		fields[i], err = readJSON(j, t.Fields[i].Type)
		return err
	})
}
