package exec_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/auditlake/auditlake/internal/process"
)

// mapped is a store with an id and two maps: NULL, empty, of a few keys, with
// NULL values and, as other writers may leave them, keys that come twice.
func mapped(t *testing.T, rows int, random *rand.Rand) *conformance.Source {
	mapType := types.MapOf(types.VarcharType, types.VarcharType)
	table := &conformance.Table{Rows: rows, Meta: &metadata.Table{Name: "mapped", Store: true, Columns: []metadata.Column{
		{Name: "id", Type: types.BigIntType}, {Name: "m", Type: mapType}, {Name: "n", Type: mapType}}}}
	ids := make([]types.Value, rows)
	for i := range ids {
		ids[i] = types.Value{Type: types.BigIntType, V: int64(i)}
	}
	a, err := function.ArrayOf(types.BigIntType, ids)
	require.NoError(t, err)
	table.Columns = []arrow.Array{a, randomMaps(t, rows, random), randomMaps(t, rows, random)}
	return &conformance.Source{Tables: map[string]*conformance.Table{"mapped": table}, GroupRows: 32}
}

func randomMaps(t *testing.T, rows int, random *rand.Rand) arrow.Array {
	var keys, values []types.Value
	offsets, valid := []int32{0}, arrowdata.FullValidity(rows)
	for i := range rows {
		if random.IntN(5) == 0 {
			arrowdata.ClearBit(valid, i)
		} else {
			for range random.IntN(4) {
				keys = append(keys, types.Value{Type: types.VarcharType, V: []string{"a", "b", "it's", "z"}[random.IntN(4)]})
				value := types.Null(types.VarcharType)
				if random.IntN(4) > 0 {
					value.V = fmt.Sprint(random.IntN(3))
				}
				values = append(values, value)
			}
		}
		offsets = append(offsets, int32(len(keys)))
	}
	k, err := function.ArrayOf(types.VarcharType, keys)
	require.NoError(t, err)
	v, err := function.ArrayOf(types.VarcharType, values)
	require.NoError(t, err)
	return batch.FromMaps(offsets, valid, k, v)
}

// mapExpression writes a random expression over the maps; most do not need all
// of a map.
func mapExpression(random *rand.Rand, of string) string {
	column := of + []string{"m", "n"}[random.IntN(2)]
	key := []string{"'a'", "'b'", "'it''s'", "'none'"}[random.IntN(4)]
	switch random.IntN(12) {
	case 0, 1, 2:
		return "element_at(" + column + ", " + key + ")"
	case 3:
		return "TRY(" + column + "[" + key + "])"
	case 4:
		return "IF(contains(map_keys(" + column + "), " + key + "), " + column + "[" + key + "], 'none')"
	case 5:
		return "CAST(cardinality(" + column + ") AS varchar)"
	case 6:
		return "array_join(array_sort(map_keys(" + column + ")), ',')"
	case 7:
		return "CAST(" + column + " IS NULL AS varchar)"
	case 8:
		return "CASE WHEN " + column + " IS NOT NULL THEN element_at(" + column + ", " + key + ") ELSE 'gone' END"
	case 9:
		return "array_join(transform(ARRAY[1, 2], i -> element_at(" + column + ", " + key + ") || CAST(i AS varchar)), '+')"
	case 10:
		return "element_at(" + column + ", element_at(" + of + "n, " + key + "))"
	}
	return "element_at(" + column + ", " + key + ") || element_at(" + column + ", 'b')"
}

// TestMapEntriesChangeNoAnswer runs random statements over maps as they are
// analysed and optimised.
func TestMapEntriesChangeNoAnswer(t *testing.T) {
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(5, 5))
	source := mapped(t, 200, random)
	narrowed, lists := 0, 0
	for range 600 {
		x, y := mapExpression(random, ""), mapExpression(random, "")
		where := fmt.Sprintf("%s %s '%d'", mapExpression(random, ""), []string{"=", "<>", "<"}[random.IntN(3)], random.IntN(3))
		var sql string
		switch random.IntN(8) {
		case 0:
			sql = "SELECT " + x + ", count(*), max(" + y + ") FROM mapped WHERE " + where + " GROUP BY 1"
		case 1:
			sql = "SELECT id, x FROM (SELECT id, m AS n, n AS m, " + x + " AS x FROM mapped) WHERE " + where
		case 2:
			sql = "SELECT id, " + x + " FROM mapped WHERE " + where + " ORDER BY id DESC LIMIT 7"
		case 3:
			sql = "SELECT a.id, " + mapExpression(random, "a.") + " FROM mapped a JOIN mapped b ON a.id = b.id AND " + mapExpression(random, "b.") + " = '1'"
		case 4:
			sql = "SELECT id, m, " + x + " FROM mapped WHERE " + where
		case 5:
			sql = "SELECT id, " + x + " FROM mapped UNION ALL SELECT id, " + y + " FROM mapped WHERE " + where
		case 6:
			sql = "SELECT id, m[" + []string{"'a'", "'none'"}[random.IntN(2)] + "] FROM mapped WHERE " + where + " AND element_at(m, 'a') IS NOT NULL"
		default:
			sql = "SELECT id, " + x + ", " + y + " FROM mapped WHERE " + where
		}
		want, wantErr := (&runner{source: source}).run(sql)
		r := &runner{source: source, optimize: true}
		got, err := r.run(sql)
		require.Equal(t, types.ErrorName(wantErr), types.ErrorName(err), sql)
		if wantErr != nil {
			continue
		}
		require.NoError(t, err, sql)
		require.ElementsMatch(t, want.Rows, got.Rows, sql)
		out, err := r.plan(sql)
		require.NoError(t, err)
		text := plan.Format(out)
		if strings.Contains(text, "m['") || strings.Contains(text, "n['") {
			narrowed++
		}
		if strings.Contains(text, ".key") {
			lists++
		}
	}
	require.Greater(t, narrowed, 200)
	require.Greater(t, lists, 50)
}
