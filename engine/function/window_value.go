package function

import "github.com/auditlake/auditlake/engine/batch"

// lagLead is lag (direction -1) and lead (1).
func lagLead(direction int64) func(*WindowPartition, []batch.Vector, bool, []int32) error {
	return func(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
		offsets := func(int) (int64, bool) { return 1, true }
		if len(args) > 1 {
			column := columnOf[int64](args[1])
			offsets = func(row int) (int64, bool) { return column.at(row), !isNull(args[1], row) }
		}
		for i := range out {
			row := p.Start + int32(i)
			n, ok := offsets(int(row))
			switch {
			case !ok:
				return argumentError("Offset must not be null")
			case n < 0:
				return argumentError("Offset must be at least 0")
			case ignoreNulls && n > 0:
				out[i] = nonNullAway(args[0], row, p.Start, p.End, direction, n)
			default:
				out[i] = away(row, p.Start, p.End, direction, n)
			}
			if out[i] == NullRow && len(args) > 2 {
				out[i] = DefaultRow
			}
		}
		return nil
	}
}

func away(row, start, end int32, direction, n int64) int32 {
	if n > int64(end-start) {
		return NullRow
	}
	if target := int64(row) + direction*n; target >= int64(start) && target < int64(end) {
		return int32(target)
	}
	return NullRow
}

// nonNullAway goes n values that are not NULL from row in a direction.
func nonNullAway(v batch.Vector, row, start, end int32, direction, n int64) int32 {
	for at := row + int32(direction); at >= start && at < end; at += int32(direction) {
		if isNull(v, int(at)) {
			continue
		}
		if n--; n == 0 {
			return at
		}
	}
	return NullRow
}

func firstValue(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
	for i := range out {
		out[i] = inFrame(args[0], p.FrameStart[i], p.FrameEnd[i], 1, 1, ignoreNulls)
	}
	return nil
}

func lastValue(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
	for i := range out {
		out[i] = inFrame(args[0], p.FrameStart[i], p.FrameEnd[i], -1, 1, ignoreNulls)
	}
	return nil
}

func nthValue(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
	positions := columnOf[int64](args[1])
	for i := range out {
		row := int(p.Start) + i
		if isNull(args[1], row) {
			out[i] = NullRow
			continue
		}
		n := positions.at(row)
		if n < 1 {
			return argumentError("Offset must be at least 1")
		}
		out[i] = inFrame(args[0], p.FrameStart[i], p.FrameEnd[i], 1, n, ignoreNulls)
	}
	return nil
}

// inFrame finds the n-th row of a frame, counted from its start (direction 1)
// or end (-1); with ignoreNulls only rows with a value count.
func inFrame(v batch.Vector, start, end int32, direction, n int64, ignoreNulls bool) int32 {
	if start >= end {
		return NullRow
	}
	before := start - 1
	if direction < 0 {
		before = end
	}
	if ignoreNulls {
		return nonNullAway(v, before, start, end, direction, n)
	}
	if n > int64(end-start) {
		return NullRow
	}
	return before + int32(direction*n)
}
