package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
)

// joinProbe is the work on one left batch of a hashJoin.
type joinProbe struct {
	join       *hashJoin
	batch      *batch.Batch // dense
	candidates *joinCandidates
	row        int    // the row to go on with; its candidates that were seen are gone from candidates
	matched    []bool // rows with a match, for left and full joins
	done       bool   // all pairs were found
	// pairs that match and were not given out
	leftRows, buildRows []int32
}

func (j *hashJoin) probeOf(b *batch.Batch) (*joinProbe, error) {
	b = compact(b)
	candidates, err := j.matches.candidates(b, pickColumns(b, j.leftKeys))
	if err != nil {
		return nil, err
	}
	p := &joinProbe{join: j, batch: b, candidates: candidates}
	if j.keepsLeft() {
		p.matched = make([]bool, b.Len)
	}
	return p, nil
}

// next gives the next matching pairs of the left batch, then its unmatched rows, then nil.
func (p *joinProbe) next(ctx context.Context) (*batch.Batch, error) {
	if err := p.findPairs(ctx); err != nil {
		return nil, err
	}
	if len(p.leftRows) == 0 {
		return p.unmatchedLeft(), nil
	}
	j := p.join
	left := pickColumns(p.batch, j.leftGiven)
	n := min(batch.Rows, len(p.leftRows))
	n = min(fitting(left, p.leftRows[:n]), fitting(j.buildGiven.vectors(), p.buildRows[:n]))
	b := besides(takeAll(left, p.leftRows[:n]), j.buildGiven.take(p.buildRows[:n]).Columns, n)
	p.leftRows, p.buildRows = p.leftRows[n:], p.buildRows[n:]
	return b, nil
}

// maxLooks is how many batches of pairs are looked at to find more than some that match:
// few matching pairs are gathered into one batch, but a LIMIT above may want just these.
const maxLooks = 16

// findPairs looks for matching pairs, until there is a batch of them, or no more.
func (p *joinProbe) findPairs(ctx context.Context) error {
	build, filter := p.join.build, p.candidates.filter
	for looks := 0; !p.done && len(p.leftRows) < batch.Rows && (looks < maxLooks || len(p.leftRows) == 0); looks++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		left, right := p.nextCandidates(build)
		if filter == nil {
			p.addPairs(left, right)
			continue
		}
		for len(left) > 0 {
			n := filter.fittingPairs(p.batch.Columns, build.rows, left, right)
			sel, err := filter.filterPairs(p.batch.Columns, build.rows, left[:n], right[:n], p.join.out)
			if err != nil {
				return err
			}
			p.addPairs(pickRows(left[:n], sel), pickRows(right[:n], sel))
			left, right = left[n:], right[n:]
		}
	}
	return nil
}

// nextCandidates lists up to a batch of (left row, build row) pairs that may match,
// and notes where it stopped.
func (p *joinProbe) nextCandidates(build *joinTable) (left, right []int32) {
	c := p.candidates
	size := 0
	for row := p.row; row < p.batch.Len && size < batch.Rows; row++ {
		size += int(c.to[row] - c.from[row])
	}
	left, right = make([]int32, 0, min(size, batch.Rows)), make([]int32, 0, min(size, batch.Rows))
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

// addPairs notes rows that are partners of each other.
func (p *joinProbe) addPairs(left, right []int32) {
	if len(p.leftRows) == 0 {
		p.leftRows, p.buildRows = slices.Clip(left), slices.Clip(right)
	} else {
		p.leftRows, p.buildRows = append(p.leftRows, left...), append(p.buildRows, right...)
	}
	if p.matched != nil {
		for _, row := range left {
			p.matched[row] = true
		}
	}
	if p.join.matched != nil {
		for _, row := range right {
			p.join.matched[row] = true
		}
	}
}

// unmatchedLeft gives the left rows without a partner, NULLs beside them; nil where there
// are none, and when it was called before.
func (p *joinProbe) unmatchedLeft() *batch.Batch {
	if p.matched == nil {
		return nil
	}
	rows := falseRows(p.matched)
	p.matched = nil
	if len(rows) == 0 {
		return nil
	}
	return besides(takeAll(pickColumns(p.batch, p.join.leftGiven), rows), p.join.nullBuild, len(rows))
}
