package exec

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// maxPatternSteps limits the program of a row pattern, in which bounded repetitions and permutations are written
// out.
const maxPatternSteps = 20_000

// patternOp is the kind of a step.
type patternOp uint8

const (
	opRow     patternOp = iota // takes a row as variable arg
	opSplit                    // continues at next or, if that fails, at other
	opJump                     // continues at next
	opStart                    // only before the partition's first row
	opEnd                      // only after its last row
	opExclude                  // arg is 1 at the start of excluded rows, -1 at their end
	opMatch
)

type patternStep struct {
	op          patternOp
	arg         int
	next, other int
}

// patternProgram is a row pattern as a list of steps. Its loops have the same form as Trino's, which decides the
// result for an item that may match no row.
type patternProgram struct {
	steps []patternStep
}

func compilePattern(p *plan.RowPattern) (*patternProgram, error) {
	c := &patternProgram{}
	c.compile(p)
	c.emit(opMatch, 0)
	if c.full() {
		return nil, types.Errorf(types.NotSupported, types.Pos{}, "a row pattern with more than %d steps is not supported", maxPatternSteps)
	}
	return c, nil
}

func (c *patternProgram) full() bool { return len(c.steps) > maxPatternSteps }

// emit adds a step that continues at the one after it, and returns its index.
func (c *patternProgram) emit(op patternOp, arg int) int {
	at := len(c.steps)
	c.steps = append(c.steps, patternStep{op: op, arg: arg, next: at + 1})
	return at
}

func (c *patternProgram) compile(p *plan.RowPattern) {
	if c.full() {
		return
	}
	switch p.Op {
	case plan.PatternVariable:
		c.emit(opRow, p.Variable)
	case plan.PatternStart:
		c.emit(opStart, 0)
	case plan.PatternEnd:
		c.emit(opEnd, 0)
	case plan.PatternSequence:
		for _, item := range p.Items {
			c.compile(item)
		}
	case plan.PatternEither:
		c.either(len(p.Items), func(i int) { c.compile(p.Items[i]) })
	case plan.PatternPermute:
		c.permute(p.Items)
	case plan.PatternExclusion:
		c.emit(opExclude, 1)
		c.compile(p.Items[0])
		c.emit(opExclude, -1)
	case plan.PatternRepeat:
		c.repeat(p)
	}
}

// either compiles n alternatives; earlier ones are preferred.
func (c *patternProgram) either(n int, compile func(i int)) {
	var ends []int
	for i := range n {
		if c.full() {
			return
		}
		if i == n-1 {
			compile(i)
			break
		}
		split := c.emit(opSplit, 0)
		compile(i)
		ends = append(ends, c.emit(opJump, 0))
		c.steps[split].other = len(c.steps)
	}
	for _, end := range ends {
		c.steps[end].next = len(c.steps)
	}
}

// permute compiles all orders of the items: each item first, followed by all orders of the others.
func (c *patternProgram) permute(items []*plan.RowPattern) {
	c.either(len(items), func(i int) {
		c.compile(items[i])
		rest := append(append([]*plan.RowPattern{}, items[:i]...), items[i+1:]...)
		if len(rest) > 0 {
			c.permute(rest)
		}
	})
}

func (c *patternProgram) repeat(p *plan.RowPattern) {
	round := len(c.steps) // start of the last round
	for i := int64(0); i < p.Min && !c.full(); i++ {
		round = len(c.steps)
		if c.compile(p.Items[0]); len(c.steps) == round { // an empty pattern
			return
		}
	}
	if p.Max < 0 {
		c.loop(p, round)
		return
	}
	var splits []int
	for i := p.Min; i < p.Max && !c.full(); i++ {
		splits = append(splits, c.emit(opSplit, 0))
		c.compile(p.Items[0])
	}
	for _, split := range splits {
		c.leave(split, p.Reluctant)
	}
}

// loop compiles any number of further rounds. The last required round, if any, begins at round.
func (c *patternProgram) loop(p *plan.RowPattern, round int) {
	if p.Min > 0 {
		c.again(round, p.Reluctant)
		return
	}
	split := c.emit(opSplit, 0)
	round = len(c.steps)
	c.compile(p.Items[0])
	c.again(round, p.Reluctant)
	c.leave(split, p.Reluctant)
}

// again emits the choice between another round and the end of the loop.
func (c *patternProgram) again(round int, reluctant bool) {
	s := &c.steps[c.emit(opSplit, 0)]
	s.next, s.other = round, len(c.steps)
	if reluctant {
		s.next, s.other = s.other, s.next
	}
}

// leave makes split choose between the item and the step that is emitted next. A reluctant repetition prefers the
// latter.
func (c *patternProgram) leave(split int, reluctant bool) {
	s := &c.steps[split]
	s.next, s.other = split+1, len(c.steps)
	if reluctant {
		s.next, s.other = s.other, s.next
	}
}
