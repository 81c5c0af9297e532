package parse_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

// requireRoundTrip checks that the printed form of a statement that parses
// parses to an equal tree.
func requireRoundTrip(t testing.TB, sql string) {
	t.Helper()
	tree, err := parse.Statement(sql)
	if err != nil {
		return
	}
	printed := ast.Format(tree)
	again, err := parse.Statement(printed)
	require.NoError(t, err, "%s\nprinted as %s", sql, printed)
	clearPlaces(reflect.ValueOf(tree))
	clearPlaces(reflect.ValueOf(again))
	if !reflect.DeepEqual(tree, again) {
		require.Equal(t, tree, again, "%s\nprinted as %s", sql, printed)
	}
}

var (
	placeType  = reflect.TypeFor[ast.At]()
	sourceType = reflect.TypeFor[ast.Source]()
)

// clearPlaces sets every place below v to zero, and every text as it was written.
func clearPlaces(v reflect.Value) {
	if v.Type() == sourceType {
		v.SetZero()
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			clearPlaces(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clearPlaces(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == placeType {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			clearPlaces(v.Field(i))
		}
	}
}

func TestFormatRoundTripCorpus(t *testing.T) {
	for file, find := range map[string]func(testing.TB, string) string{
		"trino/expr.jsonl.gz": material.Own, "trino/query.jsonl.gz": material.Own, "trino/error.jsonl": material.Own, "queries/own.jsonl": material.Own,
		"queries/lake-queries.jsonl": material.Outside, "queries/athena-queries.jsonl": material.Outside, "queries/answers.jsonl": material.Outside,
	} {
		t.Run(file, func(t *testing.T) {
			for _, c := range readCorpus(t, find(t, file)) {
				requireRoundTrip(t, c.SQL)
			}
		})
	}
}
