package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// frameBound is one end of a frame. Positions of columns are -1 for none.
type frameBound struct {
	kind       plan.BoundKind
	offset     int
	key, value int // for RANGE: see plan.RangeBound
	valueType  *types.Type
}

func frameSide(kind plan.BoundKind, offset *plan.Column, r plan.RangeBound, columns []*plan.Column) (frameBound, error) {
	side := frameBound{kind: kind, offset: -1, key: -1, value: -1}
	var err error
	if offset != nil {
		if side.offset, err = positionOf(columns, offset); err != nil {
			return side, err
		}
	}
	if r.Key == nil {
		return side, nil
	}
	side.valueType = r.Value.Type
	if side.key, err = positionOf(columns, r.Key); err != nil {
		return side, err
	}
	side.value, err = positionOf(columns, r.Value)
	return side, err
}

// frames are the frames of the last call that has frames, in all partitions.
type frames struct {
	unit       plan.FrameUnit
	start, end frameBound

	from, to []int32 // by row, nil if not computed yet
}

// setFrames computes the frames of a call, unless they are those of the last call.
func (w *windowWork) setFrames(c *windowCall, t *table, partitions []*function.WindowPartition) error {
	f := &w.frames
	unit := c.node.Frame.Unit
	if f.from != nil && f.unit == unit && f.start == c.start && f.end == c.end {
		return nil
	}
	if f.from == nil {
		f.from, f.to = make([]int32, t.rows), make([]int32, t.rows)
	}
	f.unit, f.start, f.end = unit, c.start, c.end
	for _, p := range partitions {
		if err := w.env.Ended(); err != nil {
			return err
		}
		p.FrameStart, p.FrameEnd = f.from[p.Start:p.End:p.End], f.to[p.Start:p.End:p.End]
		if err := w.framesOf(c, t, p); err != nil {
			return err
		}
	}
	return nil
}

// framesOf computes the frames of a partition.
func (w *windowWork) framesOf(c *windowCall, t *table, p *function.WindowPartition) error {
	start, err := w.bound(c, t, p, c.start, false)
	if err != nil {
		return err
	}
	end, err := w.bound(c, t, p, c.end, true)
	if err != nil {
		return err
	}
	for i := range p.FrameStart {
		if p.FrameStart[i], err = start(i); err != nil {
			return err
		}
		last, err := end(i)
		if err != nil {
			return err
		}
		p.FrameEnd[i] = max(p.FrameStart[i], last)
	}
	return nil
}

// bound returns a function that returns one end of the frame of row p.Start+i: the first row in the frame, or with
// isEnd the first row after it.
func (w *windowWork) bound(
	c *windowCall, t *table, p *function.WindowPartition, side frameBound, isEnd bool,
) (func(i int) (int32, error), error) {
	switch side.kind {
	case plan.UnboundedPreceding:
		return func(int) (int32, error) { return p.Start, nil }, nil
	case plan.UnboundedFollowing:
		return func(int) (int32, error) { return p.End, nil }, nil
	case plan.CurrentRow:
		return currentBound(c.node.Frame.Unit, p, isEnd), nil
	}
	direction := int64(1)
	if side.kind == plan.Preceding {
		direction = -1
	}
	if c.node.Frame.Unit == plan.FrameRange {
		return w.rangeBound(t, p, side, isEnd)
	}
	offsets, err := frameOffsets(t.columns[side.offset])
	if err != nil {
		return nil, err
	}
	if c.node.Frame.Unit == plan.FrameRows {
		return func(i int) (int32, error) {
			n, err := offsets(int(p.Start) + i)
			return rowsBound(p, i, direction, n, isEnd), err
		}, nil
	}
	return groupsBound(p, offsets, direction, isEnd), nil
}

func currentBound(unit plan.FrameUnit, p *function.WindowPartition, isEnd bool) func(i int) (int32, error) {
	switch {
	case unit == plan.FrameRows && isEnd:
		return func(i int) (int32, error) { return p.Start + int32(i) + 1, nil }
	case unit == plan.FrameRows:
		return func(i int) (int32, error) { return p.Start + int32(i), nil }
	case isEnd:
		return func(i int) (int32, error) { return p.PeerEnd[i], nil }
	}
	return func(i int) (int32, error) { return p.PeerStart[i], nil }
}

// frameOffsets returns a function that reads a row's number of rows or groups.
func frameOffsets(a arrow.Array) (func(row int) (int64, error), error) {
	t, err := frameInteger(a)
	if err != nil {
		return nil, err
	}
	return func(row int) (int64, error) {
		switch {
		case a.IsNull(row):
			return 0, frameError("Window frame offset value must not be null")
		case t(row) < 0:
			return 0, frameError("Window frame offset value must not be negative")
		}
		return t(row), nil
	}, nil
}

func frameInteger(a arrow.Array) (func(row int) int64, error) {
	switch a.DataType().ID() {
	case arrow.INT8:
		return integersOf(batch.Values[int8](a)), nil
	case arrow.INT16:
		return integersOf(batch.Values[int16](a)), nil
	case arrow.INT32, arrow.DATE32:
		return integersOf(batch.Values[int32](a)), nil
	case arrow.INT64, arrow.TIMESTAMP, arrow.TIME64:
		return integersOf(batch.Values[int64](a)), nil
	}
	return nil, types.Errorf(types.NotSupported, types.Pos{}, "window frame offset of type %s is not supported", a.DataType())
}

func integersOf[T int8 | int16 | int32 | int64](values []T) func(row int) int64 {
	return func(row int) int64 { return int64(values[row]) }
}

func frameError(message string) error {
	return types.Errorf(types.InvalidWindowFrame, types.Pos{}, "%s", message)
}

// rowsBound returns the bound n rows from row i, limited to the partition.
func rowsBound(p *function.WindowPartition, i int, direction, n int64, isEnd bool) int32 {
	n = min(n, int64(p.End-p.Start)+1)
	at := int64(p.Start) + int64(i) + direction*n
	if isEnd {
		at++
	}
	return clampRow(p, at)
}

func clampRow(p *function.WindowPartition, at int64) int32 {
	return int32(max(int64(p.Start), min(int64(p.End), at)))
}

// groupsBound returns a function for the bound that is offset peer groups from the group of row i.
func groupsBound(
	p *function.WindowPartition, offsets func(row int) (int64, error), direction int64, isEnd bool,
) func(i int) (int32, error) {
	var starts []int32 // of the peer groups
	groupOf := make([]int, len(p.PeerStart))
	for i, start := range p.PeerStart {
		if start == p.Start+int32(i) {
			starts = append(starts, start)
		}
		groupOf[i] = len(starts) - 1
	}
	starts = append(starts, p.End)
	return func(i int) (int32, error) {
		n, err := offsets(int(p.Start) + i)
		if err != nil {
			return 0, err
		}
		group := int64(groupOf[i]) + direction*min(n, int64(len(starts)))
		if isEnd {
			group++
		}
		return starts[max(0, min(int64(len(starts)-1), group))], nil
	}
}

// valueRows returns the rows [first, last) of a partition whose key is not NULL; they are adjacent.
func valueRows(a arrow.Array, p *function.WindowPartition) (first, last int32) {
	first, last = p.Start, p.End
	for first < last && a.IsNull(int(first)) {
		first++
	}
	for last > first && a.IsNull(int(last-1)) {
		last--
	}
	return first, last
}
