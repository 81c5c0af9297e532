package awsapi_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestImports: imports are described and listed, and so is what they could not take in, a page at a time.
func TestImports(t *testing.T) {
	f := newFixture(t)
	arn, other := f.newStore("main"), f.newStore("other")
	logs := t.TempDir()
	text := `{"Records":[{"eventTime":"` + start.Add(-time.Hour).Format(time.RFC3339) + `","eventID":"a"},{"eventTime":"never"},{"eventTime":"never"},{"eventTime":"never"}]}`
	require.NoError(t, os.WriteFile(filepath.Join(logs, "a.json"), []byte(text), 0o600))
	done, err := f.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: arn, Paths: []string{logs}, From: start.Add(-48 * time.Hour)})
	require.NoError(t, err)

	got := f.get("GetImport", of("ImportId", done.ImportID))
	require.Equal(t, "FAILED", got["ImportStatus"], "as some of it failed")
	require.Equal(t, []any{arn}, got["Destinations"])
	require.Equal(t, float64(start.Add(-48*time.Hour).Unix()), got["StartEventTime"])
	require.NotContains(t, got, "EndEventTime")
	require.Equal(t, of("PrefixesFound", 0.0, "PrefixesCompleted", 0.0, "FilesCompleted", 1.0, "EventsCompleted", 1.0, "FailedEntries", 3.0), got["ImportStatistics"])

	listed := of("Imports", []any{of("ImportId", done.ImportID, "ImportStatus", "FAILED", "Destinations", []any{arn},
		"CreatedTimestamp", float64(start.Unix()), "UpdatedTimestamp", got["UpdatedTimestamp"])})
	require.Equal(t, listed, f.get("ListImports", of()))
	require.Equal(t, listed, f.get("ListImports", of("Destination", arn, "ImportStatus", "FAILED")))
	require.Empty(t, f.get("ListImports", of("Destination", other))["Imports"])
	require.Empty(t, f.get("ListImports", of("ImportStatus", "COMPLETED"))["Imports"])

	var failures []any
	members := of("ImportId", done.ImportID, "MaxResults", 2)
	for {
		out := f.get("ListImportFailures", members)
		failures = append(failures, out["Failures"].([]any)...)
		if out["NextToken"] == nil {
			break
		}
		members["NextToken"] = out["NextToken"]
	}
	require.Len(t, failures, 3)
	first := failures[0].(map[string]any)
	require.Equal(t, filepath.Join(logs, "a.json"), first["Location"])
	require.Equal(t, "FAILED", first["Status"])
	require.Equal(t, "BAD_EVENT_TIME", first["ErrorType"])

	f.refused("InvalidParameterException", "StopImport", of("ImportId", done.ImportID))
	f.refused("ImportNotFoundException", "StopImport", of("ImportId", absentStore))
	f.refused("ImportNotFoundException", "GetImport", of("ImportId", absentStore))
	f.refused("InvalidParameterException", "ListImportFailures", of("ImportId", absentStore))
	f.refused("EventDataStoreARNInvalidException", "ListImports", of("Destination", absentStore))
	f.refused("UnsupportedOperationException", "StartImport", of("ImportId", absentStore))
}
