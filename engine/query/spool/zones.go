package spool

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// The codes of time zones are the process's own, so a file has a table from the
// codes it holds to the zones' names.

// hasZones reports whether values of a type have time zones.
func hasZones(t *types.Type) bool {
	switch t.Kind {
	case types.TimestampTZ, types.TimeTZ:
		return true
	case types.Array:
		return hasZones(t.Elem)
	case types.Map:
		return hasZones(t.Key) || hasZones(t.Elem)
	case types.Row:
		for _, f := range t.Fields {
			if hasZones(f.Type) {
				return true
			}
		}
	}
	return false
}

// noteZones adds the zones of an array's values to names.
func noteZones(t *types.Type, data arrow.ArrayData, names map[int32]string) {
	eachZoned(t, data, func(zoned *array.Struct, zones *array.Int32) {
		for i := range zoned.Len() {
			if zoned.IsNull(i) {
				continue
			}
			if _, known := names[zones.Value(i)]; !known {
				names[zones.Value(i)] = arrowtype.ZoneName(zones.Value(i))
			}
		}
	})
}

// zoneCodes are this process's codes for those of a file.
func zoneCodes(names map[int32]string) (map[int32]int32, error) {
	codes := make(map[int32]int32, len(names))
	for code, name := range names {
		own, err := arrowtype.ParseZone(name)
		if err != nil {
			return nil, err
		}
		codes[code] = own
	}
	return codes, nil
}

// ownZones replaces the zone codes of a file by this process's, in place: nobody else
// has the array yet.
func ownZones(t *types.Type, data arrow.ArrayData, codes map[int32]int32) (err error) {
	eachZoned(t, data, func(zoned *array.Struct, zones *array.Int32) {
		values := zones.Int32Values()
		for i := range zoned.Len() {
			if zoned.IsNull(i) {
				values[i] = arrowtype.UTC
				continue
			}
			own, ok := codes[values[i]]
			if !ok {
				err = fmt.Errorf("has time zone %d, which the index does not name", values[i])
			}
			values[i] = own
		}
	})
	return err
}

// eachZoned calls visit for the arrays of values with time zone in an array, at every
// level. Their zones may be fewer than values are rows only where nothing is read.
func eachZoned(t *types.Type, data arrow.ArrayData, visit func(zoned *array.Struct, zones *array.Int32)) {
	if !hasZones(t) {
		return
	}
	children := data.Children()
	switch t.Kind {
	case types.TimestampTZ, types.TimeTZ:
		zoned := array.NewStructData(data)
		visit(zoned, zoned.Field(1).(*array.Int32))
	case types.Array:
		eachZoned(t.Elem, children[0], visit)
	case types.Map:
		eachZoned(t.Key, children[0].Children()[0], visit)
		eachZoned(t.Elem, children[0].Children()[1], visit)
	case types.Row:
		for i, f := range t.Fields {
			eachZoned(f.Type, children[i], visit)
		}
	}
}
