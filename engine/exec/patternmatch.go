package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/function"
)

// rowMatch is a match of a row pattern: rows [start, end) and the variable of each. It is empty if end is start.
type rowMatch struct {
	start, end int32
	labels     []int16
	excluded   []bool // by row; nil for none
	number     int64  // within the partition, from 1
}

// patternMatcher finds matches in one partition. For each start it reads the rows once and keeps, in order of
// preference, the ways through the program that these rows allow. If several ways reach the same step, and their
// rows mean the same to later conditions, only the preferred one stays.
type patternMatcher struct {
	program   *patternProgram
	partition *function.WindowPartition
	// accepts reports whether a row may be variable v after the rows of path.
	accepts func(v int, path *matchedRow, row int32) (bool, error)
	// past distinguishes ways by what later conditions ask of their rows; nil: they ask nothing.
	past *patternPast
	// failed marks steps at rows from which no start found a match. It is nil if that depends on how earlier rows
	// were matched.
	failed []bool
	memory *account

	current, next []patternWay
	seen          map[patternVisit]bool // steps reached at a row, if failed is nil
	explored      []int                 // marks that this start has set in failed
	branches      []patternWay          // not yet followed to a step that takes a row or ends the match

	start  int32
	trail  []*matchedRow // of labels
	labels []int16       // of the path read last, see labelsOf

	steps     int   // so far; ctx is checked every 4096
	paths     int64 // rows added to paths by this start
	accounted int64
}

// patternWay is a way through the program up to a step.
type patternWay struct {
	step  int
	path  *matchedRow
	depth int // of exclusions
}

// matchedRow is the last row of a path. It never changes, since ways share their common rows.
type matchedRow struct {
	before   *matchedRow
	label    int16
	excluded bool
	states   []int32 // see patternPast
}

type patternVisit struct {
	step int
	past int32
}

// match looks for a match that starts at row start and would have this number.
func (m *patternMatcher) match(ctx context.Context, start int32, number int64) (*rowMatch, error) {
	m.begin(start)
	var best patternWay
	end := int32(-1)
	if err := m.advance(ctx, patternWay{}, start); err != nil {
		return nil, err
	}
	for row := start; len(m.next) > 0; row++ {
		m.current, m.next = m.next, m.current[:0]
		clear(m.seen)
		for _, way := range m.current {
			s := m.program.steps[way.step]
			if s.op == opMatch {
				best, end = way, row
				break // the other ways are less preferred
			}
			if row == m.partition.End {
				continue
			}
			ok, err := m.accepts(s.arg, way.path, row)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			way.path = &matchedRow{before: way.path, label: int16(s.arg), excluded: way.depth > 0, states: m.past.next(way.path, row, s.arg)}
			way.step = s.next
			m.paths++
			if err := m.advance(ctx, way, row+1); err != nil {
				return nil, err
			}
		}
		if err := m.account(); err != nil {
			return nil, err
		}
	}
	if end < 0 {
		return nil, nil
	}
	m.forget()
	return m.found(best.path, start, end, number), nil
}

func (m *patternMatcher) begin(start int32) {
	m.start, m.paths = start, 0
	m.current, m.next, m.explored = m.current[:0], m.next[:0], m.explored[:0]
	m.trail, m.labels = m.trail[:0], m.labels[:0]
	m.past.begin()
	if m.seen == nil {
		m.seen = map[patternVisit]bool{}
	}
	clear(m.seen)
}

// advance follows a way to the steps that take row or end the match.
func (m *patternMatcher) advance(ctx context.Context, way patternWay, row int32) error {
	m.branches = append(m.branches[:0], way)
	for len(m.branches) > 0 {
		last := len(m.branches) - 1
		way := m.branches[last]
		m.branches = m.branches[:last]
		for m.reach(way, row) {
			if m.steps++; m.steps%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			s := m.program.steps[way.step]
			if s.op == opRow || s.op == opMatch {
				m.next = append(m.next, way)
				break
			}
			if s.op == opStart && row != m.partition.Start || s.op == opEnd && row != m.partition.End {
				break
			}
			if s.op == opSplit {
				m.branches = append(m.branches, patternWay{step: s.other, path: way.path, depth: way.depth})
			}
			if s.op == opExclude {
				way.depth += s.arg
			}
			way.step = s.next
		}
	}
	return nil
}

// reach reports whether a way is the first of its kind at its step. A later one is less preferred, or has run a
// loop without taking a row.
func (m *patternMatcher) reach(way patternWay, row int32) bool {
	if m.failed == nil {
		visit := patternVisit{way.step, m.past.of(way.path, way.step)}
		if m.seen[visit] {
			return false
		}
		m.seen[visit] = true
		return true
	}
	state := int(row-m.partition.Start)*len(m.program.steps) + way.step
	if m.failed[state] {
		return false
	}
	m.failed[state] = true
	m.explored = append(m.explored, state)
	return true
}

// forget clears the marks of a start that found a match: steps on the way to the match are marked too.
func (m *patternMatcher) forget() {
	for _, state := range m.explored {
		m.failed[state] = false
	}
}

func (m *patternMatcher) found(path *matchedRow, start, end int32, number int64) *rowMatch {
	out := &rowMatch{start: start, end: end, number: number, labels: make([]int16, end-start)}
	for i := end - start - 1; i >= 0; i-- {
		out.labels[i] = path.label
		if path.excluded {
			if out.excluded == nil {
				out.excluded = make([]bool, end-start)
			}
			out.excluded[i] = true
		}
		path = path.before
	}
	return out
}

// labelsOf returns the variables of a path's rows from the start to before row, then the tried one. It is valid
// until the next call, and cheap if the path differs little from that of the call before.
func (m *patternMatcher) labelsOf(path *matchedRow, row int32, tried int) []int16 {
	rows := int(row - m.start)
	for len(m.labels) <= rows {
		m.labels, m.trail = append(m.labels, 0), append(m.trail, nil)
	}
	for i := rows - 1; i >= 0 && m.trail[i] != path; i-- {
		m.trail[i], m.labels[i] = path, path.label
		path = path.before
	}
	m.trail[rows], m.labels[rows] = nil, int16(tried)
	return m.labels[:rows+1]
}

// Bytes per item that matching keeps.
const (
	matchedRowBytes = 64
	patternWayBytes = 32
	visitBytes      = 48
)

// account reserves memory for what this start has made.
func (m *patternMatcher) account() error {
	perPath := int64(matchedRowBytes + 4*m.past.features())
	size := m.paths*perPath + int64(cap(m.current)+cap(m.next)+cap(m.branches))*patternWayBytes +
		int64(len(m.seen)+m.past.interned())*visitBytes + int64(cap(m.explored))*8 + int64(cap(m.labels))*16
	if size <= m.accounted {
		return nil
	}
	more := size + size/2 - m.accounted // some in advance, for fewer calls
	m.accounted += more
	return m.memory.add(more)
}
