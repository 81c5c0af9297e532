package expr_test

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
)

// rowsOfData are columns of unlike rows: arrays and maps of many lengths, NULLs
// among rows and elements.
const rowsOfData = `(VALUES
	(1, ARRAY[3, 1, 2], ARRAY['b', 'a'], MAP(ARRAY['x', 'y'], ARRAY[1, 2]), 'a1,b2,c3'),
	(2, ARRAY[], ARRAY[], MAP(ARRAY[], ARRAY[]), ''),
	(3, NULL, NULL, NULL, NULL),
	(4, ARRAY[NULL, 7, 7, -1, 0, 5, 4, 9, 8], ARRAY[NULL], MAP(ARRAY['y'], ARRAY[NULL]), 'no digits'),
	(5, ARRAY[2], ARRAY['a', 'c', 'a', 'b', NULL, 'z'], MAP(ARRAY['z', 'x', 'w'], ARRAY[9, 8, 7]), 'x99'),
	(6, ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], ARRAY['c'], MAP(ARRAY['x'], ARRAY[0]), 'a1a1a1')
) t (n, a, s, m, text)`

var rowExpressions = []string{
	"transform(a, x -> x * n)", "filter(a, x -> x > n)", "filter(s, x -> x <> 'a')", "transform(s, x -> concat(x, text))",
	"any_match(a, x -> x = n)", "all_match(a, x -> x < 100)", "none_match(a, x -> x = 7)", "any_match(a, x -> 10 / (8 - x) > 0)",
	"reduce(a, 0, (sum, x) -> sum + coalesce(x, n), sum -> sum * n)", "reduce(s, '', (all, x) -> concat(all, x), all -> all)",
	"array_sort(a, (x, y) -> IF(x > y, -1, IF(x < y, 1, IF(x = y, 0, IF(x IS NULL, IF(y IS NULL, 0, 1), -1)))))",
	"array_sort(a)", "array_sort(s)", "array_distinct(a)", "array_max(a)", "array_min(s)", "array_position(a, 7)", "contains(a, n)", "contains(s, 'a')",
	"array_union(a, transform(a, x -> x + 1))", "array_except(a, ARRAY[1, 7])", "array_intersect(a, ARRAY[7, 1, n])", "arrays_overlap(a, ARRAY[n, 7])",
	"array_remove(a, 7)", "array_join(s, '-', '?')", "array_join(a, text)", "slice(a, 2, n)", "slice(a, -2, 2)", "reverse(a)", "cardinality(a)", "cardinality(m)",
	"zip(a, s)", "zip_with(a, s, (x, y) -> concat(cast(x AS varchar), y))", "flatten(ARRAY[a, a, ARRAY[n]])", "flatten(ARRAY[s, ARRAY[text], s])", "s || text || s", "array_join(s, text, text)", "ngrams(a, 2)", "combinations(a, 2)", "repeat(n, n)",
	"sequence(1, n)", "concat(a, n)", "array_histogram(s)", "contains_sequence(a, ARRAY[7, -1])", "element_at(a, n)", "element_at(a, -1)",
	"element_at(m, 'x')", "element_at(m, IF(n = 5, 'w', 'y'))", "map_keys(m)", "map_values(m)", "map_entries(m)", "map_concat(m, MAP(ARRAY['x'], ARRAY[n]))",
	"map_filter(m, (k, v) -> v > 1)", "transform_values(m, (k, v) -> v + n)", "transform_keys(m, (k, v) -> concat(k, text))",
	"map_zip_with(m, MAP(ARRAY['x', 'q'], ARRAY[n, n]), (k, v, w) -> coalesce(v, 0) + coalesce(w, 100))", "map_from_entries(map_entries(m))",
	"multimap_from_entries(filter(zip(s, a), r -> r[1] IS NOT NULL))", "split(text, ',')", "split_part(text, ',', n)", "regexp_extract_all(text, '([a-z])([0-9])', 2)", "regexp_split(text, '[0-9]')",
	"regexp_replace(text, '([a-z])(\\d)', '$2$1')", "regexp_replace(text, '([a-z])([0-9])', g -> concat(g[2], g[1], cast(n AS varchar)))", "regexp_count(text, '')",
	"concat_ws(',', text, cast(n AS varchar))", "concat_ws(text, s)", "format('%s|%05d', text, n)", "transform(a, x -> transform(s, y -> concat(cast(x AS varchar), y)))",
	"filter(a, x -> contains(a, x + n))", "transform(ARRAY[1, 2], x -> x + n)", "zip_with(ARRAY[1, 2], a, (x, y) -> x + y)", "reduce(ARRAY[1, 2], n, (p, x) -> p * x, p -> p)",
}

