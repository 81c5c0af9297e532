package exec

import (
	"context"
	"errors"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// maxChosenPairs is the maximum number of pairs listed for a left batch. Above it, all pairs are checked.
const maxChosenPairs = 1 << 18

// joinChoice is an alternative of a join's condition: the positions of the columns that it requires to be equal.
type joinChoice struct {
	leftKeys, rightKeys []int
}

// joinChoicesOf returns the alternatives of a join, see plan.Join.Alternatives.
func joinChoicesOf(n *plan.Join, left, right []*plan.Column) ([]joinChoice, error) {
	var out []joinChoice
	for _, keys := range n.Alternatives() {
		var choice joinChoice
		for _, key := range keys {
			l, errLeft := positionOf(left, key.Left)
			r, errRight := positionOf(right, key.Right)
			if err := errors.Join(errLeft, errRight); err != nil {
				return nil, err
			}
			choice.leftKeys, choice.rightKeys = append(choice.leftKeys, l), append(choice.rightKeys, r)
		}
		out = append(out, choice)
	}
	return out, nil
}

// chosenTable finds the build rows that an alternative may join with a left row.
type chosenTable struct {
	leftKeys []int
	table    *joinTable
}

// newChosenTables makes the tables of a condition's alternatives.
func (g gathering) newChosenTables(ctx context.Context, rows *table, choices []joinChoice, memory *account) ([]chosenTable, error) {
	var out []chosenTable
	for _, c := range choices {
		t, err := g.newJoinTable(ctx, rows, c.rightKeys, memory)
		if err != nil {
			return nil, err
		}
		out = append(out, chosenTable{leftKeys: c.leftKeys, table: t})
	}
	return out, nil
}

// chosenCandidates lists the build rows that an alternative may join with the rows of b, for each row in the order
// of the build rows; nil if there are too many. It is safe for concurrent use.
func chosenCandidates(tables []chosenTable, b *batch.Batch) (*joinCandidates, error) {
	from, to := make([][]int32, len(tables)), make([][]int32, len(tables))
	pairs := 0
	for i, t := range tables {
		var err error
		if from[i], to[i], err = t.table.lookup(pickColumns(b, t.leftKeys), b.Len); err != nil {
			return nil, err
		}
		for row := range b.Len {
			if pairs += int(to[i][row] - from[i][row]); pairs > maxChosenPairs {
				return nil, nil
			}
		}
	}
	c := &joinCandidates{from: make([]int32, b.Len), to: make([]int32, b.Len), members: make([]int32, 0, pairs)}
	for row := range b.Len {
		first := len(c.members)
		for i, t := range tables {
			c.members = append(c.members, t.table.members[from[i][row]:to[i][row]]...)
		}
		own := c.members[first:]
		slices.Sort(own)
		c.members = c.members[:first+len(slices.Compact(own))]
		c.from[row], c.to[row] = int32(first), int32(len(c.members))
	}
	return c, nil
}
