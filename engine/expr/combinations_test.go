package expr_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestCombinationsOfTexts: columns of few and of many texts give the same as without dictionaries, from one batch to the next.
func TestCombinationsOfTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
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

// TestSomeRowsOfCombinations: texts of combinations stay a dictionary where these have some rows each, in the mean.
func TestSomeRowsOfCombinations(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const rows = 3000
	for _, c := range []struct {
		texts        int
		isDictionary bool
	}{{rows / 10, true}, {rows / 3, true}, {2 * rows / 3, false}} {
		e, typ := compile(t, "concat(s, '/', u)")
		b := &batch.Batch{Len: rows}
		for i := range fixture {
			column := make([]string, rows)
			for row := range column {
				column[row] = fmt.Sprint("a", row*7%c.texts/(1+i%2))
			}
			a, err := batch.FromStrings(arrow.BinaryTypes.String, column, nil)
			require.NoError(t, err)
			b.Columns = append(b.Columns, batch.Vector{Array: encode(t, a)})
		}
		v, err := e.Eval(b)
		require.NoError(t, err)
		require.Equal(t, c.isDictionary, batch.HasDictionary(v.Array), c.texts)
		got := values(typ, v, rows)
		for row := range rows {
			of := row * 7 % c.texts
			require.Equal(t, fmt.Sprintf("a%d/a%d", of, of/2), got[row].V)
		}
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

// TestValuesThatNoRowHas: a value of a dictionary for which a call fails counts only where a row has it.
func TestValuesThatNoRowHas(t *testing.T) {
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{"role/a1", "none", "role/b2", "user/c3"}, nil)
	require.NoError(t, err)
	for _, c := range []struct{ expression, with, fails string }{
		{"split(s, '/')[2]", "a1", "subscript"},
		{"CAST(substr(s, 7) AS bigint)", "1", "cast"},
		{"length(split(s, '/')[2])", "2", "subscript"},
		{"TRY(split(s, '/')[2])", "a1", ""},
		{"coalesce(TRY(CAST(substr(s, 7) AS bigint)), 9)", "1", ""},
		{"substr(s, 10 / strpos(s, '/'))", "ole/a1", "zero"},
		{"concat(s, CAST(10 / strpos(s, '/') AS varchar))", "role/a12", "zero"},
		{"TRY(substr(s, 10 / strpos(s, '/')))", "ole/a1", ""},
	} {
		e, typ := compile(t, c.expression)
		for _, other := range []int32{2, 3, 1, 2} {
			const rows = 1000
			codes, valid := make([]int32, rows), []byte(nil)
			for i := range codes {
				if i%3 == 1 {
					codes[i] = other
				}
			}
			if other == 3 {
				valid = bytes.Repeat([]byte{0xEF}, rows/8)
			}
			b := &batch.Batch{Len: rows}
			plain := &batch.Batch{Len: rows}
			for range fixture {
				a := batch.FromCodes(codes, valid, texts)
				b.Columns = append(b.Columns, batch.Vector{Array: a})
				plain.Columns = append(plain.Columns, batch.Vector{Array: batch.Decode(a)})
			}
			v, err := e.Eval(b)
			if other == 1 && c.fails != "" {
				require.ErrorContains(t, err, c.fails, c.expression)
				continue
			}
			require.NoError(t, err, c.expression)
			fresh, _ := compile(t, c.expression)
			want, err := fresh.Eval(plain)
			require.NoError(t, err, c.expression)
			require.Equal(t, values(typ, want, rows), values(typ, v, rows), c.expression)
			require.Equal(t, c.with, fmt.Sprint(values(typ, v, rows)[0].V), c.expression)
		}
	}
}

// TestTextsOfFewIntegers: texts that are made of few integers or times, and of texts, are a dictionary, and those of many the same as row by row.
func TestTextsOfFewIntegers(t *testing.T) {
	const rows = 3000
	few := fixtureBatch(t, true)
	for _, c := range []struct {
		expression string
		isCoded    bool
	}{
		{"CAST(n AS varchar)", true},
		{"lpad(CAST(n AS varchar), 4, '0') || ':' || CAST(k AS varchar)", true},
		{"CAST(ts AS varchar)", true},
		{"substr(s, n + 8)", true},
		{"concat(s, CAST(n * k AS varchar), 'x', CAST(ts AS varchar))", true},
		{"CAST(n * 100000000000000000 AS varchar)", true},
		{"CAST(n = k AS varchar)", true},
		{"b", false},
		{"CAST(b AS varchar) || s", true},
		{"CAST(CAST(ts AS date) AS varchar)", true},
		{"concat(CAST(CAST(n AS tinyint) AS varchar), CAST(CAST(k AS integer) AS varchar), CAST(CAST(n AS smallint) AS varchar))", true},
		{"CAST(CAST(ts AS time) AS varchar)", true},
		{"CAST(CASE n WHEN 9 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775807 ELSE n END AS varchar)", false},
	} {
		e, typ := compile(t, c.expression)
		one, err := e.Eval(few)
		require.NoError(t, err)
		b, idx := &batch.Batch{Len: rows}, make([]int32, rows)
		for i := range idx {
			idx[i] = int32(i * 7 % few.Len)
		}
		for _, column := range few.Columns {
			b.Columns = append(b.Columns, batch.Vector{Array: batch.Take(column.Array, idx)})
		}
		v, err := e.Eval(b)
		require.NoError(t, err)
		require.Equal(t, c.isCoded, batch.HasDictionary(v.Array), c.expression)
		want := values(typ, one, few.Len)
		for i, got := range values(typ, v, rows) {
			require.Equal(t, want[idx[i]], got, c.expression)
		}
	}
	e, typ := compile(t, "CAST(n AS varchar)")
	b := &batch.Batch{Len: rows}
	all := make([]int64, rows)
	for i := range all {
		all[i] = int64(i)
	}
	for range fixture {
		b.Columns = append(b.Columns, batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, all, nil)})
	}
	v, err := e.Eval(b)
	require.NoError(t, err)
	require.False(t, batch.HasDictionary(v.Array))
	require.Equal(t, "2999", values(typ, v, rows)[rows-1].V)
}
