package awsapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// bucketServer is a server of buckets that may refuse what it is asked.
type bucketServer struct {
	folder  string // of local-exports
	content *s3mem.Backend
	next    http.Handler

	mu sync.Mutex
	// refuse says with which status and code a request is refused, 0: it is not; nil: none is.
	refuse func(r *http.Request) (status int, code string) // mu
}

// ServeHTTP implements http.Handler.
func (s *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	if refuse != nil {
		if status, code := refuse(r); status != 0 {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
			return
		}
	}
	s.next.ServeHTTP(w, r)
}

// deny refuses the files of a name with a code.
func (s *bucketServer) deny(name, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = func(r *http.Request) (int, string) {
		if path.Base(r.URL.Path) == name {
			return http.StatusForbidden, code
		}
		return 0, ""
	}
}

// object returns the content of an object.
func (s *bucketServer) object(t *testing.T, bucket, key string) []byte {
	t.Helper()
	o, err := s.content.GetObject(bucket, key, nil)
	require.NoError(t, err, key)
	defer o.Contents.Close()
	content, err := io.ReadAll(o.Contents)
	require.NoError(t, err)
	return content
}

// serveBuckets serves buckets, which the lake may name from now on, and a folder, local-exports.
func (f *fixture) serveBuckets(names ...string) *bucketServer {
	f.Helper()
	s := &bucketServer{content: s3mem.New()}
	s.next = gofakes3.New(s.content).Server()
	for _, name := range names {
		require.NoError(f, s.content.CreateBucket(name))
	}
	server := httptest.NewServer(s)
	f.Cleanup(server.Close)
	dir := f.TempDir()
	s.folder = filepath.Join(dir, "exports")
	require.NoError(f, os.Mkdir(s.folder, 0o700))
	f.knowBuckets(fmt.Sprintf(`
[[bucket]]
name = "*"
endpoint = %q
access_key_id = "key"
secret_access_key = "secret"

[[folder]]
name = "exports"
path = %q

[[folder]]
name = "readonly"
path = %q
read_only = true
`, server.URL, s.folder, dir))
	return s
}

// waitForDelivery waits until a delivery has a state.
func (f *fixture) waitForDelivery(id, status string) map[string]any {
	f.Helper()
	return f.waitFor(id, "DeliveryStatus", status)
}

// TestDelivery: results arrive in a bucket or a folder, where the query says, and the sign file's key is listed.
func TestDelivery(t *testing.T) {
	f := newFixture(t)
	s := f.serveBuckets("results")
	arn := f.newStore("main")
	f.push(arn, 3)
	sql := "SELECT eventID FROM " + idOf(arn) + " ORDER BY 1"
	id := f.start(sql, "DeliveryS3Uri", "s3://results/some/prefix/")
	described := f.waitForDelivery(id, "SUCCESS")
	require.Equal(t, "s3://results/some/prefix/", described["DeliveryS3Uri"])
	require.Equal(t, "FINISHED", described["QueryStatus"])
	folder := "some/prefix/AWSLogs/" + account + "/CloudTrail-Lake/Query/2026/11/20/" + id
	var sign struct {
		Files                                   []struct{ FileHashValue, FileName string }
		QueryCompleteTime, PublicKeyFingerprint string
	}
	require.NoError(t, json.Unmarshal(s.object(t, "results", folder+"/result_sign.json"), &sign))
	require.Len(t, sign.Files, 1)
	require.Equal(t, "result_1.csv.gz", sign.Files[0].FileName)
	hash := sha256.Sum256(s.object(t, "results", folder+"/result_1.csv.gz"))
	require.Equal(t, hex.EncodeToString(hash[:]), sign.Files[0].FileHashValue)
	at, err := time.Parse(time.RFC3339, sign.QueryCompleteTime)
	require.NoError(t, err)
	keys := f.get("ListPublicKeys", of("StartTime", at.Unix(), "EndTime", at.AddDate(0, 0, 20).Unix()))["PublicKeyList"].([]any)
	require.Len(t, keys, 1)
	require.Equal(t, sign.PublicKeyFingerprint, keys[0].(map[string]any)["Fingerprint"])

	id = f.start(sql, "DeliveryS3Uri", "s3://local-exports")
	f.waitForDelivery(id, "SUCCESS")
	id = f.start(sql)
	require.NotContains(t, f.wait(id, "FINISHED"), "DeliveryStatus")

	f.refused("InsufficientS3BucketPolicyException", "StartQuery", of("QueryStatement", sql, "DeliveryS3Uri", "s3://local-readonly"))
	f.refused("S3BucketDoesNotExistException", "StartQuery", of("QueryStatement", sql, "DeliveryS3Uri", "s3://local-others"))
	f.refused("S3BucketDoesNotExistException", "StartQuery", of("QueryStatement", sql, "DeliveryS3Uri", "s3://nothing"))
	s.deny("access_check.txt", "AccessDenied")
	f.refused("InsufficientS3BucketPolicyException", "StartQuery", of("QueryStatement", sql, "DeliveryS3Uri", "s3://results/other"))
	s.deny("result_1.csv.gz", "AccessDenied")
	f.waitForDelivery(f.start(sql, "DeliveryS3Uri", "s3://results"), "ACCESS_DENIED")
	s.deny("result_sign.json", "AccessDenied")
	f.waitForDelivery(f.start(sql, "DeliveryS3Uri", "s3://results"), "ACCESS_DENIED_SIGNING_FILE")
	s.deny("result_1.csv.gz", "NoSuchBucket")
	f.waitForDelivery(f.start(sql, "DeliveryS3Uri", "s3://results"), "RESOURCE_NOT_FOUND")
	s.deny("result_sign.json", "NoSuchBucket")
	f.waitForDelivery(f.start(sql, "DeliveryS3Uri", "s3://results"), "FAILED_SIGNING_FILE")

	id = f.start(heavy, "DeliveryS3Uri", "s3://results")
	f.get("CancelQuery", of("QueryId", id))
	f.waitForDelivery(id, "CANCELLED")
	id = f.start("SELECT 1 / length(substr(eventname, 1, 0)) FROM "+idOf(arn), "DeliveryS3Uri", "s3://results")
	f.waitForDelivery(id, "FAILED")
}

