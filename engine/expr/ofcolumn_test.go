package expr_test

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestOfOneColumn: functions that take one column in several arguments give the same for dictionaries as for texts, and dictionaries for
// dictionaries, whether all rows, some or few are asked for, and whatever they give for NULL.
func TestOfOneColumn(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	const rows = 1500
	for _, c := range []struct {
		expression string
		isCoded    bool // what comes out of all rows of a dictionary
	}{
		{"substr(s, strpos(s, '/') + 1)", true},
		{"lower(substr(s, strpos(s, '/') + 1))", true},
		{"concat(coalesce(s, 'none'), ':', upper(coalesce(s, 'none')))", true},
		{"length(concat(s, s)) + length(s)", false},
		{"lower(s) = reverse(s)", false},
		{"substr(s, strpos(u, '/') + 1)", true}, // the positions are few
		{"CASE WHEN length(s) < strpos(s, '/') + 3 THEN s ELSE 'long' END", true},
		{"CASE WHEN s LIKE 'a1%' THEN 1 WHEN s = 'a2/30' OR s LIKE '%7' THEN 2 END", false},
		{"CASE WHEN s LIKE 'a1%' THEN 1 WHEN s LIKE '%7' THEN 2 ELSE 0 END = 2", false},
		{"CASE WHEN s LIKE 'a1%' THEN 'one' WHEN s IS NULL THEN 'none' ELSE upper(s) END", true},
		{"concat(IF(s LIKE '%1', s, 'other'), '!')", true},
		{"CASE WHEN s LIKE 'a%' THEN 0 ELSE CAST(s AS integer) END", false}, // fails for no value there is
	} {
		t.Run(c.expression, func(t *testing.T) {
			for _, texts := range []int{2, 90, rows} {
				requireSameOfTexts(t, c.expression, rows, texts, c.isCoded)
			}
		})
	}
}

// requireSameOfTexts requires that an expression gives the same for dictionaries of so many texts as for texts, and that what comes out of all
// rows of a dictionary that is short has one or not.
func requireSameOfTexts(t *testing.T, expression string, rows, texts int, isCoded bool) {
	t.Helper()
	for _, hasNulls := range []bool{false, true} {
		b, plain := &batch.Batch{Len: rows}, &batch.Batch{Len: rows}
		for i := range fixture {
			a := textsOf(t, rows, texts+i%2, hasNulls)
			b.Columns, plain.Columns = append(b.Columns, batch.Vector{Array: encode(t, a)}), append(plain.Columns, batch.Vector{Array: a})
		}
		e, typ := compile(t, expression)
		for _, sel := range [][]int32{nil, {5}, {1, 2, 700, int32(rows - 1)}, every(3, rows), nil} {
			b.Sel, plain.Sel = sel, sel
			v, err := e.Eval(b)
			require.NoError(t, err)
			fresh, _ := compile(t, expression)
			want, err := fresh.Eval(plain)
			require.NoError(t, err)
			require.Equal(t, values(typ, want, b.Live()), values(typ, v, b.Live()))
			if sel == nil && texts < rows {
				require.Equal(t, isCoded, batch.HasDictionary(v.Array))
			}
		}
	}
}

// textsOf makes rows of so many texts.
func textsOf(t *testing.T, rows, texts int, hasNulls bool) arrow.Array {
	list, valid := make([]string, rows), []byte(nil)
	for row := range list {
		list[row] = fmt.Sprintf("a%d/%d", row%5, row*7%texts)
	}
	if hasNulls {
		valid = arrowdata.FullValidity(rows)
		for row := 0; row < rows; row += 11 {
			arrowdata.ClearBit(valid, row)
		}
	}
	a, err := batch.FromStrings(arrow.BinaryTypes.String, list, valid)
	require.NoError(t, err)
	return a
}

// every lists every nth row.
func every(n, rows int) (sel []int32) {
	for row := 0; row < rows; row += n {
		sel = append(sel, int32(row))
	}
	return sel
}

// TestOfColumns: what makes arrays, maps or rows of several columns and a plain value of these gives the same for dictionaries as for texts.
func TestOfColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	const rows = 1500
	for _, c := range []struct {
		expression string
		isCoded    bool // what comes out of all rows of dictionaries of few texts
	}{
		{"array_join(ARRAY[s, u], '-')", true},
		{"array_join(array_sort(ARRAY[s, u, 'a']), '-', '?')", true},
		{"json_format(CAST(MAP(ARRAY['a', 'b'], ARRAY[s, u]) AS json))", true},
		{"upper(array_join(ARRAY[s, u], lower('X')))", true},
		{"cardinality(array_distinct(ARRAY[s, u]))", false},
		{"contains(ARRAY[s, 'a1/0'], u)", false},
		{"TRY(json_format(CAST(MAP(ARRAY[s, u], ARRAY[1, 2]) AS json)))", false}, // keys that are equal, or NULL
	} {
		t.Run(c.expression, func(t *testing.T) {
			for _, texts := range []int{2, 20, rows} {
				requireSameOfTexts(t, c.expression, rows, texts, c.isCoded)
			}
		})
	}
}
