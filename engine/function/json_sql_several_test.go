package function

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// TestSeveralSQLPaths: calls that find members by one walk through a text give what each gives alone, of plain texts, of others, and
// of broken ones.
func TestSeveralSQLPaths(t *testing.T) {
	texts := []string{
		`{"a":{"b":{"c":"x\u0041\ud83d\ude00"},"e f":"é"},"b":1.50,"a b":[{"a":1}]}`, ` { "a" : { "b" : { "c" : 2 } } , "b" : true } x`, `{"a":{"b":1},"a":{"b":{"c":null}}}`,
		`{"a":[{"b":{"c":3}},{"b":{"c":4}}],"b":"\x"}`, `{"a":[{"b":{"c":3}},{"b":5}],"b":"y"}`, `{"a":"b","b":01}`, `{"a":"\ud800","b":123456789012345678901}`, `[{"a":1}]`, `"a"`, ``, `{"\u0061":7,"b":{}}`, `{"a":1}}`,
	}
	for _, text := range texts {
		for end := range len(text) {
			texts = append(texts, text[:end])
		}
	}
	random := rand.New(rand.NewPCG(12, 7))
	for range 1000 {
		text := randomPlainJSON(random, 3)
		texts = append(texts, text, strings.NewReplacer(`{`, `{ `, `"xy"`, `"x\u0079"`).Replace(text))
	}
	valid := arrowdata.FullValidity(len(texts))
	arrowdata.ClearBit(valid, 1)
	column, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
	require.NoError(t, err)

	var calls []*types.Resolved
	var kernels []Kernel
	var all [][]batch.Vector
	for _, path := range []string{"$.a", "$.b", "$.a.b", "$.a.b.c", `$.a."e f"`, "$.none", "$.none.a", `$."a b".a`, "$.c.a"} {
		for _, name := range []string{sqljson.ValueFunction, sqljson.QueryFunction, sqljson.ExistsFunction, sqljson.CaseFunction} {
			settings := sqljson.Settings{Path: "lax " + path, OnError: map[string]string{sqljson.ExistsFunction: "TRUE", sqljson.QueryFunction: "EMPTY ARRAY"}[name]}
			kernel, args := jsonPathCall(t, name, settings)
			require.True(t, IsOfMembers(name, columnOf[string](args[1]).at(0)))
			args[0] = batch.Vector{Array: column}
			kernels, all = append(kernels, kernel), append(all, args)
			kinds := []*types.Type{types.VarcharType, types.VarcharType, types.UnknownType, types.VarcharType}[:len(args)]
			calls = append(calls, resolvedOf(t, name, kinds...))
		}
	}
	rest := make([][]batch.Vector, len(all))
	for i, args := range all {
		rest[i] = args[1:]
	}
	together, err := NewSQLPaths(calls, rest)
	require.NoError(t, err)
	got, err := together.Extract(&Env{}, batch.Vector{Array: column}, len(texts))
	require.NoError(t, err)
	for i, kernel := range kernels {
		want, err := kernel(&Env{}, all[i], nil, len(texts))
		require.NoError(t, err)
		for row, text := range texts {
			require.Equal(t, want.Array.ValueStr(row), got[i].Array.ValueStr(row), "%s of %q", columnOf[string](all[i][1]).at(0), text)
		}
	}
}

// TestCallsThatAreReadAlone: strict paths, those of more than members, with parameters, and calls that may fail.
func TestCallsThatAreReadAlone(t *testing.T) {
	for name, settings := range map[string]sqljson.Settings{
		"strict":         {Path: "strict $.a"},
		"the input":      {Path: "lax $"},
		"an element":     {Path: "lax $.a[0]"},
		"a method":       {Path: "lax $.a.size()"},
		"parameters":     {Path: "lax $.a", Params: []sqljson.Param{{Name: "p"}}},
		"error on error": {Path: "lax $.a", OnError: "ERROR"},
		"error on empty": {Path: "lax $.a", OnEmpty: "ERROR"},
	} {
		settings.Input = sqljson.Text
		require.False(t, IsOfMembers(sqljson.ValueFunction, settings.String()), name)
	}
	settings := sqljson.Settings{Path: "lax $.a", Input: sqljson.UTF16}
	require.False(t, IsOfMembers(sqljson.ValueFunction, settings.String()))
	settings.Input = sqljson.Text
	require.True(t, IsOfMembers(sqljson.ValueFunction, settings.String()))
	require.False(t, IsOfMembers(sqljson.TableFunction, settings.String()))
}
