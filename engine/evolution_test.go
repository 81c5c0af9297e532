package engine_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// unpackLake unpacks a lake that an earlier version wrote.
func unpackLake(t *testing.T, archive, dir string) {
	require.NoError(t, os.MkdirAll(dir, 0o700))
	out, err := exec.Command("tar", "-xzf", archive, "-C", dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestEventJSONOfOldSegments: stores of configuration items and activity events had no eventjson once. Their
// old rows have none, new ones do, and merging them changes no row.
func TestEventJSONOfOldSegments(t *testing.T) {
	for _, c := range []struct{ store, event, query, want string }{
		{"config", `{"eventVersion":"1.0", "eventCategory":"ConfigurationItem","eventTime":"2025-12-30T13:00:00Z","eventData":{"resourceType":"AWS::S3::Bucket"}}`,
			"json_extract_scalar(json_parse(eventJson), '$.eventData.resourceType')", "AWS::S3::Bucket"},
		{"activity", `{"eventVersion":"1.0", "eventCategory":"ActivityAuditLog","eventTime":"2025-12-30T13:00:00Z","eventData":{"UID":"order-9"}}`,
			"json_extract_scalar(json_parse(eventJson), '$.eventData.UID')", "order-9"},
	} {
		t.Run(c.store, func(t *testing.T) {
			ctx := context.Background()
			dir := t.TempDir()
			unpackLake(t, "testdata/lakes/without-eventjson.tar.gz", dir)
			lake := openLake(t, dir, newYear)
			require.Equal(t, []string{"3|0"}, answerOf(t, lake, "SELECT count(*), count(eventjson) FROM "+c.store))
			path := filepath.Join(t.TempDir(), "events.ndjson")
			require.NoError(t, os.WriteFile(path, []byte(c.event+"\n"), 0o600))
			r, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: c.store, Paths: []string{path}})
			require.NoError(t, err)
			require.EqualValues(t, 1, r.Events)
			for _, merge := range []bool{false, true} {
				if merge {
					done, err := lake.Compact(ctx)
					require.NoError(t, err)
					require.Equal(t, 1, done.Written)
				}
				require.Equal(t, []string{"4|1"}, answerOf(t, lake, "SELECT count(*), count(eventjson) FROM "+c.store))
				require.Equal(t, []string{c.event}, answerOf(t, lake, "SELECT eventjson FROM "+c.store+" WHERE eventjson IS NOT NULL"))
				require.Equal(t, []string{c.want}, answerOf(t, lake, "SELECT "+c.query+" FROM "+c.store+" WHERE eventjson LIKE '%\"eventTime\"%'"))
				require.Equal(t, []string{"3"}, answerOf(t, lake, "SELECT count(*) FROM "+c.store+" WHERE eventjson IS NULL"))
			}
			v, err := lake.Verify(ctx, engine.VerifyOptions{})
			require.NoError(t, err)
			require.Empty(t, v.Problems)
		})
	}
}
