package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
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
	residual     expr.Evaluator // over left and right columns; nil for none
	filters      []keyFilter    // for the scans of the left input
	memory       *account
	out          *account // the left batch, and the pairs given out last

	build   *joinTable
	matched []bool // build rows that met a left row; nil unless unmatched ones are wanted
	probe   *probeState
	rest    *tableReader // the unmatched build rows, at the end
	atEnd   bool         // the left input is read
}

// probeState is the work on one left batch.
type probeState struct {
	batch   *batch.Batch // dense
	ids     []int32      // key combination by row
	row     int          // the row to go on with
	match   int          // its next match
	matched []bool       // rows with a match, for left and full joins
	done    bool         // all pairs were found
	// pairs found and not given out
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
			b, err := j.step()
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
	if j.kind == plan.RightJoin || j.kind == plan.FullJoin {
		j.matched = make([]bool, rows.rows)
	}
	return j.memory.add(j.build.sizeBytes())
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
	keys := pickColumns(b, j.leftKeys)
	ids, err := j.build.lookup(keys, b.Len)
	if err != nil {
		return err
	}
	j.probe = &probeState{batch: b, ids: ids}
	if keepsLeft {
		j.probe.matched = make([]bool, b.Len)
	}
	return nil
}

// step gives the next pairs of the left batch, then its unmatched rows; nil
// when it has nothing more just now.
func (j *hashJoin) step() (*batch.Batch, error) {
	p := j.probe
	if len(p.leftRows) == 0 {
		if p.done {
			j.probe = nil
			return j.unmatchedLeft(p), nil
		}
		p.leftRows, p.buildRows = p.pairs(j.build)
		if len(p.leftRows) == 0 {
			return nil, nil
		}
	}
	n := min(fitting(p.batch.Columns, p.leftRows), fitting(j.build.rows.vectors(), p.buildRows))
	left, right := p.leftRows[:n], p.buildRows[:n]
	p.leftRows, p.buildRows = p.leftRows[n:], p.buildRows[n:]
	b := j.pairBatch(p.batch, left, right)
	if err := j.out.set(batchBytes(b) + batchBytes(p.batch)); err != nil {
		return nil, err
	}
	passed := []int32(nil)
	if j.residual != nil {
		sel, err := j.residual.Filter(b)
		if err != nil {
			return nil, err
		}
		if sel != nil && len(sel) == 0 {
			return nil, nil
		}
		b.Sel, passed = sel, sel
	}
	j.markMatched(p, left, right, passed)
	return b, nil
}

// pairs lists up to a batch of matching (left row, build row) pairs and notes
// where it stopped.
func (p *probeState) pairs(build *joinTable) (left, right []int32) {
	for ; p.row < p.batch.Len; p.row, p.match = p.row+1, 0 {
		matches := build.matches(p.ids[p.row])
		for ; p.match < len(matches); p.match++ {
			if len(left) == batch.Rows {
				return left, right
			}
			left = append(left, int32(p.row))
			right = append(right, matches[p.match])
		}
	}
	p.done = true
	return left, right
}

func (j *hashJoin) pairBatch(from *batch.Batch, left, right []int32) *batch.Batch {
	b := j.build.rows.take(right)
	b.Columns = append(takeAll(from.Columns, left), b.Columns...)
	return b
}

// markMatched notes which rows found a partner; passed lists the pairs that
// count, nil for all.
func (j *hashJoin) markMatched(p *probeState, left, right, passed []int32) {
	if p.matched == nil && j.matched == nil {
		return
	}
	if passed == nil {
		passed = iota32(len(left))
	}
	for _, i := range passed {
		if p.matched != nil {
			p.matched[left[i]] = true
		}
		if j.matched != nil {
			j.matched[right[i]] = true
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
