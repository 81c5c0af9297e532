package main_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
)

// served is a server in a process of its own.
type served struct {
	t       *testing.T
	url     string
	process *exec.Cmd
}

const (
	servedKey    = "AKIDEXAMPLE"
	servedSecret = "not-a-secret-example-key"
)

// serveBuckets starts a server of a lake with a file of buckets.
func serveBuckets(t *testing.T, program, lake, buckets string) *served {
	t.Helper()
	s := &served{t: t, process: exec.Command(program, "--lake", lake, "serve", "--listen", "127.0.0.1:0", "--buckets", buckets)}
	s.process.Env = append(os.Environ(), "AUDITLAKE_ROOT_ACCESS_KEY_ID="+servedKey, "AUDITLAKE_ROOT_SECRET_ACCESS_KEY="+servedSecret)
	s.process.Stderr = os.Stderr
	s.url = "http://" + startServer(t, s.process)
	return s
}

// kill ends the server at once.
func (s *served) kill() {
	require.NoError(s.t, s.process.Process.Kill())
	_ = s.process.Wait()
}

// ask asks for an operation of the AWS API; an answer that is no success is an error.
func (s *served) ask(operation string, members map[string]any) (map[string]any, error) {
	body, err := json.Marshal(members)
	require.NoError(s.t, err)
	r, err := http.NewRequest(http.MethodPost, s.url+"/", bytes.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."+operation)
	hash := sha256.Sum256(body)
	key := aws.Credentials{AccessKeyID: servedKey, SecretAccessKey: servedSecret}
	require.NoError(s.t, v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), "cloudtrail", "us-east-1", time.Now()))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	out := map[string]any{}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %v", operation, out)
	}
	return out, nil
}

// TestKilledServerImport kills a server again and again while it imports: the next one goes on with the import, and in the end
// the lake holds every event once. Half of AUDITLAKE_KILL_ROUNDS lakes are treated so.
func TestKilledServerImport(t *testing.T) {
	rounds := (killRounds(t) + 1) / 2
	program := buildProgram(t)
	logs := t.TempDir()
	const events = 12000
	_, err := gen.Write(logs, gen.Options{Seed: 4, Events: events, Days: 10, EventsPerFile: 40, End: time.Now().UTC().Add(-24 * time.Hour)})
	require.NoError(t, err)
	buckets := filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(buckets, fmt.Appendf(nil, "[[folder]]\nname = \"logs\"\npath = %q\nread_only = true\n", logs), 0o600))
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			lake := filepath.Join(t.TempDir(), "lake")
			out, err := exec.Command(program, "--lake", lake, "store", "create", "main", "--retention", "3653").CombinedOutput()
			require.NoError(t, err, string(out))
			store := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindString(string(out))
			require.NotEmpty(t, store, string(out))
			id := ""
			for kills := 0; ; kills++ {
				s := serveBuckets(t, program, lake, buckets)
				if id == "" {
					started, err := s.ask("StartImport", map[string]any{"Destinations": []string{store}, "ImportSource": map[string]any{"S3": map[string]any{
						"S3LocationUri": "s3://local-logs/", "S3BucketRegion": "us-east-1", "S3BucketAccessRoleArn": "arn:aws:iam::111122223333:role/copy"}}})
					require.NoError(t, err)
					id = started["ImportId"].(string)
				}
				if kills < 6 {
					time.Sleep(time.Duration(random.Int63n(int64(300 * time.Millisecond))))
				} else {
					require.Eventually(t, func() bool { return describedImport(t, s, id)["ImportStatus"] == "COMPLETED" }, 3*time.Minute, 20*time.Millisecond)
				}
				found := describedImport(t, s, id)
				s.kill()
				count := countEvents(t, program, lake)
				require.LessOrEqual(t, count, int64(events), "no event comes twice")
				if status := found["ImportStatus"]; status != "IN_PROGRESS" && status != "INITIALIZING" {
					require.Equal(t, "COMPLETED", status)
					statistics := found["ImportStatistics"].(map[string]any)
					require.EqualValues(t, events, statistics["EventsCompleted"], "after %d kills", kills)
					require.EqualValues(t, 0, statistics["FailedEntries"])
					require.EqualValues(t, events, count)
					return
				}
			}
		})
	}
}

func describedImport(t *testing.T, s *served, id string) map[string]any {
	found, err := s.ask("GetImport", map[string]any{"ImportId": id})
	require.NoError(t, err)
	return found
}
