package arrowtype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/planner/types"
)

// HasZones reports whether values of a type have time zones, at any level.
func HasZones(t *types.Type) bool {
	switch t.Kind {
	case types.TimestampTZ, types.TimeTZ:
		return true
	case types.Array:
		return HasZones(t.Elem)
	case types.Map:
		return HasZones(t.Key) || HasZones(t.Elem)
	case types.Row:
		for _, f := range t.Fields {
			if HasZones(f.Type) {
				return true
			}
		}
	}
	return false
}

// EachZoned calls visit with the arrays of values with time zone in an array, at every
// level: the structs of Zoned, and their zones.
func EachZoned(t *types.Type, data arrow.ArrayData, visit func(zoned *array.Struct, zones *array.Int32)) {
	if !HasZones(t) {
		return
	}
	children := data.Children()
	switch t.Kind {
	case types.TimestampTZ, types.TimeTZ:
		zoned := array.NewStructData(data)
		visit(zoned, zoned.Field(1).(*array.Int32))
	case types.Array:
		EachZoned(t.Elem, children[0], visit)
	case types.Map:
		EachZoned(t.Key, children[0].Children()[0], visit)
		EachZoned(t.Elem, children[0].Children()[1], visit)
	case types.Row:
		for i, f := range t.Fields {
			EachZoned(f.Type, children[i], visit)
		}
	}
}
