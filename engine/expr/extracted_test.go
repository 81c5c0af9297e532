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

// TestArrayLengthOfWhatIsExtracted compares lengths of arrays that are counted where they stand with those of arrays that were
// extracted before, in texts of which many are malformed or have something else there.
func TestArrayLengthOfWhatIsExtracted(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	list := textsToExtract(20_000)
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

// textsToExtract are some texts, and so many in which letters of these are replaced by others.
func textsToExtract(more int) []string {
	whole := []string{
		`{"a":[1,{"b":[]},"x\u00e9\"]"],"c":2}`, `{"x":{"a":[]}, "a" : [ [1.5e3,-0],null , true ] }`, `{"a":{"b":[1,2]}}`, `[[1,2],[3,{"a":[3]}]]`, `{"a":"[1]"}`, `{"a":[1,2,]}`, `{"a":[`, `[]`, `7`,
		`{"a":[01]}`, `{"a":["\ud83d","\q"]}`, `{"a":[1],"a":[1,2]}`, `{"a":[tru]}`, `{"a":[1]`, "", `{"a":[1e999, 1.]}`,
	}
	random := rand.New(rand.NewPCG(3, 14))
	list := whole
	for range more {
		text := []byte(whole[random.IntN(len(whole))])
		for range random.IntN(3) {
			if len(text) > 0 {
				text[random.IntN(len(text))] = `[]{}",:\a1e-. `[random.IntN(14)]
			}
		}
		list = append(list, string(text))
	}
	return list
}

// TestReadsOfWhatIsExtracted compares what is read of JSON where it stands in a text with what is read of it once json_extract has given it: the
// values, or the error of the first text that the cast refuses. The texts are a column, a dictionary or a constant.
func TestReadsOfWhatIsExtracted(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	odd := []string{
		`{"a":[]}`, `{"a":null}`, `{"b":1}`, `{"a":[1,2,3]}`, `{"a":[-7,3]}`, `{"a":[300,3]}`, `{"a":[null,1]}`, `{"a":["x","3"]}`, `{"a":[9223372036854775807,-9223372036854775808]}`,
		`{"a":[9223372036854775808]}`, `{"a":[ 1 , 2 ]}`, `{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"b":2}}`, `{"a":{"c":{"d":1}}}`, `{"a":[1.5,2]}`, `{"a":[true]}`,
		`{"a":["\ud83d\ude00","\ud83d","\ude00\u0041"]}`, `{"a":[-0,0,-0.0,1E2,10.50]}`, `{"a":[01]}`, `{"a":[1,-01]}`, `{"a":[1e999,-1e999,1e-999]}`, `{"a":{"b":1.0,"c":01}}`, `{"a":[{"c":1,"b":2,"c":3},[" "]]}`,
		`{"a":null x}`, `{"a":[1] x`, `{"a":[]}]`, ` {"\u0061" : [ "\u00e9é" , "3" ] } `, `{"a":{"1":"x","01":2}}`, `{"a":[Infinity,-Infinity]}`, `{"a":{"b":{"b":2},"B":3}}`, `[[3],3,{"a":3}]`, `{"a":3}`, `"3"`,
		`{"a":[12345678901234567890,0.1e-7]}`, `{"a":[` + strings.Repeat("[", 990) + strings.Repeat("]", 990) + `]}`, `{"a":[` + strings.Repeat(" [", 998) + strings.Repeat("]", 998) + `]}`,
	}
	const castByMost = 9 // of these
	texts := append(textsToExtract(2000), odd...)
	for _, c := range []struct {
		form, fused string
		refuses     bool
	}{
		{"CAST(%s AS array(bigint))", "extracted_$cast", true},
		{"cardinality(CAST(%s AS array(bigint)))", "extracted_$cast", true},
		{"TRY_CAST(%s AS array(tinyint))", "extracted_$try_cast", false},
		{"TRY(CAST(%s AS array(smallint)))", "extracted_$cast", false},
		{"CAST(%s AS array(varchar))", "extracted_$cast", true},
		{"CAST(CAST(%s AS array(json)) AS json)", "extracted_$cast", true},
		{"CAST(%s AS map(varchar, integer))", "extracted_$cast", true},
		{"CAST(%s AS row(b bigint, c varchar)).b", "extracted_$cast", true},
		{"CAST(%s AS array(double))", "extracted_$cast", true},
		{"CAST(%s AS array(boolean))", "extracted_$cast", true},
		{"CAST(%s AS array(decimal(6,2)))", "extracted_$cast", true},
		{"CAST(CAST(%s AS map(varchar, json)) AS json)", "extracted_$cast", true},
		{"TRY_CAST(%s AS map(integer, array(varchar)))", "extracted_$try_cast", false},
		{"CAST(CAST(%s AS row(b json, c real)) AS json)", "extracted_$cast", true},
		{"TRY(json_array_contains(%s, 3))", "extracted_json_array_contains", false},
		{"json_array_contains(%s, 3)", "extracted_json_array_contains", false},
		{"json_array_contains(%s, '3')", "extracted_json_array_contains", false},
		{"json_array_contains(%s, 9223372036854775807)", "extracted_json_array_contains", false},
		{"json_array_contains(%s, 1.5e0)", "", false},
		{"json_array_contains(%s, k)", "", false},
		{"CAST(%s AS varchar)", "", true},
	} {
		t.Run(c.form, func(t *testing.T) {
			random := rand.New(rand.NewPCG(20, 1))
			given, refused := 0, 0
			for range 250 {
				extract := "json_extract(s, '" + []string{"$.a", "$.a", "$.a", "$", "$[0]", "$.a[0]"}[random.IntN(6)] + "')"
				form := strings.ReplaceAll(c.form, "%s", extract)
				atOnce, typ := compile(t, form)                                                                            // one that was asked before may leave what follows to json_extract
				inTurn, _ := compile(t, "CASE WHEN s = '-' AND json_format("+extract+") = '' THEN NULL ELSE "+form+" END") // asks for the value twice
				requireExtracts(t, c.fused, atOnce)
				requireExtracts(t, "", inTurn)
				list := make([]string, 1+random.IntN(7))
				valid := arrowdata.FullValidity(len(list))
				from := [][]string{odd[:castByMost], odd[:castByMost-1], odd, texts}[random.IntN(4)]
				for i := range list {
					list[i] = from[random.IntN(len(from))]
					if random.IntN(5) == 0 {
						arrowdata.ClearBit(valid, i)
					}
				}
				columns := slices.Clone(fixtureBatch(t, false).Columns)
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
			require.Greater(t, given, 15)
			require.Equal(t, c.refuses, refused > 15)
		})
	}
}

// requireExtracts: an evaluator calls that function in place of json_extract, or "" for json_extract.
func requireExtracts(t *testing.T, name string, e expr.Evaluator) {
	names := expr.CallNames(e)
	require.Equal(t, name != "", slices.Contains(names, name), "%v", names)
	require.Equal(t, name == "", slices.Contains(names, "json_extract"), "%v", names)
}

// TestLongExtracted: a value that is extracted is refused for its length, whatever is read of it.
func TestLongExtracted(t *testing.T) {
	const longest = 120
	for _, form := range []string{"cardinality(CAST(%s AS array(varchar)))", "json_array_contains(%s, 'x')"} {
		t.Run(form, func(t *testing.T) {
			form = strings.ReplaceAll(form, "%s", "json_extract(s, '$.a')")
			inTurn := "CASE WHEN s = '-' AND json_format(json_extract(s, '$.a')) = '' THEN NULL ELSE " + form + " END"
			given, refused := 0, 0
			for _, more := range []string{"", `,"é"`, strings.Repeat(",1e6", 13), " , 1"} { // what is written anew may be longer or shorter
				for length := range longest {
					text := `{"a":["` + strings.Repeat("x", length) + `"` + more + `]}`
					columns := make([]batch.Vector, len(fixture))
					columns[0] = batch.Vector{Array: textColumn(t, []string{`{"a":["x"]}`, text}, nil, false)}
					b := &batch.Batch{Len: 2, Columns: columns}
					atOnce, typ := compileLimited(t, form, longest)
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
