package difftest

import (
	"fmt"
	"math/big"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// frame is the frame of a window: its SQL, empty for the default one, and the
// rows from first to before end that it has for row i.
type frame struct {
	sql string
	// fallible: a RANGE may begin or end at a number that its type does not have.
	fallible bool
	of       func(w windowRows, i int) (first, end int)
}

// bound is one end of a frame.
type bound struct {
	unbounded, current bool
	offset             int // negative: PRECEDING
	preceding          bool
}

// defaultFrame has all rows up to the last one that is equal.
func defaultFrame(w windowRows, i int) (first, end int) {
	_, end = w.peers(i)
	return 0, end
}

// frame makes a frame. Frames of ROWS tell equal rows apart, so they come only
// where the order has every column.
func (g *generator) frame(s scope, o *windowOrder, byRow bool) frame {
	units := []string{"RANGE", "RANGE"}
	if len(o.by) > 0 {
		units = append(units, "GROUPS", "GROUPS")
	}
	if byRow {
		units = append(units, "ROWS", "ROWS", "ROWS")
	}
	unit := pick(g, units)
	offsets := unit != "RANGE" || len(o.by) == 1 && hasOffsets(s[o.by[0]].t)
	if g.chance(20) {
		return frame{of: defaultFrame}
	}
	start, end := g.bound(offsets, true), g.bound(offsets, false)
	if start.rank() > end.rank() { // a frame that ends before it begins is an error of the statement
		return frame{of: defaultFrame}
	}
	key := types.BigIntType
	if offsets && unit == "RANGE" {
		key = s[o.by[0]].t
	}
	f := frame{sql: " " + unit + " BETWEEN " + start.text(key, unit) + " AND " + end.text(key, unit)}
	f.fallible = key == integer || key == bigint && unit == "RANGE" && offsets
	f.of = func(w windowRows, i int) (int, int) {
		var first, last int
		switch unit {
		case "ROWS":
			first, last = start.row(i, len(w.rows)), end.row(i, len(w.rows))+1
		case "GROUPS":
			first, last = w.groupBounds(start, end, i)
		default:
			first, last = w.rangeBounds(start, end, i)
		}
		first, last = max(0, min(first, len(w.rows))), max(0, min(last, len(w.rows)))
		return first, max(first, last)
	}
	return f
}

// hasOffsets reports whether RANGE counts in values of a type.
func hasOffsets(t *types.Type) bool {
	return t == integer || t == bigint || t == decimal || t == date || isTime(t)
}

func (g *generator) bound(offsets, isStart bool) bound {
	switch {
	case g.chance(25):
		return bound{unbounded: true, preceding: isStart}
	case !offsets || g.chance(25):
		return bound{current: true}
	}
	return bound{offset: g.n(4), preceding: g.chance(50)}
}

// rank orders the kinds of bounds; an end may not have a lower one than its start.
func (b bound) rank() int {
	switch {
	case b.unbounded && b.preceding:
		return 0
	case b.unbounded:
		return 4
	case b.current:
		return 2
	case b.preceding:
		return 1
	}
	return 3
}

func (b bound) text(key *types.Type, unit string) string {
	side := map[bool]string{true: " PRECEDING", false: " FOLLOWING"}[b.preceding]
	switch {
	case b.unbounded:
		return "UNBOUNDED" + side
	case b.current:
		return "CURRENT ROW"
	case unit == "RANGE" && key == date:
		return fmt.Sprintf("INTERVAL '%d' DAY", b.offset) + side
	case unit == "RANGE" && isTime(key):
		return fmt.Sprintf("INTERVAL '%d' HOUR", b.offset) + side
	}
	return fmt.Sprint(b.offset) + side
}

// moved is the signed offset.
func (b bound) moved() int {
	if b.preceding {
		return -b.offset
	}
	return b.offset
}

func (b bound) row(i, rows int) int {
	switch {
	case b.unbounded && b.preceding:
		return 0
	case b.unbounded:
		return rows - 1
	}
	return i + b.moved()
}

func (w windowRows) groupBounds(start, end bound, i int) (first, last int) {
	groups := w.groups()
	low, high := start.row(groups[i], groups[len(groups)-1]+1), end.row(groups[i], groups[len(groups)-1]+1)
	for first < len(groups) && groups[first] < low {
		first++
	}
	for last < len(groups) && groups[last] <= high {
		last++
	}
	return first, last
}

// rangeBounds counts in values of the only key. Rows without one have their
// peers on the sides that have an offset.
func (w windowRows) rangeBounds(start, end bound, i int) (first, last int) {
	peersFirst, peersEnd := w.peers(i)
	bounds := [2]int{peersFirst, peersEnd}
	for side, b := range [2]bound{start, end} {
		switch {
		case b.unbounded:
			bounds[side] = map[bool]int{true: 0, false: len(w.rows)}[b.preceding]
		case b.current || w.keyOf(i) == nil:
		default:
			bounds[side] = w.offsetBound(b, i, side == 1)
		}
	}
	return bounds[0], bounds[1]
}

// offsetBound is the first row that is not before the bound, or at the end the
// row after the last one that is not beyond it.
func (w windowRows) offsetBound(b bound, i int, isEnd bool) int {
	sign := 1
	if w.order.descending[0] {
		sign = -1
	}
	limit := new(big.Int).Add(w.keyOf(i), new(big.Int).Mul(w.unit(), big.NewInt(int64(b.moved()*sign))))
	at, firstValue, endValue := -1, len(w.rows), 0
	for j := range w.rows {
		k := w.keyOf(j)
		if k == nil {
			continue
		}
		firstValue, endValue = min(firstValue, j), j+1
		c := k.Cmp(limit) * sign
		if at < 0 && (c > 0 || c == 0 && !isEnd) {
			at = j
		}
	}
	if at < 0 {
		return endValue
	}
	return max(at, firstValue)
}

// keyOf is the key of row i as a whole number, nil for NULL.
func (w windowRows) keyOf(i int) *big.Int {
	switch v := w.rows[i][w.order.by[0]].(type) {
	case int64:
		return big.NewInt(v)
	case decimal128.Num:
		return v.BigInt()
	}
	return nil
}

// unit is what an offset of 1 adds to a key.
func (w windowRows) unit() *big.Int {
	switch w.order.columns[w.order.by[0]].t {
	case decimal:
		return big.NewInt(100)
	case timestamp:
		return big.NewInt(3_600_000)
	case nanoTime, picoTime:
		return picosOf(int64(3_600_000))
	}
	return big.NewInt(1)
}
