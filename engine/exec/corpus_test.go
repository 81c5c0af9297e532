package exec_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/storage/vfs"
)

var session = conformance.Session()

// runner plans and runs statements over a memory source.
type runner struct {
	source   *conformance.Source
	optimize bool
	memory   *memory.Pool
	maxBytes int64
	workers  int          // 0: one per processor
	spill    *spill.Query // nil: nothing is spilled
}

func (r *runner) conformance() *conformance.Runner {
	return &conformance.Runner{Source: r.source, Raw: !r.optimize, Env: func(env *exec.Env) {
		env.Memory, env.MaxBytesScanned = exec.Accounted(r.memory), r.maxBytes
		env.Workers, env.Spill = r.workers, r.spill
	}}
}

func (r *runner) plan(sql string) (*plan.Output, error) {
	return r.conformance().Plan(context.Background(), sql)
}

func (r *runner) run(sql string) (*conformance.Answer, error) {
	return r.conformance().Run(context.Background(), sql)
}

// TestRecordedQueries runs every recorded query, and every recorded failure,
// with small and large row groups, plain and dictionary-encoded text, with and
// without the optimizer, and with seven workers that spill all that can be
// spilled: they must all stand alike beside the recorded answers.
func TestRecordedQueries(t *testing.T) {
	dir := material.Own(t, "trino")
	source, err := conformance.Fixtures(dir)
	require.NoError(t, err)
	var cases []*conformance.Case
	for _, file := range []string{"query.jsonl.gz", "error.jsonl"} {
		list, err := conformance.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		cases = append(cases, list...)
	}
	require.NotEmpty(t, cases)
	outcomes := map[string]conformance.Outcome{}
	space, err := spill.Open(spill.Options{FS: vfs.NewMemory(), Dir: "spill"})
	require.NoError(t, err)
	for _, setup := range []struct {
		name         string
		groupRows    int
		dictionaries bool
		optimize     bool
		spills       bool
	}{
		{"optimised, one group", batch.Rows, false, true, false},
		{"optimised, groups of 1, dictionaries", 1, true, true, false},
		{"optimised, groups of 3, dictionaries, spilled by 7 workers", 3, true, true, true},
		{"as analysed, groups of 3", 3, false, false, false},
	} {
		if testing.Short() && !setup.spills && len(outcomes) > 0 {
			continue // a single goroutine; the first one tells what is right
		}
		t.Run(setup.name, func(t *testing.T) {
			source.GroupRows, source.Dictionaries = setup.groupRows, setup.dictionaries
			r := &runner{source: source, optimize: setup.optimize}
			right, spilled := 0, 0 // cases
			for _, c := range cases {
				if setup.spills {
					r.workers, r.memory, r.spill = 7, memory.SpillingPool(1), space.NewQuery()
				}
				outcome, problem := r.conformance().Check(context.Background(), c)
				if setup.spills {
					if r.spill.SpilledBytes() > 0 {
						spilled++
					}
					r.spill.Close()
					require.Zero(t, r.memory.UsedBytes(), c.SQL)
					require.Zero(t, space.UsedBytes(), c.SQL)
				}
				first, seen := outcomes[c.ID]
				outcomes[c.ID] = outcome
				if outcome == conformance.Right || outcome == conformance.Misplaced {
					right++
				}
				if seen && outcome != first {
					t.Errorf("%s: %s: %s, %s before\n\t%s", c.ID, c.SQL, outcome, first, problem)
				}
			}
			require.GreaterOrEqual(t, 100*right, 95*len(cases))
			require.Equal(t, setup.spills, spilled > 100, "%d cases spilled", spilled)
			t.Logf("%d of %d cases spilled", spilled, len(cases))
		})
	}
}
