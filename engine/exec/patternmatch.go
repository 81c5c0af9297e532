package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/function"
)

// rowMatch is a match of a row pattern: rows start to end-1, and what each of
// them was matched as. It is empty when end is start.
type rowMatch struct {
	start, end int32
	labels     []int16
	excluded   []bool // by row; nil for none
	number     int64  // within the partition, from 1
}

// patternMatcher finds matches in one partition. It goes through the rows once
// for each start and keeps, in order of preference, the ways through the program
// that the rows so far allow; of ways that have come to the same step, and whose
// rows so far mean the same to the conditions ahead, it keeps the preferred one.
type patternMatcher struct {
	program   *patternProgram
	partition *function.WindowPartition
	// accepts says whether a row may be variable v after the rows of path.
	accepts func(v int, path *matchedRow, row int32) (bool, error)
	// past is what the conditions ask of the rows before, nil for nothing.
	past *patternPast
	// failed marks the steps at rows from where no match was found, for all
	// starts. It is nil when that depends on how the rows before were matched.
	failed []bool
	memory *account

	current, next []patternWay
	seen          map[patternVisit]bool // steps reached at a row, if failed is nil
	explored      []int                 // what this start has marked in failed
	branches      []patternWay          // not yet followed to a step that takes a row

	start  int32
	trail  []*matchedRow // of labels
	labels []int16       // of the path read last, see labelsOf

	steps     int   // so far, for looking at the context now and then
	paths     int64 // rows of paths made for this start
	accounted int64
}

// patternWay is a way through the program that has come to a step.
type patternWay struct {
	step  int
	path  *matchedRow
	depth int // of exclusions
}

// matchedRow is the last row of a path; it is never changed, since ways share
// what they have in common.
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

// match looks for a match that starts at a row; it would be the number-th.
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
				break // what follows is less preferred
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

// advance follows a way up to the steps that take row, or end the match.
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

// reach reports whether a way is the first of its like to come to its step. A
// later one is less preferred, or has gone round a loop without taking a row.
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

// forget drops the marks of a start that led to a match: they are of steps on
// the way there, too.
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

// labelsOf is what the rows of a path from the start to before row were matched
// as, then what row is tried as. It is valid until the next call, and cheap for
// a path that differs little from the one before.
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

// The bytes of what matching keeps.
const (
	matchedRowBytes = 64
	patternWayBytes = 32
	visitBytes      = 48
)

// account makes memory hold what this start has made.
func (m *patternMatcher) account() error {
	perPath := int64(matchedRowBytes + 4*m.past.features())
	size := m.paths*perPath + int64(cap(m.current)+cap(m.next)+cap(m.branches))*patternWayBytes +
		int64(len(m.seen)+m.past.interned())*visitBytes + int64(cap(m.explored))*8 + int64(cap(m.labels))*16
	if size <= m.accounted {
		return nil
	}
	more := size + size/2 - m.accounted // ahead, for fewer calls
	m.accounted += more
	return m.memory.add(more)
}
