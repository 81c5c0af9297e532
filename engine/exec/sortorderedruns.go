package exec

import (
	"sort"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/largepages"
)

// mergeBytesPerRow is what merging runs needs for a row: its number twice.
const mergeBytesPerRow = 2 * 4

// orderedRuns merges runs of rows that are in order each.
type orderedRuns struct {
	begins []int // of the runs, and the end of the last one
	order  rowOrder
	check  func()  // is called now and then by whoever merges
	rows   []int32 // all of them, in the order so far
	spare  []int32 // as long
}

// mergedRuns returns so many rows in order of which all from one of runs on up to the next are in order, and so are those before the first. Equal
// rows stay in the order of their numbers. It needs mergeBytesPerRow meanwhile, and panics
// with what check does.
func mergedRuns(rows int, runs []int, order rowOrder, divide batch.Divide, check func()) []int32 {
	m := &orderedRuns{order: order, check: check, rows: iota32Divided(rows, divide), spare: largepages.Uncleared[int32](rows)}
	m.begins = append(append([]int{0}, runs...), rows)
	last := len(m.begins) - 1
	for width := 1; width < last; width *= 2 {
		pairs := (last + width - 1) / (2 * width) // what is left of them is merged with those before it later
		divide(pairs, func(pair int) {
			first := 2 * width * pair
			m.merge(m.begins[first], m.begins[first+width], m.begins[min(first+2*width, last)])
		})
	}
	return m.rows
}

// merge merges the rows at from up to middle with those up to end. Most stand where they belong: the runs of one day come after those of the day before.
func (m *orderedRuns) merge(from, middle, end int) {
	left, right := m.rows[from:middle], m.rows[middle:end]
	skipped := sort.Search(len(left), func(i int) bool { return m.order(left[i], right[0]) > 0 })
	if skipped == len(left) {
		return
	}
	kept := sort.Search(len(right), func(i int) bool { return m.order(left[len(left)-1], right[i]) <= 0 })
	from, end = from+skipped, middle+kept
	left, right = m.spare[from:middle], m.rows[middle:end]
	copy(left, m.rows[from:middle])
	out := m.rows[from:end] // which right is the end of: what is written is never more than what was read
	for len(left) > 0 && len(right) > 0 {
		if len(out)%manyRows == 0 {
			m.check()
		}
		if m.order(left[0], right[0]) <= 0 {
			out[0], left = left[0], left[1:]
		} else {
			out[0], right = right[0], right[1:]
		}
		out = out[1:]
	}
	copy(out, left)
}
