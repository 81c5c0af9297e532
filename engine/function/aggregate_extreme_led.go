package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// ledKeys knows the first fields of the keys that win in an extremeBy, if keys are rows that begin with a 64-bit integer, such as
// ROW(eventtime, eventid): keys differ in it mostly, and it is compared without a look at arrays.
type ledKeys struct {
	// flip turns the order around for the greatest key: whatever wins has the least lead.
	flip  int64
	leads []int64 // of the winning key of each group, flipped; the last of all integers where there is none
}

func newLedKeys(key *types.Type, greatest bool) *ledKeys {
	if key.Kind != types.Row || !isIntegerKey(key.Fields[0].Type) {
		return nil
	}
	l := &ledKeys{}
	if greatest {
		l.flip = ^l.flip
	}
	return l
}

func (l *ledKeys) resize(groups int) {
	if l == nil {
		return
	}
	before := len(l.leads)
	l.leads = grown(l.leads, groups)
	for i := before; i < len(l.leads); i++ {
		l.leads[i] = math.MaxInt64
	}
}

// of returns the first fields of keys; false: they are not known, or some of keys that are not NULL are, of which comparing is an error.
func (l *ledKeys) of(key batch.Vector) ([]int64, bool) {
	rows, isRow := key.Array.(*array.Struct)
	if l == nil || !isRow || key.Const {
		return nil, false
	}
	switch first := batch.Fields(rows)[0].(type) {
	case *array.Int64, *array.Timestamp:
		if first.NullN() > 0 && !impliesValid(arrowdata.Validity(rows), arrowdata.Validity(first), rows.Len()) {
			return nil, false
		}
		return batch.Values[int64](first), true
	}
	return nil, false
}

// impliesValid reports whether of so many fields all of rows that are not NULL are not NULL.
func impliesValid(rows, fields []byte, n int) bool {
	for i := range n {
		if arrowdata.IsValid(rows, i) && !arrowdata.IsValid(fields, i) {
			return false
		}
	}
	return true
}

func (l *ledKeys) sizeBytes() int64 {
	if l == nil {
		return 0
	}
	return statesBytes(l.leads)
}

// addLed is Add for keys whose first fields are known.
func (e *extremeBy) addLed(groups []int32, args []batch.Vector, leads []int64) {
	key := args[len(args)-1]
	valid := validOf([]batch.Vector{key}, len(groups))
	within, held := e.ordering(key.Array, key.Array), e.heldOrder(key)
	best, flip := e.led.leads, e.led.flip
	for row, group := range groups {
		lead := leads[row] ^ flip
		if lead > best[group] || !arrowdata.IsValid(valid, row) {
			continue
		}
		if lead == best[group] {
			before, isOfBatch := e.won.row(group)
			switch {
			case isOfBatch && !e.beats(within(row, int(before))):
				continue
			case !isOfBatch && e.keys.isSet(group) && !e.beats(held(int32(row), group)):
				continue
			}
		}
		best[group] = lead
		e.won.put(group, int32(row))
	}
	e.settle(args, e.won.groups, e.won.rows)
}
