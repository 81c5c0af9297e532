package parse_test

import (
	"bufio"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

// corpusCase is a statement with the error its author's server gave, if any.
type corpusCase struct {
	ID    string `json:"id"`
	SQL   string `json:"sql"`
	Error *struct {
		Name    string `json:"name"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	} `json:"error"`
}

// readCorpus reads a file of cases.
func readCorpus(t testing.TB, path string) []corpusCase {
	t.Helper()
	f, err := material.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var cases []corpusCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c corpusCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		cases = append(cases, c)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, cases)
	return cases
}

// jsonPathError reports whether a recorded syntax error lies inside the text of a
// JSON path, which the parser does not read.
func jsonPathError(c corpusCase) bool {
	return strings.Contains(c.SQL, "json_") && !strings.Contains(c.Error.Message, "mismatched input")
}

func TestTrinoCorpus(t *testing.T) {
	for _, file := range []string{"trino/expr.jsonl.gz", "trino/query.jsonl.gz", "trino/error.jsonl"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			cases := readCorpus(t, material.Own(t, file))
			syntaxErrors, samePlace := 0, 0
			for _, c := range cases {
				_, err := parse.Statement(c.SQL)
				if c.Error == nil || c.Error.Name != types.SyntaxError || jsonPathError(c) {
					if err != nil {
						t.Errorf("%s: %s\n%v", c.ID, c.SQL, err)
					}
					continue
				}
				syntaxErrors++
				var e *types.Error
				if err == nil {
					t.Errorf("%s: %s\naccepted; want %s", c.ID, c.SQL, c.Error.Message)
					continue
				}
				require.ErrorAs(t, err, &e, c.ID)
				require.Equal(t, types.SyntaxError, e.Name, c.ID)
				if c.Error.Line == 0 || e.Pos.Line == c.Error.Line && e.Pos.Column == c.Error.Column {
					samePlace++
				} else {
					t.Errorf("%s: %s\n%v\nwant %s", c.ID, c.SQL, err, c.Error.Message)
				}
			}
			t.Logf("%d statements, %d syntax errors, %d of them at the recorded place", len(cases), syntaxErrors, samePlace)
		})
	}
}

// brokenAsPublished are the statements with mistakes their authors left in them.
var brokenAsPublished = map[string]string{
	"L07716ebaa8": "FROM twice",
	"L8b9408cfef": "a quote inside a string",
	"Lf68db6d11b": "no blank before ORDER",
	"Lbf89820e3c": "no blank before ORDER",
	"Le3308b413d": "no comma between columns",
	"Lce67ca300c": "'< ='",
	"L5ed0ef062c": "AND before WHERE",
	"A65357fe606": "no WHERE",
	"Adbd8d03e26": "no comma between strings",
	"Aef6bba1aa8": "a second statement",
}

func TestPublishedQueries(t *testing.T) {
	for _, file := range []string{"queries/lake-queries.jsonl", "queries/athena-queries.jsonl", "queries/answers.jsonl"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, c := range readCorpus(t, material.Outside(t, file)) {
				sql := strings.ReplaceAll(c.SQL, "$EDS_ID", "3f2c1c5e-aaaa-4e1b-9c58-1f0d2a7b4c11")
				_, err := parse.Statement(sql)
				if mistake, ok := brokenAsPublished[c.ID]; ok {
					require.Equal(t, types.SyntaxError, types.ErrorName(err), "%s: %s", c.ID, mistake)
				} else if err != nil {
					t.Errorf("%s: %v\n%s", c.ID, err, sql)
				}
			}
		})
	}
}
