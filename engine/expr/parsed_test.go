package expr_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPartsOfParsed compares what one function reads of JSON texts with json_parse, the cast and what takes its value one after the other: the
// values, or the error of the first text that one of them refuses.
func TestPartsOfParsed(t *testing.T) {
	texts := []string{
		`{"a":"x","b":[{"c":1},{"c":2}],"d":[1,2,3]}`, `{"a":{"a":1,"b":null},"b":7}`, `{"a":null}`, `{"b":true}`, `{}`, `{"B":"y","a":12}`, // plain
		`{"d":1,"a":"x","b":2}`, ` {"a" : 1.50 , "b": "é" } `, `{"a":"x\u0041"}`, `{"A":"upper","b":-0}`, `{"a":{"z":1,"y":2},"b":1}`, // written anew
		`{"a":1,"a":2,"b":3}`, `{"A":1,"a":2}`, `[1,"x"]`, `["x"]`, `null`, `"a"`, `7`, `{"a":[1],"b":{}}`, `{"b":"1","c":"2"}`, // not all are cast
		`{"a":1`, `{"a":01}`, ``, // no JSON
	}
	const plain, parsed, cast = 6, 11, 20
	forms := []string{
		"json_format(element_at(CAST(%s AS map(varchar, json)), 'a'))", "json_format(CAST(%s AS map(varchar, json))['b'])", "json_format(element_at(TRY_CAST(%s AS map(varchar, json)), 'd'))",
		"TRY(json_format(CAST(%s AS map(varchar, json))['a']))", "CAST(%s AS row(a varchar)).a", "CAST(%s AS row(b varchar, a json)).b", "TRY_CAST(%s AS row(a bigint, b boolean)).a", "TRY(CAST(%s AS row(b integer)).b)",
		"CAST(CAST(%s AS row(c bigint, a varchar, b json)) AS json)", "CAST(%s AS row(A varchar)).A", "CAST(%s AS row(varchar, bigint))[1]",
	}
	random := rand.New(rand.NewPCG(22, 7))
	for _, form := range forms {
		t.Run(form, func(t *testing.T) {
			form = strings.ReplaceAll(form, "%s", "json_parse(s)")
			atOnce, typ := compile(t, form)
			inTurn, _ := compile(t, "CASE WHEN s = '-' AND cardinality(CAST(json_parse(s) AS array(json))) > 0 THEN NULL ELSE "+form+" END") // asks for the value twice
			given, refused := 0, 0
			for range 1500 {
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
				columns[0] = batch.Vector{Array: textColumn(t, list, valid, false)}
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
			require.Greater(t, given, 50)
			require.Equal(t, !strings.HasPrefix(form, "TRY("), refused > 50)
		})
	}
}
