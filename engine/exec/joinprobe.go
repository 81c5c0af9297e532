package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// joinProbe is the work on one left batch of a hashJoin.
type joinProbe struct {
	build      *joinBuild
	batch      *batch.Batch // dense
	numbers    []int64      // row numbers, returned as the last column; nil: none
	candidates *joinCandidates
	row        int    // the next row; candidates no longer has those seen of it
	matched    []bool // rows with a match, for left and full joins
	keepsAlone bool   // rows without a match are returned
	decided    int    // unmatched rows before this one were added
	done       bool   // all pairs were found
	// matching pairs, and rows without a partner with -1, not returned yet
	leftRows, buildRows []int32
}

func (b *joinBuild) probeOf(left *batch.Batch) (*joinProbe, error) {
	left = compact(left)
	candidates, err := b.matches.candidates(left, pickColumns(left, b.join.leftKeys))
	if err != nil {
		return nil, err
	}
	p := &joinProbe{build: b, batch: left, candidates: candidates}
	if b.join.keepsLeft() {
		p.matched, p.keepsAlone = make([]bool, left.Len), true
	}
	return p, nil
}

// next returns the next output rows of the left batch, nil at the end.
func (p *joinProbe) next(ctx context.Context) (*batch.Batch, error) {
	left, build, err := p.nextPairs(ctx)
	if err != nil {
		return nil, err
	}
	if len(left) == 0 {
		return nil, nil
	}
	return p.gather(left, build), nil
}

// nextPairs returns the next matching pairs, at most a batch; none at the end.
func (p *joinProbe) nextPairs(ctx context.Context) (left, build []int32, err error) {
	if err := p.findPairs(ctx); err != nil {
		return nil, nil, err
	}
	n := min(batch.Rows, len(p.leftRows))
	n = min(fitting(p.leftGiven(), p.leftRows[:n]), fitting(p.build.given.vectors(), p.buildRows[:n]))
	left, build = p.leftRows[:n], p.buildRows[:n]
	p.leftRows, p.buildRows = p.leftRows[n:], p.buildRows[n:]
	return left, build, nil
}

// gather makes a batch of pairs.
func (p *joinProbe) gather(left, build []int32) *batch.Batch {
	b := besides(takeAll(p.leftGiven(), left), p.build.given.take(build).Columns, len(left))
	if p.numbers != nil {
		numbers := make([]int64, len(left))
		for i, row := range left {
			numbers[i] = p.numbers[row]
		}
		b.Columns = append(b.Columns, batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, nil)})
	}
	return b
}

func (p *joinProbe) leftGiven() []batch.Vector { return pickColumns(p.batch, p.build.join.leftGiven) }

// pairs is the number of build rows that may match a left row.
func (p *joinProbe) pairs(row int) int64 { return int64(p.candidates.to[row] - p.candidates.from[row]) }

// maxLooks is how many batches of pairs are checked before fewer matches than a batch are returned. Few matches are
// gathered into one batch, but a LIMIT above may want just these.
const maxLooks = 16

// findPairs looks for matching pairs until there is a batch of them, enough were checked, or there are no more.
func (p *joinProbe) findPairs(ctx context.Context) error {
	build, filter := p.build.table, p.candidates.filter
	if found, err := p.findCrossed(ctx); err != nil {
		return err
	} else if found && p.matched != nil {
		p.addAlone(p.row)
	}
	for looks := 0; !p.done && len(p.leftRows) < batch.Rows && (looks < maxLooks || len(p.leftRows) == 0); looks++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		left, right := p.nextCandidates(build)
		if filter == nil {
			p.addPairs(left, right)
		}
		for filter != nil && len(left) > 0 {
			n := filter.fittingPairs(p.batch.Columns, build.rows, left, right)
			sel, err := filter.filterPairs(p.batch.Columns, build.rows, left[:n], right[:n], p.build.join.out)
			if err != nil {
				return err
			}
			p.addPairs(pickRows(left[:n], sel), pickRows(right[:n], sel))
			left, right = left[n:], right[n:]
		}
		if p.matched != nil {
			p.addAlone(p.row)
		}
	}
	return nil
}

// nextCandidates lists up to a batch of (left row, build row) pairs that may match, and notes where it stopped.
func (p *joinProbe) nextCandidates(build *joinTable) (left, right []int32) {
	c := p.candidates
	members := c.members
	if members == nil {
		members = build.members
	}
	size := 0
	for row := p.row; row < p.batch.Len && size < batch.Rows; row++ {
		size += int(c.to[row] - c.from[row])
	}
	left, right = make([]int32, 0, min(size, batch.Rows)), make([]int32, 0, min(size, batch.Rows))
	for ; p.row < p.batch.Len; p.row++ {
		found := members[c.from[p.row]:c.to[p.row]]
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

// pickRows returns the rows at the positions sel; nil means all.
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

// addPairs adds matching pairs.
func (p *joinProbe) addPairs(left, right []int32) {
	switch {
	case p.matched != nil:
		for i, row := range left {
			p.addAlone(int(row))
			p.leftRows, p.buildRows = append(p.leftRows, row), append(p.buildRows, right[i])
			p.matched[row] = true
		}
	case len(p.leftRows) == 0:
		p.leftRows, p.buildRows = slices.Clip(left), slices.Clip(right)
	default:
		p.leftRows, p.buildRows = append(p.leftRows, left...), append(p.buildRows, right...)
	}
	if p.build.matched != nil {
		for _, row := range right {
			p.build.matched[row] = true
		}
	}
}

// addAlone adds the left rows before one that are known to have no partner, with build row -1. So a join returns
// left rows in order, whatever batches they come in.
func (p *joinProbe) addAlone(before int) {
	if !p.keepsAlone {
		return
	}
	for ; p.decided < before; p.decided++ {
		if !p.matched[p.decided] {
			p.leftRows, p.buildRows = append(p.leftRows, int32(p.decided)), append(p.buildRows, -1)
		}
	}
}
