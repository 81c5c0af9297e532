package function

import (
	"math"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// offsets returns how far zones are ahead of UTC. It caches the latest offset with the instants for which it is
// valid, as neighbours mostly share it. It is for one goroutine.
type offsets struct {
	c      clock
	zone   arrowtype.Zone
	known  span  // the instants at which zone is offset ahead of UTC
	offset int64 // in units of c, as known is
}

// local returns the local time of a value.
func (o *offsets) local(v zoned) int64 {
	if v.zone != o.zone || !o.known.holds(v.instant) {
		seconds, start, end := arrowtype.OffsetSpan(v.zone, types.FloorDiv(v.instant, o.c.units))
		o.zone, o.offset = v.zone, seconds*o.c.units
		o.known = span{o.c.instantOf(start), o.c.instantOf(end)}
	}
	return v.instant + o.offset
}

// instantOf converts an instant in seconds, clamped to the range of int64.
func (c clock) instantOf(unixSeconds int64) int64 {
	if instant, ok := multiply(unixSeconds, c.units); ok {
		return instant
	}
	if unixSeconds < 0 {
		return math.MinInt64
	}
	return math.MaxInt64
}
