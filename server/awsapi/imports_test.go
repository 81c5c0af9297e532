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
	require.Equal(t, of("PrefixesFound", 1.0, "PrefixesCompleted", 1.0, "FilesCompleted", 1.0, "EventsCompleted", 1.0, "FailedEntries", 3.0), got["ImportStatistics"])

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
	require.Equal(t, "BadEventTime", first["ErrorType"])

	f.refused("InvalidParameterException", "StopImport", of("ImportId", done.ImportID))
	f.refused("ImportNotFoundException", "StopImport", of("ImportId", absentStore))
	f.refused("ImportNotFoundException", "GetImport", of("ImportId", absentStore))
	f.refused("InvalidParameterException", "ListImportFailures", of("ImportId", absentStore))
	f.refused("EventDataStoreARNInvalidException", "ListImports", of("Destination", absentStore))
	f.refused("ImportNotFoundException", "StartImport", of("ImportId", absentStore))
	f.refused("InvalidParameterException", "StartImport", of("ImportId", done.ImportID)) // nobody started it so
}

// importMembers are those of a new import from the folder logs.
func importMembers(destination, uri string, others ...any) map[string]any {
	members := of("Destinations", []any{destination}, "ImportSource", of("S3", of("S3LocationUri", uri, "S3BucketRegion", region,
		"S3BucketAccessRoleArn", "arn:aws:iam::"+account+":role/service-role/copy")))
	for i := 0; i < len(others); i += 2 {
		members[others[i].(string)] = others[i+1]
	}
	return members
}

func (f *fixture) waitForImport(id string) map[string]any {
	f.Helper()
	var out map[string]any
	require.Eventually(f, func() bool {
		out = f.get("GetImport", of("ImportId", id))
		return out["ImportStatus"] != "INITIALIZING" && out["ImportStatus"] != "IN_PROGRESS"
	}, 2*time.Minute, 2*time.Millisecond)
	return out
}

