package exec

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func TestUnreadOfUnnests(t *testing.T) {
	column := func(id int, of *types.Type) *plan.Column { return &plan.Column{ID: id, Type: of} }
	id, list, other := column(1, types.BigIntType), column(2, types.ArrayOf(types.BigIntType)), column(3, types.ArrayOf(types.VarcharType))
	input := &plan.WorkingRows{Cols: []*plan.Column{id, list, other}}
	inner := &plan.Unnest{Input: input, Items: []plan.UnnestItem{{Column: list, Out: []*plan.Column{column(4, types.BigIntType)}}}}
	again := &plan.Unnest{Input: inner, Items: []plan.UnnestItem{{Column: list, Out: []*plan.Column{column(5, types.BigIntType)}}}}
	element := &plan.Ref{Column: column(4, types.BigIntType)}
	for _, c := range []struct {
		name string
		root plan.Node
		want map[*plan.Unnest]map[int]bool
	}{
		{"no UNNEST", input, nil},
		{"all columns are given out", inner, map[*plan.Unnest]map[int]bool{inner: {}}},
		{"the id alone", &plan.Output{Input: inner, Cols: []*plan.Column{id}}, map[*plan.Unnest]map[int]bool{inner: {2: true, 3: true, 4: true}}},
		{"a filter above", &plan.Output{Input: &plan.Filter{Input: inner, Predicate: element}, Cols: []*plan.Column{id}},
			map[*plan.Unnest]map[int]bool{inner: {2: true, 3: true}}},
		{"a list that is spread again", &plan.Output{Input: again, Cols: []*plan.Column{column(5, types.BigIntType)}},
			map[*plan.Unnest]map[int]bool{again: {1: true, 2: true, 3: true, 4: true}, inner: {1: true, 3: true, 4: true}}},
		{"what is shared is read in one place", &plan.SetOp{From: []plan.Node{&plan.Reuse{Number: 1, Input: inner, Cols: []*plan.Column{id}},
			&plan.Reuse{Number: 1, Input: inner, Cols: []*plan.Column{other}}}, Map: [][]*plan.Column{{id}, {other}}}, map[*plan.Unnest]map[int]bool{inner: {4: true}}}, // its own list looks read, which costs a copy
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, unreadOfUnnests(c.root)) })
	}
}

func TestUnnestWithoutWhatNothingReads(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		from := sample(200, random)
		offsets := make([]int32, from.rows+1) // each id stands in the list of a row, some have several and many none
		for i := range from.rows {
			offsets[i+1] = min(int32(from.rows), offsets[i]+random.Int32N(3))
		}
		elements := batch.Take(from.columns[3], iota32(int(offsets[from.rows])))
		from.columns = append(from.columns, batch.FromLists(offsets, nil, elements))
		made := func(unread []arrow.DataType) []string {
			return rowsOf(t, &unnest{input: input(from), items: []unnestItem{{position: 4}}, ordinality: true, unread: unread, memory: unlimited()})
		}
		all := made(nil)
		require.NotEmpty(t, all)
		// Of columns n, s, d, id, the list, its element and the ordinal, two are left.
		number, text := arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String
		few := made([]arrow.DataType{number, text, arrow.PrimitiveTypes.Float64, nil, from.columns[4].DataType(), number, nil})
		require.Len(t, few, len(all))
		for i := range all {
			fields, left := strings.Split(all[i], "|"), strings.Split(few[i], "|")
			require.Equal(t, "NULL|NULL|NULL|"+fields[3]+"|NULL|NULL|"+fields[len(fields)-1], few[i])
			require.Len(t, left, 7)
		}
	})
}
