package expr_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPartsOfParsed compares what one function reads of JSON texts with json_parse, the cast and what takes its value one after the other: the
// values, or the error of the first text that one of them refuses. The texts are a column, a dictionary with a text besides that no row has
// and that is no JSON, or a constant.
func TestPartsOfParsed(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	texts := []string{
		`{"a":"x","b":[{"c":1},{"c":2}],"d":[1,2,3]}`, `{"a":{"a":1,"b":null},"b":7}`, `{"a":null}`, `{"b":true}`, `{}`, `{"B":"y","a":12}`, // plain
		`{"d":1,"a":"x","b":2}`, ` {"a" : 1.50 , "b": "é" } `, `{"a":"x\u0041"}`, `{"A":"upper","b":-0}`, `{"a":{"z":1,"y":2},"b":1}`, // written anew
		`{"a":1,"a":2,"b":3}`, `{"A":1,"a":2}`, `[1,"x"]`, `["x"]`, `null`, `"a"`, `7`, `{"a":[1],"b":{}}`, `{"b":"1","c":"2"}`, // not all are cast
		`{"a":1`, `{"a":01}`, ``, // no JSON
	}
	const plain, parsed, cast = 6, 11, 20
	forms := []string{
		"json_format(element_at(CAST(%s AS map(varchar, json)), 'a'))", "json_format(CAST(%s AS map(varchar, json))['b'])", "json_format(element_at(TRY_CAST(%s AS map(varchar, json)), 'd'))",
		"TRY(json_format(CAST(%s AS map(varchar, json))['a']))",
	}
	random := rand.New(rand.NewPCG(22, 7))
	for _, form := range forms {
		t.Run(form, func(t *testing.T) {
			form = strings.ReplaceAll(form, "%s", "json_parse(s)")
			atOnce, typ := compile(t, form)
			other := "CAST"
			if strings.Contains(form, "TRY_CAST(json_parse") {
				other = "TRY_CAST"
			}
			inTurn, _ := compile(t, "CASE WHEN s = '-' AND cardinality("+other+"(json_parse(s) AS array(json))) > 0 THEN NULL ELSE "+form+" END") // asks for the value twice
			requireFused(t, true, atOnce)
			requireFused(t, false, inTurn)
			given, refused := 0, 0
			for range 500 {
				atOnce, _ = compile(t, form) // the one before may leave what follows to json_parse
				list := make([]string, 1+random.IntN(7))
				valid := arrowdata.FullValidity(len(list))
				kinds := []int{plain, plain, parsed, cast, len(texts)}[random.IntN(5)]
				for i := range list {
					list[i] = texts[random.IntN(kinds)]
					if random.IntN(5) == 0 {
						arrowdata.ClearBit(valid, i)
					}
				}
				columns := make([]batch.Vector, len(fixture))
				columns[0] = batch.Vector{Array: textColumn(t, list, valid, random.IntN(3) == 0)}
				if random.IntN(5) == 0 {
					columns[0] = batch.Vector{Array: textColumn(t, list[:1], valid, false), Const: true}
				}
				b := &batch.Batch{Len: len(list), Columns: columns}
				want, wantErr := inTurn.Eval(b)
				got, err := atOnce.Eval(b)
				if wantErr != nil {
					refused++
					require.Equal(t, types.ErrorName(wantErr), types.ErrorName(err), "%q", list)
					require.EqualError(t, err, wantErr.Error(), "%q", list)
					continue
				}
				given++
				require.NoError(t, err, "%q", list)
				require.Equal(t, values(typ, want, b.Len), values(typ, got, b.Len), "%q", list)
			}
			require.Greater(t, given, 10)
			require.Equal(t, !strings.HasPrefix(form, "TRY("), refused > 10)
		})
	}
}

// requireFused: an evaluator calls parsed_member in place of json_parse, or json_parse.
func requireFused(t *testing.T, isFused bool, e expr.Evaluator) {
	names := expr.CallNames(e)
	require.Equal(t, isFused, slices.Contains(names, "parsed_member"), "%v", names)
	parses := func(name string) bool { return name == types.FnJSONTextForCast || name == "json_parse" }
	require.Equal(t, !isFused, slices.ContainsFunc(names, parses), "%v", names)
}

// TestLongPartsOfParsed: a text is refused for the length of a value that json_parse or the cast makes of it, whatever is read of that.
func TestLongPartsOfParsed(t *testing.T) {
	const longest = 120
	for _, form := range []string{"element_at(CAST(%s AS map(varchar, json)), 'a')", "CAST(%s AS map(varchar, json))['a']"} {
		t.Run(form, func(t *testing.T) {
			form = strings.ReplaceAll(form, "%s", "json_parse(s)")
			inTurn := "CASE WHEN s = '-' AND cardinality(CAST(json_parse(s) AS array(json))) > 0 THEN NULL ELSE " + form + " END"
			given, refused := 0, 0
			for _, members := range []string{"", `,"b":1`, `,"b":1,"c":2,"d":3,"e":4,"f":5,"g":6,"h":7,"i":8`} {
				for length := range longest {
					text := `{"a":7` + members + `,"z":"` + strings.Repeat("x", length) + `"}`
					columns := make([]batch.Vector, len(fixture))
					columns[0] = batch.Vector{Array: textColumn(t, []string{`{"a":1}`, text}, nil, false)}
					b := &batch.Batch{Len: 2, Columns: columns}
					atOnce, typ := compileLimited(t, form, longest) // each time, as it may remember a text
					other, _ := compileLimited(t, inTurn, longest)
					want, wantErr := other.Eval(b)
					got, err := atOnce.Eval(b)
					if wantErr != nil {
						refused++
						require.EqualError(t, err, wantErr.Error(), text)
						require.Equal(t, types.ExceededFunctionMemory, types.ErrorName(err), text)
						continue
					}
					given++
					require.NoError(t, err, text)
					require.Equal(t, values(typ, want, b.Len), values(typ, got, b.Len), text)
				}
			}
			require.Greater(t, given, 20)
			require.Greater(t, refused, 20)
		})
	}
}
