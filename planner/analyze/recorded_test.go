package analyze_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner"
	"github.com/auditlake/auditlake/planner/types"
)

// TestRecorded plans the statements of the engine's recorded answers, which need
// no tables, and wants the columns of a Trino server's answer, or its error at its
// place. What statements answer the engine's test of the same name checks.
func TestRecorded(t *testing.T) {
	cases, err := conformance.ReadFolder("../../engine/testdata/recorded")
	require.NoError(t, err)
	require.Greater(t, len(cases), 1000)
	catalog, lib := (&conformance.Source{}).Catalog(), function.New()
	for _, c := range cases {
		n, err := planner.Plan(context.Background(), c.SQL, catalog, lib, session)
		if c.Error != nil && c.Error.Line == 0 && (err == nil || c.Error.Name == types.GenericInternalError) {
			continue // only running the statement fails, or the server met a defect of its own
		}
		if problem := disagreement(c, n, err); problem != "" {
			t.Errorf("%s\n\t%s\n\t%s", c.ID, c.SQL, problem)
		}
	}
}
