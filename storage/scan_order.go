package storage

import (
	"container/heap"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
)

// Order is the order in which a scan visits row groups.
type Order int

// The orders of a scan. Row groups that reach equally far come in scan order.
const (
	InScanOrder Order = iota // by day, segment, stripe and row group; then pushed events in order of arrival
	NewestFirst              // by the greatest eventtime that a row group may hold, descending
	OldestFirst              // by the least eventtime that a row group may hold, ascending
)

// reach maps times to a number that is greater the earlier the order visits them.
func (o Order) reach(minMillis, maxMillis int64) int64 {
	switch o {
	case NewestFirst:
		return maxMillis
	case OldestFirst:
		return ^minMillis
	}
	return 0
}

// positionRowBits is the number of bits of a position for the rows of a segment.
const positionRowBits = 38

// visit is a part of a store that a scan has yet to visit: a segment, a stripe of it, a row group of that, or a row
// group of pushed events.
type visit struct {
	reach    int64 // no row of the part reaches farther
	position int64 // of its first row
	segment  int   // in Scan.segments
	opened   *openedSegment
	number   int // of the stripe, with opened
	stripe   *openedStripe
	group    int // with stripe
	hot      *hotGroup
}

// visitQueue is a heap of the parts that a scan has yet to visit, the next one first.
type visitQueue []*visit

func newVisitQueue(order Order, segments []*catalog.Segment, hot []*hotGroup) visitQueue {
	q := make(visitQueue, 0, len(segments)+len(hot))
	for i, s := range segments {
		q = append(q, &visit{reach: order.reach(s.MinTime, s.MaxTime), position: int64(i) << positionRowBits, segment: i})
	}
	for i, g := range hot {
		q = append(q, &visit{reach: order.reach(g.min, g.max), position: int64(len(segments)+i) << positionRowBits, hot: g})
	}
	heap.Init(&q)
	return q
}

// next removes and returns the next part, or nil if there is none.
func (q *visitQueue) next() *visit {
	if len(*q) == 0 {
		return nil
	}
	return heap.Pop(q).(*visit)
}

func (q *visitQueue) addVisit(v *visit) { heap.Push(q, v) }

// Len implements heap.Interface.
func (q visitQueue) Len() int { return len(q) }

// Less implements heap.Interface. Of two parts with equal reach and position, one contains the other.
func (q visitQueue) Less(i, j int) bool {
	if q[i].reach != q[j].reach {
		return q[i].reach > q[j].reach
	}
	return q[i].position < q[j].position
}

// Swap implements heap.Interface.
func (q visitQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *visitQueue) Push(v any) { *q = append(*q, v.(*visit)) }

// Pop implements heap.Interface.
func (q *visitQueue) Pop() any {
	last := len(*q) - 1
	v := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return v
}

// reachOf returns how far a part reaches by its statistics of eventtime, at most as far as the part around it.
func (sc *Scan) reachOf(around int64, statistics func() (orc.Statistics, error)) (int64, error) {
	if sc.order == InScanOrder {
		return around, nil
	}
	s, err := statistics()
	if err != nil || s.Min.Kind != orc.IntBound || s.Max.Kind != orc.IntBound {
		return around, err
	}
	return min(around, sc.order.reach(s.Min.Int, s.Max.Int)), nil
}

// Until declares rows unwanted whose eventtime, in milliseconds, lies beyond millis: before it with NewestFirst,
// after it with OldestFirst. Next ends when only such rows remain. Each call must move the bound closer to where
// the scan began. In scan order it does nothing.
func (sc *Scan) Until(millis int64) {
	if sc.order != InScanOrder {
		sc.until.Store(sc.order.reach(millis, millis))
	}
}

// giveOutFailed returns a row group with the error of a part that cannot be read. Next may run ahead of the bound
// of Until, and whether an error beyond the bound shows must not depend on how far.
func (sc *Scan) giveOutFailed(v *visit, err error) *RowGroup {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	g := &RowGroup{scan: sc, ordinal: len(sc.bill.groupRows), position: v.position, reach: v.reach, segment: v.segment, failed: err}
	sc.bill.addGroup(0)
	return g
}

// segmentsBeyond counts the segments beyond the bound of Until that are not known to have no matching row. The
// caller holds mu.
func (sc *Scan) segmentsBeyond() int64 {
	n, until := int64(0), sc.until.Load()
	if sc.order == InScanOrder {
		return 0
	}
	for i, s := range sc.segments {
		if !sc.empty[i] && sc.order.reach(s.MinTime, s.MaxTime) < until {
			n++
		}
	}
	return n
}