// TestRowsTogetherAndAlone: a function gives each row of a column the answer
// that the row has alone, also when texts are dictionary-encoded at any depth.
func TestRowsTogetherAndAlone(t *testing.T) {
	for _, expression := range rowExpressions {
		t.Run(expression, func(t *testing.T) {
			stmt, err := parse.Statement("SELECT " + expression + " FROM " + rowsOfData)
			require.NoError(t, err)
			node, err := analyze.Statement(context.Background(), stmt, noTables{}, function.New(), session)
			require.NoError(t, err)
			top := node.(*plan.Output).Input.(*plan.Project)
			all := inputOf(t, top.Input)
			layout := map[int]int{}
			for i, c := range top.Input.Columns() {
				layout[c.ID] = i
			}
			item := top.Items[0]
			together, err := evaluate(item.Expr, all, layout)
			require.NoError(t, err)
			codes := &batch.Batch{Len: all.Len}
			for _, c := range all.Columns {
				codes.Columns = append(codes.Columns, batch.Vector{Array: encodeTexts(t, c.Array)})
			}
			encoded, err := evaluate(item.Expr, codes, layout)
			require.NoError(t, err)
			for row := range all.Len {
				one := &batch.Batch{Len: 1}
				for _, c := range all.Columns {
					one.Columns = append(one.Columns, batch.Vector{Array: array.NewSlice(c.Array, int64(row), int64(row)+1)})
				}
				alone, err := evaluate(item.Expr, one, layout)
				require.NoError(t, err)
				text := func(v batch.Vector, row int) string {
					return string(answer.AppendJSON(nil, item.Column.Type, batch.Decode(v.Array), v.At(row)))
				}
				require.Equal(t, text(alone, 0), text(together, row), "row %d", row)
				require.Equal(t, text(alone, 0), text(encoded, row), "row %d, encoded", row)
			}
		})
	}
}

// inputOf runs VALUES and the projections over it.
func inputOf(t *testing.T, n plan.Node) *batch.Batch {
	switch n := n.(type) {
	case *plan.Values:
		out := &batch.Batch{Len: len(n.Rows)}
		for c := range n.Cols {
			parts := make([]arrow.Array, len(n.Rows))
			for r, row := range n.Rows {
				v, err := evaluate(row[c], &batch.Batch{Len: 1}, nil)
				require.NoError(t, err)
				parts[r] = v.Array
			}
			out.Columns = append(out.Columns, batch.Vector{Array: batch.Concat(parts)})
		}
		return out
	case *plan.Project:
		in := inputOf(t, n.Input)
		layout := map[int]int{}
		for i, c := range n.Input.Columns() {
			layout[c.ID] = i
		}
		out := &batch.Batch{Len: in.Len}
		for _, item := range n.Items {
			v, err := evaluate(item.Expr, in, layout)
			require.NoError(t, err)
			out.Columns = append(out.Columns, batch.Vector{Array: batch.Expand(v, in.Len)})
		}
		return out
	}
	require.Failf(t, "no execution", "%T", n)
	return nil
}

// encodeTexts gives the texts in a, at any depth, a dictionary with a value that
// occurs twice.
func encodeTexts(t testing.TB, a arrow.Array) arrow.Array {
	switch x := a.(type) {
	case *array.String:
		values, codes := []string{"unused", "a", "a"}, make([]int32, x.Len())
		for i := range codes {
			if x.IsNull(i) {
				continue
			}
			codes[i] = int32(len(values))
			if x.Value(i) == "a" {
				codes[i] = int32(1 + i%2)
				continue
			}
			values = append(values, x.Value(i))
		}
		dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, values, nil)
		require.NoError(t, err)
		return batch.FromCodes(codes, arrowdata.Validity(x), dictionary)
	case *array.Map:
		offsets, keys, values := batch.Maps(x)
		return batch.FromMaps(offsets, arrowdata.Validity(x), encodeTexts(t, keys), encodeTexts(t, values))
	case *array.List:
		offsets, elems := batch.Lists(x)
		return batch.FromLists(offsets, arrowdata.Validity(x), encodeTexts(t, elems))
	case *array.Struct:
		fields := batch.Fields(x)
		for i, f := range fields {
			fields[i] = encodeTexts(t, f)
		}
		return batch.FromFields(x.DataType().(*arrow.StructType), x.Len(), arrowdata.Validity(x), fields)
	}
	return a
}
