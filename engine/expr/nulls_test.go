package expr_test

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestNullsOfRows compares values that become NULL, or NULLs that become a value, over whole columns with the same chosen row by row: the
// values, or the error, of rows chosen at random, in slices that begin anywhere.
func TestNullsOfRows(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	for _, c := range []struct {
		name, form, plain string
	}{
		{"NULLIF of a constant", "nullif(n, bigint '1')", "IF(n = 1, element_at(ARRAY[n], 2), n)"},
		{"NULLIF of a column", "nullif(n, k)", "IF(n = k, element_at(ARRAY[n], 2), n)"},
		{"NULLIF of doubles", "nullif(d, 0e0)", "IF(d = 0, element_at(ARRAY[d], 2), d)"},
		{"NULLIF of a constant and a column", "nullif(bigint '2', k)", "IF(k = 2, element_at(ARRAY[k], 2), bigint '2')"},
		{"NULLIF of a small number", "nullif(CAST(n AS tinyint), tinyint '1')", "IF(n = 1, element_at(ARRAY[CAST(n AS tinyint)], 2), CAST(n AS tinyint))"},
		{"NULLIF of other types", "nullif(n % 3, 1)", "IF(n % 3 = 1, element_at(ARRAY[n], 2), n % 3)"},
		{"what the condition reads", "IF(100 / k > 20, NULL, 100 / k)", "IF(100 / k > 20, element_at(ARRAY[k], 2), 100 / k)"},
		{"what it reads for some rows", "IF((n + 100 / k) > 20, NULL, 100 / k)", "IF((n + 100 / k) > 20, element_at(ARRAY[k], 2), 100 / k)"},
		{"what it need not read", "IF((n + 100 / k) IS DISTINCT FROM 20, NULL, 100 / k)", "IF((n + 100 / k) IS DISTINCT FROM 20, element_at(ARRAY[k], 2), 100 / k)"},
		{"what another condition guards", "IF(k = 0, NULL, 100 / k)", "IF(k = 0, element_at(ARRAY[k], 2), 100 / k)"},
		{"a column", "IF(s = 'Get', NULL, d)", "IF(s = 'Get', element_at(ARRAY[d], 2), d)"},
		{"a time", "IF(s = 'Get', NULL, ts)", "IF(s = 'Get', element_at(ARRAY[ts], 2), ts)"},
		{"a constant", "IF(n = 1 OR k = 2, NULL, 7)", "IF(n = 1 OR k = 2, CAST(element_at(ARRAY[n], 2) AS integer), 7)"},
		{"a boolean", "IF(n = 1, NULL, b)", "IF(n = 1, element_at(ARRAY[b], 2), b)"},
		{"texts", "IF(n = 1, NULL, u)", "IF(n = 1, element_at(ARRAY[u], 2), u)"},
		{"bigint or a constant", "coalesce(n, 7)", "IF(n IS NOT NULL, n, 7)"},
		{"double or a constant", "coalesce(d, 7)", "IF(d IS NOT NULL, d, 7)"},
		{"tinyint or a constant", "coalesce(CAST(n AS tinyint), tinyint '7')", "IF(n IS NOT NULL, CAST(n AS tinyint), tinyint '7')"},
		{"smallint or a constant", "coalesce(CAST(n AS smallint), smallint '7')", "IF(n IS NOT NULL, CAST(n AS smallint), smallint '7')"},
		{"date or a constant", "coalesce(CAST(ts AS date), date '2020-01-01')", "IF(ts IS NOT NULL, CAST(ts AS date), date '2020-01-01')"},
		{"decimal or a constant", "coalesce(CAST(n AS decimal(30,1)), decimal '12345678901234567890123456789.5')", "IF(n IS NOT NULL, CAST(n AS decimal(30,1)), decimal '12345678901234567890123456789.5')"},
		{"boolean or a constant", "coalesce(b, true)", "IF(b IS NOT NULL, b, true)"},
		{"sum beyond a value that became NULL", "nullif(n, k) + 9223372036854775800", "IF(n = k, element_at(ARRAY[n], 2), n) + 9223372036854775800"},
		{"quotient by a zero that became NULL", "100 / nullif(k, bigint '0')", "100 / IF(k = 0, element_at(ARRAY[k], 2), k)"},
		{"cast of a value that became NULL", "CAST(nullif(n * 100, bigint '300') AS tinyint)", "CAST(IF(n * 100 = 300, element_at(ARRAY[n], 2), n * 100) AS tinyint)"},
		{"NULLIF of NULL", "nullif(n, element_at(ARRAY[n], 2))", "n"},
		{"hidden errors", "TRY(IF((n + 100 / k) > 20, NULL, 100 / k))", "TRY(IF((n + 100 / k) > 20, element_at(ARRAY[k], 2), 100 / k))"},
		{"both", "coalesce(nullif(n % 3, 1), 100)", "IF(n IS NULL OR n % 3 = 1, 100, n % 3)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 3))
			form, typ := compile(t, c.form)
			plain, _ := compile(t, c.plain)
			given := 0
			for range 300 {
				few := fixtureBatch(t, random.IntN(2) == 0)
				kinds := 1 + random.IntN(few.Len) // so that all rows may be alike
				begin := random.IntN(9)
				rows := make([]int32, begin+1+random.IntN(40))
				for i := range rows {
					rows[i] = int32(few.Len-kinds) + random.Int32N(int32(kinds))
				}
				b := &batch.Batch{Len: len(rows) - begin}
				for _, column := range few.Columns {
					a := batch.Take(column.Array, rows)
					b.Columns = append(b.Columns, batch.Vector{Array: array.NewSlice(a, int64(begin), int64(len(rows)))})
				}
				want, wantErr := plain.Eval(b)
				got, err := form.Eval(b)
				if wantErr != nil {
					require.EqualError(t, err, wantErr.Error())
					continue
				}
				given++
				require.NoError(t, err)
				require.Equal(t, values(typ, want, b.Len), values(typ, got, b.Len))
			}
			require.Greater(t, given, 50)
		})
	}
}
