package slt_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/slt"
)

const example = `# A comment.
now 2026-01-31T00:00:00Z
store main retention 40
import logs main events=3

statement error SYNTAX_ERROR 1:15
SELECT 1 FROM WHERE

query rowsort
SELECT x
FROM t
----
1 | NULL
2 | a

bytes <= 10
repeat
restart

query
SELECT 2
----
`

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "a.slt")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestRead(t *testing.T) {
	file, err := slt.Read(write(t, example))
	require.NoError(t, err)
	type record struct {
		kind slt.Kind
		line int
		args []string
		sql  string
		want []string
	}
	var got []record
	for _, r := range file.Records {
		got = append(got, record{r.Kind, r.Line, r.Args, r.SQL, r.Want})
	}
	require.Equal(t, []record{
		{slt.Now, 2, []string{"2026-01-31T00:00:00Z"}, "", nil},
		{slt.Store, 3, []string{"main", "retention", "40"}, "", nil},
		{slt.Import, 4, []string{"logs", "main", "events=3"}, "", nil},
		{slt.Statement, 6, []string{"error", "SYNTAX_ERROR", "1:15"}, "SELECT 1 FROM WHERE", nil},
		{slt.Query, 9, []string{"rowsort"}, "SELECT x\nFROM t", []string{"1 | NULL", "2 | a"}},
		{slt.Bytes, 16, []string{"<=", "10"}, "", nil},
		{slt.Repeat, 17, []string{}, "", nil},
		{slt.Restart, 18, []string{}, "", nil},
		{slt.Query, 20, []string{}, "SELECT 2", nil},
	}, got)
}

func TestReadRefuses(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"unknown record", "now 2026-01-31T00:00:00Z\n\nqeury\nSELECT 1\n----\n", `a.slt:3: unknown record "qeury"`},
		{"unknown option of query", "query sort\nSELECT 1\n----\n", `a.slt:1: unknown option in "query sort"`},
		{"statement without outcome", "statement\nSELECT 1\n", "a.slt:1: unknown option"},
		{"statement error without name", "statement error\nSELECT 1\n", "a.slt:1: unknown option"},
		{"query without rows", "query\nSELECT 1\n", "a.slt:1: query without ----"},
		{"query without SQL", "query\n----\n1\n", "a.slt:1: query without SQL"},
		{"statement without SQL", "statement ok\n\nSELECT 1\n", "a.slt:1: statement without SQL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := slt.Read(write(t, c.text))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestComplete(t *testing.T) {
	path := write(t, example)
	file, err := slt.Read(path)
	require.NoError(t, err)
	require.NoError(t, file.Complete(map[int][]string{9: {"7"}, 20: {"x", "y"}}))

	changed, err := slt.Read(path)
	require.NoError(t, err)
	require.Len(t, changed.Records, len(file.Records))
	require.Equal(t, []string{"7"}, changed.Records[4].Want)
	require.Equal(t, []string{"x", "y"}, changed.Records[8].Want)
	require.Equal(t, "SELECT 2", changed.Records[8].SQL)

	// The same answers again leave the file as it is.
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, changed.Complete(map[int][]string{9: {"7"}, 21: {"x", "y"}, changed.Records[8].Line: {"x", "y"}}))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}
