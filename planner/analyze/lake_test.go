package analyze_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// eventStore is a store with the published CloudTrail columns.
func eventStore(t *testing.T, name string) *metadata.Table {
	text, err := os.ReadFile(filepath.Join(shared(t), "data/schemas/cloudtrail.json"))
	require.NoError(t, err)
	var schema struct {
		Columns []struct {
			Column string `json:"column"`
			Type   string `json:"trino_type"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	table := &metadata.Table{Name: name, Store: true}
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
	Columns []struct{ Name, Type string }
	Error   *struct {
		Name         string
		Line, Column int
	}
	Tolerant bool `json:"tolerant"`
}

func TestRealQueries(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(shared(t), "data/queries/answers.jsonl"))
	require.NoError(t, err)
	catalog, lib := tables{"main": eventStore(t, "main")}, function.New()
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<24)
	all, agree := 0, 0
	for lines.Scan() {
		var a answer
		require.NoError(t, json.Unmarshal(lines.Bytes(), &a), lines.Text()[:200])
		all++
		r := reference{ID: a.ID, SQL: a.SQL}
		for _, c := range a.Columns {
			r.Columns = append(r.Columns, struct{ Name, Type string }{c.Name, c.Type})
		}
		n, err := planner.Plan(context.Background(), a.SQL, catalog, lib, session)
		problem := ""
		switch {
		case a.Error != nil && err == nil && !a.Tolerant && !runTime[a.Error.Name]:
			problem = "want " + a.Error.Name + ", got a plan"
		case a.Error == nil:
			problem = r.check(n, err)
		}
		if problem != "" {
			t.Logf("%s\n\t%s\n\t%s", a.ID, strings.Join(strings.Fields(a.SQL), " "), problem)
			continue
		}
		agree++
	}
	t.Logf("%d of %d agree", agree, all)
	require.GreaterOrEqual(t, agree, all-4)
}
