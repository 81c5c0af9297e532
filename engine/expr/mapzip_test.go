package expr_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestZippedMaps compares map_zip_with with a look for each key in both maps, of rows chosen at random, in slices that begin anywhere.
func TestZippedMaps(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	const plain = `map_from_entries(transform(map_keys(%a) || filter(map_keys(%b), w -> NOT contains(map_keys(%a), w)),
		w -> ROW(w, CAST(w AS varchar) || '/' || coalesce(element_at(%a, w), '-') || '/' || coalesce(element_at(%b, w), '-'))))`
	const zipped = `map_zip_with(%a, %b, (w, x, y) -> CAST(w AS varchar) || '/' || coalesce(x, '-') || '/' || coalesce(y, '-'))`
	texts := map[string]string{
		"column":           "m",
		"some of it":       "map_filter(m, (k, v) -> k > 'H')",
		"other way round":  "map_from_entries(reverse(map_entries(m)))",
		"keys of its own":  "map_concat(m, MAP(ARRAY[coalesce(s, 'none'), 'q'], ARRAY[u, NULL]))",
		"other values":     "transform_values(m, (k, v) -> IF(n > 0, u))",
		"no entries":       "map_filter(m, (k, v) -> false)",
		"same for all":     "MAP(ARRAY['Get', 'Put', 'none'], ARRAY['one', 'two', NULL])",
		"none for all":     "CAST(MAP() AS map(varchar, varchar))",
		"NULL for some":    "IF(n > 0, m)",
		"one of each text": "MAP(ARRAY[coalesce(u, '?')], ARRAY[s])",
	}
	integers := map[string]string{
		"integers": "MAP(ARRAY[coalesce(n, 5), 100], ARRAY[s, u])", "others": "MAP(ARRAY[coalesce(k, 5)], ARRAY[u])", "same integers for all": "MAP(ARRAY[0, 1, 100], ARRAY['x', 'y', 'z'])",
		"doubles": "MAP(ARRAY[coalesce(d, 5e0), 1e9], ARRAY[s, u])",
	}
	for _, maps := range []map[string]string{texts, integers} {
		for leftName, left := range maps {
			for rightName, right := range maps {
				t.Run(leftName+" and "+rightName, func(t *testing.T) {
					random := rand.New(rand.NewPCG(11, 4))
					of := strings.NewReplacer("%a", left, "%b", right)
					zip, typ := compile(t, of.Replace(zipped))
					look, _ := compile(t, of.Replace(plain))
					for range 20 {
						few := fixtureBatch(t, random.IntN(2) == 0)
						begin := random.IntN(4)
						rows := make([]int32, begin+1+random.IntN(12))
						for i := range rows {
							rows[i] = random.Int32N(int32(few.Len))
						}
						b := &batch.Batch{Len: len(rows) - begin}
						for _, column := range few.Columns {
							a := batch.Take(column.Array, rows)
							b.Columns = append(b.Columns, batch.Vector{Array: array.NewSlice(a, int64(begin), int64(len(rows)))})
						}
						want, err := look.Eval(b)
						require.NoError(t, err)
						got, err := zip.Eval(b)
						require.NoError(t, err)
						require.Equal(t, values(typ, want, b.Len), values(typ, got, b.Len))
					}
				})
			}
		}
	}
}

// TestZippedNaNs: a NaN is no key of another map, though the two are not distinct.
func TestZippedNaNs(t *testing.T) {
	zip, typ := compile(t, "cardinality(map_zip_with(MAP(ARRAY[coalesce(d, 0e0) + nan()], ARRAY[1]), MAP(ARRAY[nan()], ARRAY[2]), (w, x, y) -> x))")
	b := fixtureBatch(t, false)
	got, err := zip.Eval(b)
	require.NoError(t, err)
	for _, v := range values(typ, got, b.Len) {
		require.EqualValues(t, 2, v.V)
	}
}