// TestDeliveryAfterARestart: a server that is stopped after the result's file and before the sign file delivers when it is
// started again.
func TestDeliveryAfterARestart(t *testing.T) {
	f := newFixture(t)
	s := f.serveBuckets("results")
	reached := make(chan struct{})
	once := sync.OnceFunc(func() { close(reached) })
	s.mu.Lock()
	s.refuse = func(r *http.Request) (int, string) {
		if path.Base(r.URL.Path) != "result_sign.json" {
			return 0, ""
		}
		once()
		return http.StatusServiceUnavailable, "SlowDown"
	}
	s.mu.Unlock()
	id := f.start("SELECT 1 AS one", "DeliveryS3Uri", "s3://results")
	<-reached
	f.close()
	s.mu.Lock()
	s.refuse = nil
	s.mu.Unlock()
	folder := "AWSLogs/" + account + "/CloudTrail-Lake/Query/2026/11/20/" + id
	require.NotEmpty(t, s.object(t, "results", folder+"/result_1.csv.gz"))
	_, err := s.content.HeadObject("results", folder+"/result_sign.json")
	require.Error(t, err)
	f.open()
	f.waitForDelivery(id, "SUCCESS")
	require.NotEmpty(t, s.object(t, "results", folder+"/result_sign.json"))
}

// TestTimedOut: a query of an hour is ended, the rows that it gave until then are read in pages, and nothing is delivered.
func TestTimedOut(t *testing.T) {
	f := newFixture(t)
	f.serveBuckets("results")
	id := f.start("SELECT a.x FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 10000)) AS b(y), unnest(sequence(1, 10000)) AS c(z) WHERE a.x < 3 OR c.z = 0",
		"DeliveryS3Uri", "s3://results")
	require.Eventually(t, func() bool {
		info, err := f.lake.Queries().Get(id)
		return err == nil && info.Rows > 0
	}, 2*time.Minute, time.Millisecond)
	f.clock.Pass(time.Hour - time.Second)
	require.Equal(t, "RUNNING", f.get("DescribeQuery", of("QueryId", id))["QueryStatus"])
	f.clock.Pass(time.Second)
	described := f.wait(id, "TIMED_OUT")
	require.Equal(t, "FAILED", described["DeliveryStatus"])
	require.Contains(t, described["ErrorMessage"], "time limit")
	for range 2 {
		page := f.get("GetQueryResults", of("QueryId", id, "MaxQueryResults", 3))
		require.Equal(t, "TIMED_OUT", page["QueryStatus"])
		require.Contains(t, page["ErrorMessage"], "time limit")
		require.Equal(t, []any{[]any{of("x", "1")}, []any{of("x", "1")}, []any{of("x", "1")}}, page["QueryResultRows"])
		require.Greater(t, page["QueryStatistics"].(map[string]any)["TotalResultsCount"], 3.0)
		require.Len(t, f.get("GetQueryResults", of("QueryId", id, "MaxQueryResults", 3, "NextToken", page["NextToken"]))["QueryResultRows"], 3)
		f.close()
		f.open()
	}
	f.refused("InactiveQueryException", "CancelQuery", of("QueryId", id))
}

// TestAliases: a statement that has a name is started by it, and DescribeQuery by that name is about its latest query.
func TestAliases(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	queries := f.lake.Queries()
	require.ErrorIs(t, queries.SetAlias(ctx, engine.NamedStatement{Name: "1st", SQL: "SELECT 1"}), engine.ErrAliasName)
	require.NoError(t, queries.SetAlias(ctx, engine.NamedStatement{Name: "AWSCloudTrail-x", SQL: "SELECT ? AS a", Prompt: "what is it"}))
	f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryAlias", "AWSCloudTrail-x"))
	var last string
	for _, value := range []string{"7", "8"} {
		f.clock.Pass(time.Second)
		last = f.get("StartQuery", of("QueryAlias", "AWSCloudTrail-x", "QueryParameters", []any{value}))["QueryId"].(string)
		f.wait(last, "FINISHED")
		require.Equal(t, []any{[]any{of("a", value)}}, f.get("GetQueryResults", of("QueryId", last))["QueryResultRows"])
	}
	f.close()
	f.open()
	described := f.get("DescribeQuery", of("QueryAlias", "AWSCloudTrail-x"))
	require.Equal(t, last, described["QueryId"])
	require.Equal(t, "SELECT ? AS a", described["QueryString"])
	require.Equal(t, "what is it", described["Prompt"])
	f.refused("QueryIdNotFoundException", "DescribeQuery", of("QueryAlias", "AWSCloudTrail-x", "RefreshId", "1234567890"))
	f.refused("InvalidQueryStatementException", "StartQuery", of("QueryAlias", "AWSCloudTrail-x"))
	f.refused("InvalidParameterException", "StartQuery", of("QueryAlias", "AWSCloudTrail-x", "QueryParameters", []any{"1", "2"}))
	require.NoError(t, f.lake.Queries().RemoveAlias(ctx, "AWSCloudTrail-x"))
	f.refused("InvalidParameterException", "StartQuery", of("QueryAlias", "AWSCloudTrail-x"))
	require.Equal(t, last, f.get("DescribeQuery", of("QueryAlias", "AWSCloudTrail-x"))["QueryId"])
}
