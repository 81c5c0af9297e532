package expr_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// TestArrayLengthOfWhatIsExtracted compares lengths of arrays that are counted where they stand with those of arrays that were
// extracted before, in texts of which many are malformed or have something else there.
func TestArrayLengthOfWhatIsExtracted(t *testing.T) {
	whole := []string{
		`{"a":[1,{"b":[]},"x\u00e9\"]"],"c":2}`, `{"x":{"a":[]}, "a" : [ [1.5e3,-0],null , true ] }`, `{"a":{"b":[1,2]}}`, `[[1,2],[3,{"a":[3]}]]`, `{"a":"[1]"}`, `{"a":[1,2,]}`, `{"a":[`, `[]`, `7`,
		`{"a":[01]}`, `{"a":["\ud83d","\q"]}`, `{"a":[1],"a":[1,2]}`, `{"a":[tru]}`, `{"a":[1]`, "", `{"a":[1e999, 1.]}`,
	}
	random := rand.New(rand.NewPCG(3, 14))
	list := whole
	for range 20_000 {
		text := []byte(whole[random.IntN(len(whole))])
		for range random.IntN(3) {
			if len(text) > 0 {
				text[random.IntN(len(text))] = `[]{}",:\a1e-. `[random.IntN(14)]
			}
		}
		list = append(list, string(text))
	}
	columns := make([]batch.Vector, len(fixture))
	columns[0] = batch.Vector{Array: textColumn(t, list, nil, false)}
	b := &batch.Batch{Len: len(list), Columns: columns}
	for _, path := range []string{"$.a", "$", "$[1]", "$.a.b", "$[1][1].a", "$.a[1].b", "$.none"} {
		extracted, _ := compile(t, "json_extract(s, '"+path+"')")
		arrays, err := extracted.Eval(b)
		require.NoError(t, err)
		length, _ := compile(t, "json_array_length(s)")
		want, err := length.Eval(&batch.Batch{Len: b.Len, Columns: append([]batch.Vector{arrays}, columns[1:]...)})
		require.NoError(t, err)
		fused, _ := compile(t, "json_array_length(json_extract(s, '"+path+"'))")
		got, err := fused.Eval(b)
		require.NoError(t, err)
		wanted, given := values(types.BigIntType, want, b.Len), values(types.BigIntType, got, b.Len)
		counted := 0
		for i := range wanted {
			require.Equal(t, wanted[i], given[i], "%s of %q", path, list[i])
			if !given[i].IsNull() {
				counted++
			}
		}
		require.Equal(t, path != "$.none", counted > 10, path)
	}
}
