package arrowtype

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/planner/types"
)

// HasZones reports whether values of a type have time zones, at any level.
func HasZones(t *types.Type) bool {
	return anyType(t, func(t *types.Type) bool { return t.Kind == types.TimestampTZ || t.Kind == types.TimeTZ })
}

// HasLong reports whether values of a type have long timestamps, at any level.
func HasLong(t *types.Type) bool { return anyType(t, (*types.Type).IsLong) }

// anyType reports whether a type, or one of its parts at any level, is as asked for.
func anyType(t *types.Type, is func(*types.Type) bool) bool {
	switch t.Kind {
	case types.Array:
		return anyType(t.Elem, is)
	case types.Map:
		return anyType(t.Key, is) || anyType(t.Elem, is)
	case types.Row:
		return slices.ContainsFunc(t.Fields, func(f types.Field) bool { return anyType(f.Type, is) })
	}
	return is(t)
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
