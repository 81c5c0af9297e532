package function

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// codedLists are lists of some of few texts, with NULLs, as array_agg gives them: with a dictionary, which has a text twice.
func codedLists(rows int) *array.List {
	texts := []string{"", "iam:ListUsers", "a", "b", "a", "s3:GetObject", "zz"}
	dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, texts, nil)
	if err != nil {
		panic(err)
	}
	offsets, codes := []int32{0}, []int32{}
	for range rows {
		for range rand.IntN(6) {
			codes = append(codes, int32(rand.IntN(len(texts))))
		}
		offsets = append(offsets, int32(len(codes)))
	}
	valid, ofLists := arrowdata.FullValidity(len(codes)), arrowdata.FullValidity(rows)
	for i := 0; i < len(codes); i += 1 + rand.IntN(12) {
		arrowdata.ClearBit(valid, i)
	}
	arrowdata.ClearBit(ofLists, rows/2)
	return batch.FromLists(offsets, ofLists, batch.FromCodes(codes, valid, dictionary))
}

// TestCodedLists: functions of arrays of texts give the same of elements with a dictionary as without.
func TestCodedLists(t *testing.T) {
	const rows = 200
	texts := types.ArrayOf(types.VarcharType)
	one := func(text string) batch.Vector {
		a, err := batch.FromStrings(arrow.BinaryTypes.String, []string{text}, nil)
		require.NoError(t, err)
		return batch.Vector{Array: a, Const: true}
	}
	list, other, few := codedLists(rows), codedLists(rows), codedLists(2)
	oneOfEach := batch.Vector{Array: batch.Take(list.ListValues(), indexesBelow(list.ListValues().Len(), rows))}
	lists, others, constant := batch.Vector{Array: list}, batch.Vector{Array: other}, batch.Vector{Array: few, Const: true}
	for _, c := range []struct {
		name     string
		function string
		types    []*types.Type
		args     []batch.Vector
	}{
		{"distinct", "array_distinct", []*types.Type{texts}, []batch.Vector{lists}},
		{"union", "array_union", []*types.Type{texts, texts}, []batch.Vector{lists, others}},
		{"union with one", "array_union", []*types.Type{texts, texts}, []batch.Vector{lists, constant}},
		{"intersect", "array_intersect", []*types.Type{texts, texts}, []batch.Vector{lists, others}},
		{"intersect with itself", "array_intersect", []*types.Type{texts, texts}, []batch.Vector{lists, lists}},
		{"except", "array_except", []*types.Type{texts, texts}, []batch.Vector{lists, others}},
		{"overlap", "arrays_overlap", []*types.Type{texts, texts}, []batch.Vector{lists, others}},
		{"sort", "array_sort", []*types.Type{texts}, []batch.Vector{lists}},
		{"greatest", "array_max", []*types.Type{texts}, []batch.Vector{lists}},
		{"least", "array_min", []*types.Type{texts}, []batch.Vector{lists}},
		{"contains one", "contains", []*types.Type{texts, types.VarcharType}, []batch.Vector{lists, one("a")}},
		{"contains none", "contains", []*types.Type{texts, types.VarcharType}, []batch.Vector{lists, one("none")}},
		{"contains each", "contains", []*types.Type{texts, types.VarcharType}, []batch.Vector{lists, oneOfEach}},
		{"join", "array_join", []*types.Type{texts, types.VarcharType}, []batch.Vector{lists, one(", ")}},
		{"join by each", "array_join", []*types.Type{texts, types.VarcharType}, []batch.Vector{lists, oneOfEach}},
		{"join with NULLs", "array_join", []*types.Type{texts, types.VarcharType, types.VarcharType}, []batch.Vector{lists, one(","), one("none")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			kernel, env, lambdas := kernelOf(t, c.function, c.types...), &Env{}, make([]Lambda, len(c.args))
			plain := make([]batch.Vector, len(c.args))
			for i, v := range c.args {
				plain[i] = batch.Vector{Array: batch.Decode(v.Array), Const: v.Const}
			}
			got, err := kernel(env, c.args, lambdas, rows)
			require.NoError(t, err)
			want, err := kernel(env, plain, lambdas, rows)
			require.NoError(t, err)
			require.Equal(t, want.Array.String(), batch.Decode(got.Array).String())
			mixed := append([]batch.Vector{c.args[0]}, plain[1:]...)
			got, err = kernel(env, mixed, lambdas, rows)
			require.NoError(t, err)
			require.Equal(t, want.Array.String(), batch.Decode(got.Array).String())
		})
	}
}

func indexesBelow(n, rows int) []int32 {
	idx := make([]int32, rows)
	for i := range idx {
		idx[i] = int32(rand.IntN(n))
	}
	return idx
}
