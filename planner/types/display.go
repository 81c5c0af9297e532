package types

import (
	"fmt"
	"strings"
)

// Display returns the type as the client protocol shows it: like String, but with "decimal(10, 2)" and intervals in
// capitals.
func (t *Type) Display() string {
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale)
	case IntervalDay, IntervalYear:
		return strings.ToUpper(t.String())
	case Array:
		return "array(" + t.Elem.Display() + ")"
	case Map:
		return "map(" + t.Key.Display() + ", " + t.Elem.Display() + ")"
	case Row:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = f.Type.Display()
			if f.Name != "" {
				fields[i] = quoteFieldName(f.Name) + " " + fields[i]
			}
		}
		return "row(" + strings.Join(fields, ", ") + ")"
	}
	return t.String()
}
