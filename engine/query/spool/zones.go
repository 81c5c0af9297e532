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

// noteZones adds the zones of an array's values to names.
func noteZones(t *types.Type, data arrow.ArrayData, names map[int32]string) {
	arrowtype.EachZoned(t, data, func(zoned *array.Struct, zones *array.Int32) {
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

// ownZones replaces the zone codes of a file by this process's, in place: the array must not be shared yet.
func ownZones(t *types.Type, data arrow.ArrayData, codes map[int32]int32) (err error) {
	arrowtype.EachZoned(t, data, func(zoned *array.Struct, zones *array.Int32) {
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
