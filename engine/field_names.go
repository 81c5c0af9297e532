package engine

import "github.com/auditlake/auditlake/planner/types"

// FieldNames lists the names of the fields of a row type, and of the rows inside of it with the names before them: a,
// b, b.c. It is empty for a type that is no row, or that cannot be read.
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
