package parse_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

func TestSplitScript(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		statements []string
		rest       string
		unfinished parse.Unfinished
	}{
		{"two on a line", "SELECT 1; SELECT 2;", []string{"SELECT 1", "SELECT 2"}, "", parse.Complete},
		{"an unfinished one", "SELECT 1;\nSELECT", []string{"SELECT 1"}, "\nSELECT", parse.UnfinishedStatement},
		{"quotes", "SELECT ';', \"a;b\", 'it''s;';", []string{"SELECT ';', \"a;b\", 'it''s;'"}, "", parse.Complete},
		{"literals with quotes", "SELECT U&';', X';', `;`;", []string{"SELECT U&';', X';', `;`"}, "", parse.Complete},
		{"comments", "-- a;\nSELECT /* ; */ 1 -- ;\n;", []string{"-- a;\nSELECT /* ; */ 1 -- ;"}, "", parse.Complete},
		{"a comment that a carriage return ends", "SELECT 1 -- ;\r;", []string{"SELECT 1 -- ;"}, "", parse.Complete},
		{"an open text", "SELECT 1; SELECT 'a;", []string{"SELECT 1"}, " SELECT 'a;", parse.UnfinishedText},
		{"an open text after a doubled quote", "SELECT 'a'';", nil, "SELECT 'a'';", parse.UnfinishedText},
		{"an open literal", "SELECT X'00;", nil, "SELECT X'00;", parse.UnfinishedText},
		{"an open name", "SELECT \"a;", nil, "SELECT \"a;", parse.UnfinishedName},
		{"an open name in back quotes", "SELECT `a;", nil, "SELECT `a;", parse.UnfinishedName},
		{"an open comment", "SELECT 1; /* a; ' b", []string{"SELECT 1"}, " /* a; ' b", parse.UnfinishedComment},
		{"an open comment after another", "/* a */ /* b */ /*/ c;", nil, "/* a */ /* b */ /*/ c;", parse.UnfinishedComment},
		{"no comment", "SELECT a / * b;", []string{"SELECT a / * b"}, "", parse.Complete},
		{"nothing but comments", ";; -- x\n; /* y */ ", nil, "", parse.Complete},
		{"what is no token", "SELECT \xff ‘;’;", []string{"SELECT \xff ‘", "’"}, "", parse.Complete},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := parse.SplitScript(tt.text)
			require.Len(t, got.Offsets, len(got.Statements))
			for i, at := range got.Offsets {
				require.True(t, strings.HasPrefix(tt.text[at:], got.Statements[i]), "%d", at)
			}
			got.Offsets = nil
			require.Equal(t, parse.Script{Statements: tt.statements, Rest: tt.rest, Unfinished: tt.unfinished}, got)
		})
	}
}

// TestOpenCommentMeansOneThing: a /* without its end is a mistake at its place, to
// whoever reads the statement. So it is to a Trino server, see the recorded
// answers to "SELECT 1 /* open" and the like.
func TestOpenCommentMeansOneThing(t *testing.T) {
	for _, tt := range []struct{ sql, message string }{
		{"SELECT 1 /* open ?", "SYNTAX_ERROR at 1:11: mismatched input '*'"},
		{"USE default /* open ?", "SYNTAX_ERROR at 1:13: mismatched input '/'"},
		{"/* open ?", "SYNTAX_ERROR at 1:1: mismatched input '/'"},
		{"SELECT 1 /* one */ /* open ?", "SYNTAX_ERROR at 1:21: mismatched input '*'"},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			_, err := parse.Statement(tt.sql)
			require.ErrorContains(t, err, tt.message)
			require.ErrorContains(t, err, "the comment is never closed")
			require.Equal(t, parse.Script{Rest: tt.sql, Unfinished: parse.UnfinishedComment}, parse.SplitScript(tt.sql))
			require.Len(t, parse.Placeholders(tt.sql), 1, "it hides nothing")
			require.Equal(t, tt.sql, parse.OneLine(tt.sql))
		})
	}
}

func TestPlaceholders(t *testing.T) {
	sql := "SELECT ?, :a,:b/* :c ? */, ':d' || \":e\" -- :f ?\n, json_object('k' :g, upper('m'):h), a[1] :i, : j, :1k LIMIT :n OFFSET ?"
	var got []string
	for _, place := range parse.Placeholders(sql) {
		text := sql[place.Start:place.End]
		require.Equal(t, place.Name, strings.TrimLeft(text, "?:"))
		if place.IsRowCount {
			text += " rows"
		}
		got = append(got, text)
	}
	require.Equal(t, []string{"?", ":a", ":b", ":1k", ":n rows", "? rows"}, got)
}

func TestOneLine(t *testing.T) {
	for _, tt := range []struct{ name, sql, want string }{
		{"comments and texts", "SELECT 1 -- one\n, 'a\nb' /* x\n y */\nFROM t", "SELECT 1 /* one*/ , 'a\nb' /* x\n y */ FROM t"},
		{"blanks", "SELECT\t1\r\n,  2", "SELECT\t1  ,  2"},
		{"a bracket in a comment", "SELECT 1 -- a */ b", "SELECT 1 /* a * / b*/"},
		{"a comment with nothing", "--\nSELECT 1", "/**/ SELECT 1"},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, parse.OneLine(tt.sql)) })
	}
}

// FuzzScript checks what splitting, placeholders and one line promise, against
// the parser.
func FuzzScript(f *testing.F) {
	for _, s := range statements {
		f.Add(s.sql)
	}
	for _, s := range []string{"SELECT 1; SELECT ':a'; :b ?", "/* a; */ ; -- b\n;\r'", "x /* a; 'b", "SELECT 1 -- a */ b\n+ ?;", "\v ;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		script := parse.SplitScript(text)
		for _, one := range script.Statements {
			requireOneStatement(t, one)
		}
		require.Equal(t, script.Rest == "", script.Unfinished == parse.Complete)
		require.True(t, strings.HasSuffix(text, script.Rest))
		rest := parse.SplitScript(script.Rest)
		require.Equal(t, parse.Script{Rest: script.Rest, Unfinished: script.Unfinished}, rest, "the rest holds no statement")
		if script.Unfinished == parse.UnfinishedComment || script.Unfinished == parse.UnfinishedText {
			_, err := parse.Statement(script.Rest)
			require.Error(t, err, "what is unfinished is a mistake")
		}
		end := 0
		for _, place := range parse.Placeholders(text) {
			require.True(t, end <= place.Start && place.Start < place.End && place.End <= len(text))
			end = place.End
		}
	})
}

// requireOneStatement checks a statement that was cut out of a script.
func requireOneStatement(t *testing.T, sql string) {
	again := parse.SplitScript(sql + "\n;")
	require.Equal(t, []string{sql}, again.Statements)
	require.Equal(t, parse.Complete, again.Unfinished)
	tree, err := parse.Statement(sql)
	if err != nil {
		return
	}
	marks := 0
	ast.Inspect(tree, func(n ast.Node) bool {
		if _, ok := n.(*ast.Parameter); ok {
			marks++
		}
		return true
	})
	places := 0
	for _, place := range parse.Placeholders(sql) {
		if place.Name == "" {
			places++
		}
	}
	line, err := parse.Statement(parse.OneLine(sql))
	require.NoError(t, err)
	clearPlaces(reflect.ValueOf(tree))
	clearPlaces(reflect.ValueOf(line))
	require.Equal(t, tree, line)
	require.LessOrEqual(t, marks, places) // the question mark of a row pattern is no parameter
}
