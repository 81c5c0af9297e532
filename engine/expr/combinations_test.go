package expr_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCombinationsOfTexts: columns of few and of many texts give the same as without dictionaries, from one batch to the next.
func TestCombinationsOfTexts(t *testing.T) {
	const rows = 3000
	e, typ := compile(t, "concat(s, '/', u)")
	for _, texts := range []int{3, 200, 90, rows, 2} {
		b := &batch.Batch{Len: rows}
		want := make([]types.Value, rows)
		columns := [2][]string{make([]string, rows), make([]string, rows)}
		for i := range rows {
			columns[0][i], columns[1][i] = fmt.Sprint("a", i%texts), fmt.Sprint("b", i/7%texts)
			want[i] = types.Value{Type: types.VarcharType, V: columns[0][i] + "/" + columns[1][i]}
		}
		for i := range fixture {
			column := columns[i%2]
			a, err := batch.FromStrings(arrow.BinaryTypes.String, column, nil)
			require.NoError(t, err)
			b.Columns = append(b.Columns, batch.Vector{Array: encode(t, a)})
		}
		v, err := e.Eval(b)
		require.NoError(t, err)
		require.Equal(t, want, values(typ, v, rows), texts)
	}
}

// TestCombinationsFail: the error is that of the first row that has one, and of none where no row has it.
func TestCombinationsFail(t *testing.T) {
	e, typ := compile(t, "CAST(concat(s, u) AS bigint)")
	few := fixtureBatch(t, true)
	b := &batch.Batch{Len: 1000}
	rows := make([]int32, b.Len)
	for i := range rows {
		rows[i] = 7 // the only one whose texts are numbers
	}
	for _, c := range few.Columns {
		b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(c.Array, rows)})
	}
	v, err := e.Eval(b)
	require.NoError(t, err)
	require.Equal(t, types.Value{Type: types.BigIntType, V: int64(12)}, values(typ, v, b.Len)[999])
	for i := range rows {
		rows[i] = []int32{7, 6, 1}[min(i/400, 2)]
	}
	for i, c := range few.Columns {
		b.Columns[i].Array = batch.Take(c.Array, rows)
	}
	_, err = e.Eval(b)
	require.ErrorContains(t, err, "PutPut")
}
