package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// hashJoin joins by equal keys, and by a residual condition on the pairs the
// keys leave. The right input is the build side: it is read whole first. A
// join without keys pairs every row with every row.
type hashJoin struct {
	kind         plan.JoinKind // Inner, Left, Right, Full or Cross
	left, right  Operator
	rightColumns []*plan.Column
	leftColumns  []*plan.Column
	leftKeys     []int
	rightKeys    []int
	condition    joinCondition
	filters      []keyFilter // for the scans of the left input
	memory       *account
	out          *account // the left batch, and the pairs given out last

	build   *joinTable
	matches *joinMatches
	matched []bool // build rows that met a left row; nil unless unmatched ones are wanted
	probe   *probeState
	rest    *tableReader // the unmatched build rows, at the end
	atEnd   bool         // the left input is read
}

// probeState is the work on one left batch.
type probeState struct {
	batch      *batch.Batch // dense
	candidates *joinCandidates
	row        int    // the row to go on with; its candidates that were seen are gone from candidates
	matched    []bool // rows with a match, for left and full joins
	done       bool   // all pairs were found
	// pairs that match and were not given out
	leftRows, buildRows []int32
}

func (j *hashJoin) Next(ctx context.Context) (*batch.Batch, error) {
	if j.build == nil {
		if err := j.readBuild(ctx); err != nil {
			return nil, err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case j.rest != nil:
			if b := j.rest.next(); b != nil {
				return j.beside(nil, b), nil
			}
			return nil, nil
		case j.atEnd:
			j.rest = j.unmatchedBuild()
		case j.probe == nil:
			if err := j.nextLeft(ctx); err != nil {
				return nil, err
			}
		default:
			b, err := j.step(ctx)
			if b != nil || err != nil {
				return b, err
			}
		}
	}
}

func (j *hashJoin) Close() {
	j.memory.close()
	j.out.close()
	j.left.Close()
	j.right.Close()
}

func (j *hashJoin) readBuild(ctx context.Context) error {
	rows, err := drain(ctx, j.right, j.rightColumns, j.memory)
	if err != nil {
		return err
	}
	if j.build, err = newJoinTable(rows, j.rightKeys, j.memory); err != nil {
		return err
	}
	j.build.publish(j.filters)
	if err := j.memory.add(j.build.sizeBytes()); err != nil {
		return err
	}
	if j.matches, err = j.condition.over(ctx, j.build, j.memory); err != nil {
		return err
	}
	if j.kind == plan.RightJoin || j.kind == plan.FullJoin {
		j.matched = make([]bool, rows.rows)
		return j.memory.add(int64(rows.rows))
	}
	return nil
}

// nextLeft begins the next left batch, or notes the end.
func (j *hashJoin) nextLeft(ctx context.Context) error {
	keepsLeft := j.kind == plan.LeftJoin || j.kind == plan.FullJoin
	if j.build.rows.rows == 0 && !keepsLeft {
		j.atEnd = true // nothing can match
		return nil
	}
	b, err := j.left.Next(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		j.atEnd = true
		return nil
	}
	b = compact(b)
	candidates, err := j.matches.candidates(b, pickColumns(b, j.leftKeys))
	if err != nil {
		return err
	}
	j.probe = &probeState{batch: b, candidates: candidates}
	if keepsLeft {
		j.probe.matched = make([]bool, b.Len)
	}
	return nil
}

// step gives the next matching pairs of the left batch, then its unmatched rows; nil
// when it has nothing more just now.
func (j *hashJoin) step(ctx context.Context) (*batch.Batch, error) {
	p := j.probe
	if err := j.findPairs(ctx); err != nil {
		return nil, err
	}
	if len(p.leftRows) == 0 {
		j.probe = nil
		return j.unmatchedLeft(p), nil
	}
	n := min(batch.Rows, len(p.leftRows))
	n = min(fitting(p.batch.Columns, p.leftRows[:n]), fitting(j.build.rows.vectors(), p.buildRows[:n]))
	b := j.build.rows.take(p.buildRows[:n])
	b.Columns = append(takeAll(p.batch.Columns, p.leftRows[:n]), b.Columns...)
	p.leftRows, p.buildRows = p.leftRows[n:], p.buildRows[n:]
	if err := j.out.set(batchBytes(b) + batchBytes(p.batch)); err != nil {
		return nil, err
	}
	return b, nil
}

