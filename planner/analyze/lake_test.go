package analyze_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// eventStore is a store with the columns of a published schema.
func eventStore(t *testing.T, schemaFile string) *metadata.Table {
	text, err := os.ReadFile(filepath.Join(material.Outside(t, "schemas"), schemaFile))
	require.NoError(t, err)
	var schema struct {
		Columns []struct {
			Column string `json:"column"`
			Type   string `json:"trino_type"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	table := &metadata.Table{Name: "store", Store: true}
	for _, c := range schema.Columns {
		parsed, err := types.ParseType(c.Type)
		require.NoError(t, err, c.Type)
		table.Columns = append(table.Columns, metadata.Column{Name: c.Column, Type: parsed})
	}
	return table
}

// answer is a real query with what Trino answers.
type answer struct {
	ID      string `json:"id"`
	SQL     string `json:"sql"`
	Check   string `json:"check"`
	Columns []conformance.Column
	Error   *struct {
		Name         string
		Line, Column int
	}
	Tolerant bool `json:"tolerant"`
}

func TestRealQueries(t *testing.T) {
	text, err := os.ReadFile(material.Outside(t, "queries/answers.jsonl"))
	require.NoError(t, err)
	catalog, lib := tables{"main": eventStore(t, "cloudtrail.json")}, function.New()
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<24)
	all, agree := 0, 0
	for lines.Scan() {
		var a answer
		require.NoError(t, json.Unmarshal(lines.Bytes(), &a), lines.Text()[:200])
		all++
		recorded := &conformance.Case{ID: a.ID, SQL: a.SQL, Columns: a.Columns}
		n, err := planner.Plan(context.Background(), a.SQL, catalog, lib, session)
		problem := ""
		switch {
		case a.Error != nil && err == nil && !a.Tolerant && !runTime[a.Error.Name]:
			problem = "want " + a.Error.Name + ", got a plan"
		case a.Error == nil:
			problem = disagreement(recorded, n, err)
		}
		if problem != "" {
			t.Logf("%s\n\t%s\n\t%s", a.ID, strings.Join(strings.Fields(a.SQL), " "), problem)
			continue
		}
		agree++
	}
	t.Logf("%d of %d agree", agree, all)
	require.GreaterOrEqual(t, agree, all-1)
}

// placeholder is what authors put where a value belongs.
var placeholder = regexp.MustCompile(`'(\$?\{[A-Za-z_]+\}|\?)'`)

// TestPublishedQueries analyses the queries as their authors published them,
// with a time for their placeholders.
func TestPublishedQueries(t *testing.T) {
	text, err := os.ReadFile(material.Outside(t, "queries/lake-queries.jsonl"))
	require.NoError(t, err)
	stores := []tables{
		{"store": eventStore(t, "cloudtrail.json")}, {"store": eventStore(t, "configuration-item.json")}, {"store": eventStore(t, "activity-log.json")},
	}
	lib := function.New()
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var q struct{ ID, SQL string }
		require.NoError(t, json.Unmarshal([]byte(line), &q))
		sql := strings.ReplaceAll(q.SQL, "$EDS_ID", "store")
		sql = placeholder.ReplaceAllString(sql, "'2024-01-01 00:00:00'")
		t.Run(q.ID, func(t *testing.T) {
			var first error
			for _, catalog := range stores {
				_, err := planner.Plan(context.Background(), sql, catalog, lib, session)
				if first == nil || err == nil {
					first = err
				}
				if err == nil {
					break
				}
			}
			seen[q.ID] = true
			require.Equal(t, refused[q.ID], types.ErrorName(first), "%s\n%v", sql, first)
		})
	}
	for id := range refused {
		require.True(t, seen[id], id)
	}
}

// refused are the queries that are no Trino SQL as published, or read columns
// and values that are not there.
var refused = map[string]string{
	"L07716ebaa8": types.SyntaxError,      // FROM FROM
	"L8b9408cfef": types.SyntaxError,      // two statements
	"Lf68db6d11b": types.SyntaxError,      // a blank is missing before ORDER
	"Lbf89820e3c": types.SyntaxError,      // a blank is missing before ORDER
	"Le3308b413d": types.SyntaxError,      // a comma is missing
	"Lce67ca300c": types.SyntaxError,      // < =
	"L5ed0ef062c": types.SyntaxError,      // WHERE WHERE
	"Lc261c81d01": types.TypeMismatch,     // a map read with a dot
	"L5f191f9745": types.TypeMismatch,     // a map read with a dot
	"Ld6a62c7eb4": types.TypeMismatch,     // a map read with a dot
	"L48e1fffd3f": types.TypeMismatch,     // a map read with a dot
	"L4963d83f13": types.ColumnNotFound,   // eventjson of a store that has none
	"L1f329fd655": types.ColumnNotFound,   // a column that is not documented
	"Le7f89020a9": types.FunctionNotFound, // a map read as JSON text
}
