package conformance_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
)

const (
	oneCase  = `{"id":"query-a-1","kind":"query","group":"a","sql":"SELECT a FROM t","columns":[{"name":"a","type":"integer"}],"rows":[[7]],"ordered":true}` + "\n"
	oneTable = `[{"table":"t","columns":[{"name":"a","type":"integer"}],"rows":[[7]]}]`
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// TestCorpusWithoutHome: a folder of cases is enough to run them, on a machine
// that has no other recorded answers.
func TestCorpusWithoutHome(t *testing.T) {
	for _, c := range []struct {
		name      string
		dir, home map[string]string // nil home: none
		want      conformance.Outcome
	}{
		{"own tables", map[string]string{"a.jsonl": oneCase, "fixtures.json": oneTable}, nil, conformance.Right},
		{"tables of home", map[string]string{"a.jsonl": oneCase}, map[string]string{"fixtures.json": oneTable}, conformance.Right},
		{"no tables", map[string]string{"a.jsonl": oneCase}, nil, conformance.Wrong},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := ""
			if c.home != nil {
				home = writeFiles(t, c.home)
			}
			corpus, err := conformance.OpenCorpus(writeFiles(t, c.dir), home)
			require.NoError(t, err)
			require.Len(t, corpus.Cases, 1)
			outcome, problem := (&conformance.Runner{Source: corpus.Source}).Check(context.Background(), corpus.Cases[0])
			require.Equal(t, c.want, outcome, problem)
		})
	}
	t.Run("no cases", func(t *testing.T) {
		dir := writeFiles(t, map[string]string{"fixtures.json": oneTable})
		_, err := conformance.OpenCorpus(dir, "")
		require.ErrorContains(t, err, "no cases in "+dir)
	})
}
