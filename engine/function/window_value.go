package function

import "github.com/auditlake/auditlake/engine/batch"

// lagLead is lag (direction -1) and lead (1).
func lagLead(direction int64) func(*WindowPartition, []batch.Vector, bool, []int32) error {
	return func(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
		if n, isOne := oneOffset(p, args); isOne && !ignoreNulls {
			shiftRows(p, direction*n, len(args) > 2, out)
			return nil
		}
		offsets := func(int) (int64, bool) { return 1, true }
		if len(args) > 1 {
			column := columnOf[int64](args[1])
			offsets = func(row int) (int64, bool) { return column.at(row), !isNull(args[1], row) }
		}
		present := presentRows(p, args[0], ignoreNulls)
		for i := range out {
			row := p.Start + int32(i)
			n, ok := offsets(int(row))
			switch {
			case !ok:
				return argumentError("Offset must not be null")
			case n < 0:
				return argumentError("Offset must be at least 0")
			case present != nil && n > 0:
				out[i] = present.away(row, direction, n)
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

// oneOffset returns the offset of all rows of lag or lead, at most the rows of the partition. It returns false if
// the offsets differ or are invalid.
func oneOffset(p *WindowPartition, args []batch.Vector) (int64, bool) {
	if len(args) == 1 {
		return 1, true
	}
	if !args[1].Const || isNull(args[1], 0) {
		return 0, false
	}
	n := columnOf[int64](args[1]).at(0)
	return min(n, int64(p.End-p.Start)), n >= 0
}

// shiftRows sets out to the row that is by rows after each row of the partition. Without such a row it is NULL, or
// the default.
func shiftRows(p *WindowPartition, by int64, hasDefault bool, out []int32) {
	missing := int32(NullRow)
	if hasDefault {
		missing = DefaultRow
	}
	for i := range out {
		out[i] = missing
		if to := int64(i) + by; to >= 0 && to < int64(len(out)) {
			out[i] = p.Start + int32(to)
		}
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

// valueRows lists the rows of a partition, from start on, that have a value.
type valueRows struct {
	start  int32
	before []int32 // number of values in the rows before each row and before the end
	rows   []int32 // those with a value
}

// presentRows returns the rows of a partition in which v is not NULL, nil unless NULLs are ignored.
func presentRows(p *WindowPartition, v batch.Vector, ignoreNulls bool) *valueRows {
	if !ignoreNulls {
		return nil
	}
	r := &valueRows{start: p.Start, before: make([]int32, p.End-p.Start+1)}
	for row := p.Start; row < p.End; row++ {
		r.before[row-p.Start] = int32(len(r.rows))
		if !isNull(v, int(row)) {
			r.rows = append(r.rows, row)
		}
	}
	r.before[p.End-p.Start] = int32(len(r.rows))
	return r
}

// away returns the row that is n values away from row in a direction.
func (r *valueRows) away(row int32, direction, n int64) int32 {
	if direction < 0 {
		return rowAt(r.rows, int64(r.before[row-r.start])-n)
	}
	return rowAt(r.rows, int64(r.before[row+1-r.start])+n-1)
}

// inFrame returns the n-th value of the rows [start, end), counted as function inFrame does.
func (r *valueRows) inFrame(start, end int32, direction, n int64) int32 {
	first, last := r.before[start-r.start], r.before[end-r.start]
	if direction < 0 {
		return rowAt(r.rows[first:last], int64(last-first)-n)
	}
	return rowAt(r.rows[first:last], n-1)
}

// rowAt returns rows[i], NullRow if there is none.
func rowAt(rows []int32, i int64) int32 {
	if i < 0 || i >= int64(len(rows)) {
		return NullRow
	}
	return rows[i]
}

func firstValue(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
	present := presentRows(p, args[0], ignoreNulls)
	for i := range out {
		out[i] = inFrame(present, p.FrameStart[i], p.FrameEnd[i], 1, 1)
	}
	return nil
}

func lastValue(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
	present := presentRows(p, args[0], ignoreNulls)
	for i := range out {
		out[i] = inFrame(present, p.FrameStart[i], p.FrameEnd[i], -1, 1)
	}
	return nil
}

func nthValue(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error {
	positions := columnOf[int64](args[1])
	present := presentRows(p, args[0], ignoreNulls)
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
		out[i] = inFrame(present, p.FrameStart[i], p.FrameEnd[i], 1, n)
	}
	return nil
}

// inFrame returns the n-th row of a frame, counted from its start (direction 1) or end (-1). If present is set,
// only its rows count.
func inFrame(present *valueRows, start, end int32, direction, n int64) int32 {
	switch {
	case start >= end:
		return NullRow
	case present != nil:
		return present.inFrame(start, end, direction, n)
	case n > int64(end-start):
		return NullRow
	case direction < 0:
		return end - int32(n)
	}
	return start + int32(n-1)
}
