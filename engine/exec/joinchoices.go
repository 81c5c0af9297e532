package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxChoices is how many alternatives a condition has at most that are looked up, each in a table of its own.
	maxChoices = 8
	// maxChosenPairs is how many pairs of a left batch are listed at most. With more all pairs are looked at.
	maxChosenPairs = 1 << 18
)

// joinChoice is an alternative of a join's condition, a.x = b.x of a.x = b.x OR a.y = b.y AND a.t < b.t: the positions of the columns that
// it says are equal.
type joinChoice struct {
	leftKeys, rightKeys []int
}

// joinChoicesOf returns the alternatives of the first term that has some and in which each says that columns of both sides are equal, nil if no
// term does.
func joinChoicesOf(terms []plan.Expr, left, right []*plan.Column) []joinChoice {
	for _, term := range terms {
		or, ok := term.(*plan.Special)
		if !ok || or.Form != plan.Or || len(or.Args) > maxChoices {
			continue
		}
		var choices []joinChoice
		for _, alternative := range or.Args {
			var choice joinChoice
			for _, e := range plan.Conjuncts(alternative) {
				choice.addEquality(e, left, right)
			}
			if len(choice.leftKeys) == 0 {
				break
			}
			choices = append(choices, choice)
		}
		if len(choices) == len(or.Args) {
			return choices
		}
	}
	return nil
}

// addEquality adds the columns of e if it is an equality of one of each side.
func (c *joinChoice) addEquality(e plan.Expr, left, right []*plan.Column) {
	call, ok := e.(*plan.Call)
	if !ok || call.Fn.Name != types.OpEqual || !call.Args[0].Type().Equal(call.Args[1].Type()) || !hasOneKey(call.Args[0].Type()) {
		return
	}
	at := func(e plan.Expr, columns []*plan.Column) int {
		ref, ok := e.(*plan.Ref)
		if !ok {
			return -1
		}
		return slices.IndexFunc(columns, func(column *plan.Column) bool { return column.ID == ref.Column.ID })
	}
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		if l, r := at(call.Args[order[0]], left), at(call.Args[order[1]], right); l >= 0 && r >= 0 {
			c.leftKeys, c.rightKeys = append(c.leftKeys, l), append(c.rightKeys, r)
			return
		}
	}
}

// hasOneKey reports whether values of a type are equal where a joinTable finds them so.
func hasOneKey(t *types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Varchar, types.Date:
		return true
	case types.Timestamp:
		return !t.IsLong()
	}
	return false
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

// chosenCandidates lists the build rows that an alternative may join with the rows of b, those of each row in the order of the build rows; nil if
// there are too many. It is safe for concurrent use.
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
