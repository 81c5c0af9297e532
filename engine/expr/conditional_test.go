package expr_test

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestCoalesceOfRows: rows chosen at random, in slices that begin anywhere, give what IF gives.
func TestCoalesceOfRows(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 9))
	for _, c := range []struct{ coalesce, plain string }{
		{"coalesce(n, k, 7)", "IF(n IS NOT NULL, n, IF(k IS NOT NULL, k, 7))"},
		{"coalesce(s, u)", "IF(s IS NOT NULL, s, u)"},
		{"coalesce(s, u, 'none')", "IF(s IS NOT NULL, s, IF(u IS NOT NULL, u, 'none'))"},
		{"coalesce(NULL, n, 100 / k, 5)", "IF(n IS NOT NULL, n, IF(100 / k IS NOT NULL, 100 / k, 5))"},
		{"coalesce(n, k) IS NULL", "IF(n IS NULL, k IS NULL, false)"},
		{"coalesce(s, u, 'none') IS NULL", "false"},
		{"coalesce(n, 100 / k) IS NOT NULL", "IF(n IS NULL, 100 / k IS NOT NULL, true)"},
		{"coalesce(b, n > 3)", "IF(b IS NOT NULL, b, n > 3)"},
		{"coalesce(m, MAP(ARRAY['z'], ARRAY[s]))", "IF(m IS NOT NULL, m, MAP(ARRAY['z'], ARRAY[s]))"},
		{"coalesce(r, ROW(n, u))", "IF(r IS NOT NULL, r, ROW(n, u))"},
	} {
		coalesce, typ := compile(t, c.coalesce)
		plain, _ := compile(t, c.plain)
		for range 60 {
			few := fixtureBatch(t, random.IntN(2) == 0)
			rows := make([]int32, 9+random.IntN(40))
			for i := range rows {
				if rows[i] = int32(random.IntN(few.Len)); rows[i] == 4 || rows[i] == 5 { // where k is 0, which fails where n is NULL
					rows[i] = []int32{1, 2, 4}[random.IntN(3)]
				}
			}
			begin := random.IntN(9)
			b := &batch.Batch{Len: len(rows) - begin}
			for _, column := range few.Columns {
				a := batch.Take(column.Array, rows)
				b.Columns = append(b.Columns, batch.Vector{Array: array.NewSlice(a, int64(begin), int64(len(rows)))})
			}
			want, err := plain.Eval(b)
			require.NoError(t, err, c.coalesce)
			got, err := coalesce.Eval(b)
			require.NoError(t, err, c.coalesce)
			require.Equal(t, values(typ, want, b.Len), values(typ, got, b.Len), c.coalesce)
		}
	}
}
