package engine

import "github.com/auditlake/auditlake/planner/types"

// FieldNames lists the field names of a row type, and those of nested rows with their path: a, b, b.c. It is empty
// for a type that is not a row or cannot be parsed.
func FieldNames(typeText string) []string {
	t, err := types.ParseType(typeText)
	if err != nil {
		return nil
	}
	return appendFieldNames(nil, "", t)
}

func appendFieldNames(names []string, before string, t *types.Type) []string {
	if t.Kind != types.Row {
		return names
	}
	for _, f := range t.Fields {
		if f.Name == "" {
			continue
		}
		names = appendFieldNames(append(names, before+f.Name), before+f.Name+".", f.Type)
	}
	return names
}
