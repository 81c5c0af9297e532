package exec

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// idsDiffer is a residual condition: the difference of the id columns is odd.
type idsDiffer struct{ left, right int }

func (e idsDiffer) Eval(*batch.Batch) (batch.Vector, error) { panic("not asked") }

func (e idsDiffer) Filter(b *batch.Batch) ([]int32, error) {
	sel := []int32{}
	left, right := batch.Values[int64](b.Columns[e.left].Array), batch.Values[int64](b.Columns[e.right].Array)
	for i := range b.Len {
		if differ(left[i], right[i]) {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) == b.Len {
		return nil, nil
	}
	return sel, nil
}

// onlyDifferent is the residual condition over two samples.
var onlyDifferent = joinCondition{whole: &pairFilter{condition: idsDiffer{3, 7}, reads: []int{3, 7}}}

func differ(a, b int64) bool { return (a+b)%2 != 0 }

// pairsOf lists the matching pairs of rows as a nested loop finds them.
func pairsOf(left, right *table, keys []int, residual bool) [][2]int {
	var pairs [][2]int
	columnTypes := []*types.Type{types.BigIntType, types.VarcharType, types.DoubleType, types.BigIntType}
	for l := range left.rows {
		for r := range right.rows {
			match := true
			for _, k := range keys {
				match = match && batch.Equality(columnTypes[k], left.columns[k], right.columns[k])(l, r) == batch.True
			}
			if match && (!residual || differ(int64(l), int64(r))) {
				pairs = append(pairs, [2]int{l, r})
			}
		}
	}
	return pairs
}

func TestHashJoin(t *testing.T) {
	kinds := map[string]plan.JoinKind{"inner": plan.InnerJoin, "left": plan.LeftJoin, "right": plan.RightJoin,
		"full": plan.FullJoin, "cross": plan.CrossJoin}
	keySets := map[string][]int{"bigint": {0}, "varchar": {1}, "double": {2}, "three": {0, 1, 2}, "none": {}}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for kindName, kind := range kinds {
			for keyName, keys := range keySets {
				for _, residual := range []bool{false, true} {
					for _, rows := range [][2]int{{40, 30}, {0, 5}, {5, 0}} {
						left, right := sample(rows[0], random), sample(rows[1], random)
						j := &hashJoin{kind: kind, left: input(left), right: input(right), leftColumns: sampleColumns(1),
							rightColumns: sampleColumns(5), leftKeys: keys, rightKeys: keys, memory: unlimited()}
						if residual {
							j.condition = onlyDifferent
						}
						require.Equal(t, sorted(naiveJoin(kind, left, right, pairsOf(left, right, keys, residual))), sorted(rowsOf(t, j)),
							"%s join by %s, residual %v, %v rows", kindName, keyName, residual, rows)
					}
				}
			}
		}
	})
}

func naiveJoin(kind plan.JoinKind, left, right *table, pairs [][2]int) []string {
	out := []string{}
	leftMet, rightMet := map[int]bool{}, map[int]bool{}
	for _, p := range pairs {
		leftMet[p[0]], rightMet[p[1]] = true, true
		out = append(out, rowText(left.vectors(), p[0])+"|"+rowText(right.vectors(), p[1]))
	}
	const nulls = "NULL|NULL|NULL|NULL"
	for l := range left.rows {
		if !leftMet[l] && (kind == plan.LeftJoin || kind == plan.FullJoin) {
			out = append(out, rowText(left.vectors(), l)+"|"+nulls)
		}
	}
	for r := range right.rows {
		if !rightMet[r] && (kind == plan.RightJoin || kind == plan.FullJoin) {
			out = append(out, nulls+"|"+rowText(right.vectors(), r))
		}
	}
	return out
}

func TestSemiJoin(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for _, keys := range [][]int{{0}, {1}, {2}, {0, 1}, {}} {
			for _, residual := range []bool{false, true} {
				for _, rows := range [][2]int{{30, 20}, {30, 2}, {5, 0}} {
					left, right := sample(rows[0], random), sample(rows[1], random)
					s := &semiJoin{left: input(left), right: input(right), rightColumns: sampleColumns(5), leftKeys: keys, rightKeys: keys, memory: unlimited()}
					if residual {
						s.condition = onlyDifferent
					}
					require.Equal(t, naiveMarks(left, right, keys, residual), rowsOf(t, s), "keys %v, residual %v, %v rows", keys, residual, rows)
				}
			}
		}
	})
}

// naiveMarks compares every pair of rows.
func naiveMarks(left, right *table, keys []int, residual bool) []string {
	out := []string{}
	for l := range left.rows {
		mark := false
		for r := range right.rows {
			equal := !residual || differ(int64(l), int64(r))
			for _, k := range keys {
				equal = equal && batch.Equality(sampleColumns(0)[k].Type, left.columns[k], right.columns[k])(l, r) == batch.True
			}
			mark = mark || equal
		}
		out = append(out, fmt.Sprintf("%s|%t", rowText(left.vectors(), l), mark))
	}
	return out
}

func TestNullAwareSemiJoin(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for key := range 3 {
			for _, rows := range [][2]int{{30, 20}, {30, 2}, {5, 0}} {
				left, right := sample(rows[0], random), sample(rows[1], random)
				s := &semiJoin{left: input(left), right: input(right), rightColumns: sampleColumns(5), leftKeys: []int{key}, rightKeys: []int{key},
					nullAware: true, memory: unlimited()}
				require.Equal(t, naiveInMarks(left, right, key), rowsOf(t, s), "key %v, %v rows", key, rows)
			}
		}
	})
}

// naiveInMarks looks for each left key among the right ones; texts are the same
// for values that are not distinct.
func naiveInMarks(left, right *table, key int) []string {
	text := func(t *table, row int) string {
		text := rowText(t.vectors()[key:key+1], row)
		if strings.Trim(text, "-0.") == "" && key == 2 {
			return "0"
		}
		return text
	}
	out := []string{}
	for l := range left.rows {
		mark := "false"
		for r := range right.rows {
			switch {
			case text(left, l) == "NULL" || text(right, r) == "NULL":
				if mark == "false" {
					mark = "NULL"
				}
			case text(left, l) == text(right, r):
				mark = "true"
			}
		}
		out = append(out, rowText(left.vectors(), l)+"|"+mark)
	}
	return out
}

var _ expr.Evaluator = idsDiffer{}
