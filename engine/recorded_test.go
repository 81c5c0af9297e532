package engine_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
)

// TestRecorded asks the statements of testdata/recorded, which need no tables, and wants the answers
// that a Trino 476 server gave. New cases are made by bench/asktrino.
func TestRecorded(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	files, err := filepath.Glob("testdata/recorded/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	r := &conformance.Runner{Source: &conformance.Source{}}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			cases, err := conformance.ReadFile(file)
			require.NoError(t, err)
			require.NotEmpty(t, cases)
			for _, c := range cases {
				ctx, cancel := context.WithTimeout(context.Background(), maxCaseTime)
				outcome, problem := r.Check(ctx, c)
				cancel()
				if outcome != conformance.Right {
					t.Errorf("%s: %s: %s", outcome, c.SQL, problem)
				}
			}
		})
	}
}
