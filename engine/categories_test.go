package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestCategories imports events of each category that has a store of its own.
func TestCategories(t *testing.T) {
	envelope := func(category, id, members string) string {
		return `{"eventVersion":"1.0","eventCategory":"` + category + `","eventID":"` + id + `","eventTime":"2025-12-30T10:00:00Z","recipientAccountId":"111122223333",` + members + `}`
	}
	for _, c := range []struct {
		category string
		members  string
		query    string
		want     string
	}{
		{"Insight", `"eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start","insightContext":{"statistics":{"insight":{"average":0.6}}}}`,
			"SELECT insightstate, insightcontext.insightaverage FROM other", "Start|0.6"},
		{"ConfigurationItem", `"eventType":"AwsConfigurationItem","eventData":{"resourceType":"AWS::EC2::SecurityGroup","configuration":{"groupId":"sg-1"},"relationships":[{"name":"Is in","resourceId":"vpc-1"}],"tags":{"team":"red"}}`,
			"SELECT eventdata.resourcetype, element_at(eventdata.configuration, 'groupId'), eventdata.relationships[1].resourceid FROM other", "AWS::EC2::SecurityGroup|sg-1|vpc-1"},
		{"Evidence", `"eventType":"AwsAuditManagerEvidence","eventData":{"eventName":"PutObject","service":"s3.amazonaws.com"}`,
			"SELECT eventcategory, eventdata.eventname FROM other", "Evidence|PutObject"},
		{"ActivityAuditLog", `"eventType":"ActivityLog","eventData":{"eventName":"RefundOrder","UID":"order-1","userIdentity":{"type":"Custom","principalId":"maria","details":{"department":"finance"}}}`,
			"SELECT eventdata.eventname, eventdata.uid, element_at(eventdata.useridentity.details, 'department') FROM other", "RefundOrder|order-1|finance"},
	} {
		t.Run(c.category, func(t *testing.T) {
			ctx := context.Background()
			lake := openLake(t, t.TempDir(), newYear)
			_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "other", Category: c.category})
			require.NoError(t, err)
			createStore(t, lake, "main", 366)
			folder := t.TempDir()
			right, wrong := envelope(c.category, "1", c.members), envelope("Management", "2", c.members)
			path := filepath.Join(folder, "events.ndjson")
			require.NoError(t, os.WriteFile(path, []byte(right+"\n"+wrong+"\n"+strings.Replace(right, `"eventCategory":"`+c.category+`",`, "", 1)+"\n"), 0o644))

			r, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "other", Paths: []string{folder}})
			require.NoError(t, err)
			require.EqualValues(t, 1, r.Events)
			require.Equal(t, []string{"WRONG_CATEGORY: 2"}, r.FailureCodes)
			require.Equal(t, []string{c.want}, answerOf(t, lake, c.query))
			again, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "other", Paths: []string{folder}})
			require.NoError(t, err)
			require.Zero(t, again.Events)

			// Copies of trails take Insights events as they come, but none of other stores.
			r, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{path}})
			require.NoError(t, err)
			if c.category == "Insight" {
				require.EqualValues(t, 3, r.Events)
			} else {
				require.Equal(t, []string{"WRONG_CATEGORY: 1"}, r.FailureCodes)
			}
		})
	}
}

// TestFoldersOfTrails: under one prefix, a store takes the files of its category.
func TestFoldersOfTrails(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	write := func(service, category string) {
		path := filepath.Join(folder, "AWSLogs/111122223333", service, "eu-west-1/2025/12/30/111122223333_"+service+"_eu-west-1_20251230T1000Z_x.json")
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(`{"Records":[{"eventTime":"2025-12-30T10:00:00Z","eventCategory":"`+category+`"}]}`), 0o644))
	}
	write("CloudTrail", "Management")
	write("CloudTrail-Insight", "Insight")
	write("CloudTrail-Digest", "")
	write("CloudTrail-NetworkActivity", "NetworkActivity")
	write("CloudTrail-Aggregated", "Aggregated")
	lake := openLake(t, t.TempDir(), newYear)
	for _, category := range []string{"Management", "NetworkActivity", "Insight", "Evidence"} {
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "of-" + category, Category: category})
		require.NoError(t, err)
		r, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "of-" + category, Paths: []string{folder}})
		require.NoError(t, err)
		require.Empty(t, r.FailureCodes)
		want := map[string][]int64{"Management": {2, 2, 2, 1}, "NetworkActivity": {2, 2, 2, 1}, "Insight": {1, 1, 3, 1}, "Evidence": {0, 0, 4, 1}}
		require.Equal(t, want[category], []int64{r.Events, r.Files, r.FilesOther, r.FilesAggregated}, category)
	}
	require.Equal(t, []string{"Management", "NetworkActivity"}, answerOf(t, lake, `SELECT eventcategory FROM "of-NetworkActivity" ORDER BY 1`))
}