// maxLooks is how many batches of pairs are looked at to find more than some that match:
// few matching pairs are gathered into one batch, but a LIMIT above may want just these.
const maxLooks = 16

// findPairs looks for matching pairs, until there is a batch of them, or no more.
func (j *hashJoin) findPairs(ctx context.Context) error {
	p := j.probe
	filter := p.candidates.filter
	for looks := 0; !p.done && len(p.leftRows) < batch.Rows && (looks < maxLooks || len(p.leftRows) == 0); looks++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		left, right := p.nextCandidates(j.build)
		if filter == nil {
			p.leftRows, p.buildRows = append(p.leftRows, left...), append(p.buildRows, right...)
			j.markMatched(p, left, right)
			continue
		}
		for len(left) > 0 {
			n := filter.fittingPairs(p.batch.Columns, j.build.rows, left, right)
			sel, err := filter.filterPairs(p.batch.Columns, j.build.rows, left[:n], right[:n], j.out)
			if err != nil {
				return err
			}
			leftMet, rightMet := pickRows(left[:n], sel), pickRows(right[:n], sel)
			p.leftRows, p.buildRows = append(p.leftRows, leftMet...), append(p.buildRows, rightMet...)
			j.markMatched(p, leftMet, rightMet)
			left, right = left[n:], right[n:]
		}
	}
	return nil
}

// nextCandidates lists up to a batch of (left row, build row) pairs that may match,
// and notes where it stopped.
func (p *probeState) nextCandidates(build *joinTable) (left, right []int32) {
	c := p.candidates
	for ; p.row < p.batch.Len; p.row++ {
		found := build.members[c.from[p.row]:c.to[p.row]]
		n := min(len(found), batch.Rows-len(left))
		for range n {
			left = append(left, int32(p.row))
		}
		right = append(right, found[:n]...)
		if n < len(found) {
			c.from[p.row] += int32(n)
			return left, right
		}
	}
	p.done = true
	return left, right
}

// pickRows returns the rows at the positions sel; nil stands for all.
func pickRows(rows, sel []int32) []int32 {
	if sel == nil {
		return rows
	}
	out := make([]int32, len(sel))
	for i, at := range sel {
		out[i] = rows[at]
	}
	return out
}

// markMatched notes which rows found a partner.
func (j *hashJoin) markMatched(p *probeState, left, right []int32) {
	if p.matched != nil {
		for _, row := range left {
			p.matched[row] = true
		}
	}
	if j.matched != nil {
		for _, row := range right {
			j.matched[row] = true
		}
	}
}

// unmatchedLeft gives the left rows without a partner, NULLs beside them.
func (j *hashJoin) unmatchedLeft(p *probeState) *batch.Batch {
	if p.matched == nil {
		return nil
	}
	rows := falseRows(p.matched)
	if len(rows) == 0 {
		return nil
	}
	return j.beside(&batch.Batch{Columns: takeAll(p.batch.Columns, rows), Len: len(rows)}, nil)
}

// unmatchedBuild prepares the build rows without a partner.
func (j *hashJoin) unmatchedBuild() *tableReader {
	return &tableReader{table: j.build.rows, rows: falseRows(j.matched)}
}

// beside puts a batch of one side next to NULLs for the other, which is nil.
func (j *hashJoin) beside(left, right *batch.Batch) *batch.Batch {
	if left == nil {
		left = nullBatch(j.leftColumns, right.Len)
	} else {
		right = nullBatch(j.rightColumns, left.Len)
	}
	columns := append(append([]batch.Vector{}, left.Columns...), right.Columns...)
	return &batch.Batch{Columns: columns, Len: left.Len}
}

// nullBatch is rows rows of NULLs.
func nullBatch(columns []*plan.Column, rows int) *batch.Batch {
	one := nullRow(columns)
	for i := range one.Columns {
		one.Columns[i].Const = true
	}
	one.Len = rows
	return one
}

// falseRows lists the rows that are false; never nil.
func falseRows(marks []bool) []int32 {
	rows := []int32{}
	for row, mark := range marks {
		if !mark {
			rows = append(rows, int32(row))
		}
	}
	return rows
}