// TestStartImport: an import is started, described as it goes, tried again under its id, and refused as the model says.
func TestStartImport(t *testing.T) {
	f := newFixture(t)
	logs := t.TempDir()
	f.knowBuckets("[[folder]]\nname = \"logs\"\npath = \"" + logs + "\"\n")
	arn := f.newStore("main", "TerminationProtectionEnabled", false)
	day := start.Add(-24 * time.Hour)
	folder := filepath.Join(logs, "AWSLogs", account, "CloudTrail", region, day.Format("2006/01/02"))
	require.NoError(t, os.MkdirAll(folder, 0o700))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	event := func(id string) string {
		return `{"eventTime":"` + day.Format(time.RFC3339) + `","eventID":"` + id + `"}`
	}
	write("a.json", `{"Records":[`+event("a")+`]}`)
	write("b.json", `{"Records":[{"eventTime":"never"}]}`)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, "passwd.json")))
	const uri = "s3://local-logs/AWSLogs/"

	started := f.get("StartImport", importMembers(arn, uri, "StartEventTime", day.Add(-time.Hour).Unix(), "EndEventTime", start.Unix()))
	id := started["ImportId"].(string)
	require.Equal(t, "INITIALIZING", started["ImportStatus"])
	require.Equal(t, []any{arn}, started["Destinations"])
	require.NotContains(t, started, "ImportStatistics")
	ended := f.waitForImport(id)
	require.Equal(t, "FAILED", ended["ImportStatus"])
	for _, member := range []string{"ImportSource", "StartEventTime", "EndEventTime", "CreatedTimestamp", "Destinations"} {
		require.Equal(t, started[member], ended[member], member)
	}
	require.Equal(t, importMembers(arn, uri)["ImportSource"], ended["ImportSource"])
	require.Equal(t, of("PrefixesFound", 1.0, "PrefixesCompleted", 1.0, "FilesCompleted", 2.0, "EventsCompleted", 1.0, "FailedEntries", 1.0), ended["ImportStatistics"])
	failures := f.get("ListImportFailures", of("ImportId", id))["Failures"].([]any)
	require.Len(t, failures, 1)
	require.Equal(t, "FAILED", failures[0].(map[string]any)["Status"])
	require.Equal(t, "s3://local-logs/AWSLogs/"+account+"/CloudTrail/"+region+"/"+day.Format("2006/01/02")+"/b.json", failures[0].(map[string]any)["Location"])

	write("b.json", `{"Records":[`+event("b")+`,`+event("c")+`]}`)
	again := f.get("StartImport", of("ImportId", id))
	require.Equal(t, id, again["ImportId"])
	require.Equal(t, started["ImportSource"], again["ImportSource"])
	ended = f.waitForImport(id)
	require.Equal(t, "COMPLETED", ended["ImportStatus"])
	require.Equal(t, of("PrefixesFound", 1.0, "PrefixesCompleted", 1.0, "FilesCompleted", 2.0, "EventsCompleted", 3.0, "FailedEntries", 0.0), ended["ImportStatistics"])
	require.Equal(t, "SUCCEEDED", f.get("ListImportFailures", of("ImportId", id))["Failures"].([]any)[0].(map[string]any)["Status"])
	require.Len(t, f.get("ListImports", of("Destination", arn, "ImportStatus", "COMPLETED"))["Imports"], 1)

	activity := f.newStore("activity", "AdvancedEventSelectors", []any{of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"ActivityAuditLog"})})})
	stopped := f.newStore("stopped", "StartIngestion", false)
	deleted := f.newStore("deleted", "TerminationProtectionEnabled", false)
	f.get("DeleteEventDataStore", of("EventDataStore", deleted))
	for _, tt := range []struct {
		name, code string
		members    map[string]any
	}{
		{"nothing", "InvalidParameterException", of()},
		{"no source", "InvalidParameterException", of("Destinations", []any{arn})},
		{"id and more", "InvalidParameterException", importMembers(arn, uri, "ImportId", id)},
		{"completed", "InvalidParameterException", of("ImportId", id)},
		{"unknown", "ImportNotFoundException", of("ImportId", absentStore)},
		{"window", "InvalidParameterException", importMembers(arn, uri, "StartEventTime", start.Unix(), "EndEventTime", day.Unix())},
		{"no store", "EventDataStoreNotFoundException", importMembers(absentStore, uri)},
		{"no ARN", "EventDataStoreARNInvalidException", importMembers("main", uri)},
		{"category", "InvalidEventDataStoreCategoryException", importMembers(activity, uri)},
		{"deleted", "InactiveEventDataStoreException", importMembers(deleted, uri)},
		{"no bucket", "InvalidImportSourceException", importMembers(arn, "s3://amzn-s3-demo-bucket/")},
		{"no folder", "InvalidImportSourceException", importMembers(arn, "s3://local-etc/passwd")},
		{"outside", "InvalidImportSourceException", importMembers(arn, "s3://local-logs/../")},
		{"empty", "InvalidImportSourceException", importMembers(arn, uri+"nothing/")},
		{"no URI", "InvalidImportSourceException", importMembers(arn, logs)},
	} {
		t.Run(tt.name, func(t *testing.T) { f.refused(tt.code, "StartImport", tt.members) })
	}
	f.waitForImport(f.get("StartImport", importMembers(stopped, uri))["ImportId"].(string))
	f.get("DeleteEventDataStore", of("EventDataStore", arn)) // no import is into it any more
}

// TestOneImport: an account has one import at a time, which its store cannot be deleted under, and which is stopped at once.
func TestOneImport(t *testing.T) {
	f := newFixture(t)
	needRunningImport(f)
	const store = capturedStore
	require.Contains(t, []any{"INITIALIZING", "IN_PROGRESS"}, f.get("GetImport", of("ImportId", capturedImport))["ImportStatus"])
	f.refused("AccountHasOngoingImportException", "StartImport", importMembers(store, "s3://amzn-s3-demo-bucket/"))
	f.refused("EventDataStoreHasOngoingImportException", "DeleteEventDataStore", of("EventDataStore", store))
	stopped := f.get("StopImport", of("ImportId", capturedImport))
	require.Equal(t, "STOPPED", stopped["ImportStatus"])
	f.refused("InvalidParameterException", "StopImport", of("ImportId", capturedImport))
}
