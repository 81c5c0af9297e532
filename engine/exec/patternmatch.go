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

// patternMatcher finds matches in one partition by backtracking: the first way
// through the program, in order of preference, is the match.
type patternMatcher struct {
	program   *patternProgram
	partition *function.WindowPartition
	// accepts says whether a row may be variable v behind the rows of m.
	accepts func(v int, m *rowMatch, row int32) (bool, error)
	// failed marks the steps at rows from where no match was found. It is nil
	// when that depends on how the rows before were matched.
	failed []bool
	memory *account

	steps     int // so far, for looking at the context now and then
	accounted int // choices that memory holds
}

// choice is a way not yet gone.
type choice struct {
	step, rows int     // the step, and how many rows are matched
	entered    []int32 // where the round of each loop began; never changed
	depth      int     // of exclusions
}

// match looks for a match that starts at a row; it would be the number-th.
func (m *patternMatcher) match(ctx context.Context, start int32, number int64) (*rowMatch, error) {
	found := &rowMatch{start: start, number: number}
	var excluded []bool
	any := false
	stack := []choice{{entered: make([]int32, m.program.loops)}}
	var explored []int
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		found.labels, excluded = found.labels[:c.rows], excluded[:c.rows]
		at, depth, entered := c.step, c.depth, c.entered
	way:
		for {
			if m.steps++; m.steps%4096 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			row := start + int32(len(found.labels))
			s := m.program.steps[at]
			if m.failed != nil && s.op != opMatch {
				state := int(row-m.partition.Start)*len(m.program.steps) + at
				if m.failed[state] {
					break
				}
				m.failed[state] = true
				explored = append(explored, state)
			}
			next := s.next
			switch s.op {
			case opRow:
				if row >= m.partition.End {
					break way
				}
				found.end = row
				ok, err := m.accepts(s.arg, found, row)
				if err != nil {
					return nil, err
				}
				if !ok {
					break way
				}
				found.labels, excluded = append(found.labels, int16(s.arg)), append(excluded, depth > 0)
				any = any || depth > 0
			case opSplit:
				stack = append(stack, choice{step: s.other, rows: len(found.labels), entered: entered, depth: depth})
				if err := m.account(len(stack)); err != nil {
					return nil, err
				}
			case opStart:
				if row != m.partition.Start {
					break way
				}
			case opEnd:
				if row != m.partition.End {
					break way
				}
			case opExclude:
				depth += s.arg
			case opEnter:
				entered = append([]int32{}, entered...)
				entered[s.arg] = row
			case opRound:
				if entered[s.arg] == row {
					break way
				}
			case opMatch:
				m.forget(explored)
				found.end = row
				if any {
					found.excluded = excluded
				}
				return found, nil
			}
			at = next
		}
	}
	return nil, nil
}

// choiceBytes is what a choice and the rows matched for it take.
const choiceBytes = 80

// account makes memory hold the choices, twice as many each time.
func (m *patternMatcher) account(choices int) error {
	if choices <= m.accounted {
		return nil
	}
	more := max(1024, m.accounted)
	m.accounted += more
	return m.memory.add(int64(more) * choiceBytes)
}

// forget drops the marks of an attempt that led to a match: they are of steps
// on the way there, too.
func (m *patternMatcher) forget(states []int) {
	for _, state := range states {
		m.failed[state] = false
	}
}
