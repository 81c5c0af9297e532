package conformance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/planner/types"
)

// TestReadValue: a value of each type that fixtures have, as it is written and as SQL writes it.
func TestReadValue(t *testing.T) {
	for _, tt := range []struct{ of, text, want string }{
		{"boolean", `true`, "true"},
		{"tinyint", `-5`, "-5"},
		{"bigint", `9007199254740993`, "9007199254740993"},
		{"double", `1.5`, "1.5E+00"},
		{"real", `1.5`, "1.5E+00"},
		{"decimal(5,2)", `"1.25"`, "1.25"},
		{"date", `"2026-01-31"`, "DATE '2026-01-31'"},
		{"timestamp(3)", `"2026-01-31 10:00:00.250"`, "TIMESTAMP '2026-01-31 10:00:00.250'"},
		{"varbinary", `"AQI="`, "X'0102'"},
		{"varchar", `"x"`, "'x'"},
		{"array(bigint)", `[1,null]`, "ARRAY[1, NULL]"},
		{"row(x bigint, y varchar)", `[1,"a"]`, "ROW(1, 'a')"},
		{"map(varchar, bigint)", `{"b":1,"a":2}`, "MAP(ARRAY['b', 'a'], ARRAY[1, 2])"},
		{"bigint", `null`, "NULL"},
	} {
		parsed, err := types.ParseType(tt.of)
		require.NoError(t, err)
		v, err := conformance.ReadValue(parsed, json.RawMessage(tt.text))
		require.NoError(t, err, tt.of)
		require.Equal(t, tt.want, v.String(), tt.of)
	}
	for _, tt := range []struct{ of, text string }{
		{"boolean", `"maybe"`}, {"bigint", `1.5`}, {"double", `"x"`}, {"real", `"x"`}, {"date", `"31"`}, {"timestamp(3)", `"x"`}, {"varbinary", `"!"`}, {"varchar", `"x`},
		{"array(bigint)", `5`}, {"array(bigint)", `["x"]`}, {"map(varchar, bigint)", ``}, {"map(varchar, bigint)", `{"a":"x"}`}, {"map(varchar, bigint)", `{"a"`}, {"map(varchar, bigint)", `{"a":`}, {"map(varchar, bigint)", `{5:1}`},
	} {
		if tt.text == "" {
			tt.text = " "
		}
		parsed, err := types.ParseType(tt.of)
		require.NoError(t, err)
		_, err = conformance.ReadValue(parsed, json.RawMessage(tt.text))
		require.Error(t, err, "%s %s", tt.of, tt.text)
	}
}

// TestFilesOfCasesThatCannotBeRead: the error says which file and line.
func TestFilesOfCasesThatCannotBeRead(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	_, err := conformance.ReadFolder(absent)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = conformance.ReadFile(absent)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = conformance.Fixtures(absent)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = conformance.ReadPriorities(absent)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = conformance.OpenCorpus(absent, "")
	require.ErrorIs(t, err, os.ErrNotExist)

	dir := writeFiles(t, map[string]string{"a.jsonl": oneCase + "{\n"})
	_, err = conformance.ReadFolder(dir)
	require.ErrorContains(t, err, "a.jsonl line 2: ")
	for text, reason := range map[string]string{
		"{": "fixtures: ",
		`[{"table":"t","columns":[{"name":"a","type":"foo"}],"rows":[[7]]}]`:       "table t: ",
		`[{"table":"t","columns":[{"name":"a","type":"integer"}],"rows":[["x"]]}]`: "table t: row 0, a: ",
	} {
		_, err = conformance.Fixtures(writeFiles(t, map[string]string{"fixtures.json": text}))
		require.ErrorContains(t, err, reason)
		_, err = conformance.OpenCorpus(writeFiles(t, map[string]string{"fixtures.json": text, "a.jsonl": oneCase}), "")
		require.ErrorContains(t, err, reason)
	}
}

// TestPriorities: a statement is as unimportant as the least important function that it calls.
func TestPriorities(t *testing.T) {
	dir := writeFiles(t, map[string]string{"FUNCTIONS.md": "- `before(x)`\n## A of audit logs\n- `count`: rows\n## B the others\n- `Sinh`\n## C none\n- `st_area`\n"})
	p, err := conformance.ReadPriorities(dir)
	require.NoError(t, err)
	require.Equal(t, conformance.Priorities{"count": 'A', "sinh": 'B', "st_area": 'C'}, p)
	for sql, want := range map[string]byte{"SELECT 1": 'A', "SELECT COUNT (x)": 'A', "SELECT sinh(count(*))": 'B', "SELECT st_area(sinh(1))": 'C', "SELECT unknown(1)": 'A'} {
		require.Equal(t, want, p.Of(sql), sql)
	}
}

// TestExpressions: the answer to an expression is a row without names.
func TestExpressions(t *testing.T) {
	c := &conformance.Case{Kind: "expr", SQL: "1, 'a'", Type: []string{"integer", "varchar(1)"}, Value: [][]json.RawMessage{{json.RawMessage("1"), json.RawMessage(`"a"`)}}}
	answer := func(types []string, cells ...string) *conformance.Answer {
		return &conformance.Answer{Names: []string{"_col0", "_col1"}[:len(types)], Types: types, Rows: [][]string{cells}}
	}
	outcome, problem := c.Judge(answer(c.Type, "1", `"a"`), nil)
	require.Equal(t, conformance.Right, outcome, problem)
	outcome, _ = c.Judge(answer(c.Type, "1", `"b"`), nil)
	require.Equal(t, conformance.Wrong, outcome)
	outcome, problem = c.Judge(answer(c.Type[:1], "1"), nil)
	require.Equal(t, conformance.Wrong, outcome)
	require.Equal(t, "want 2 columns, got 1", problem)
}
