package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

// TestAWSClientDelivery: the AWS command line, version 1, has a result delivered, and version 2 finds that it is as it was signed,
// in the bucket and downloaded; whatever is changed of it, it finds out.
func TestAWSClientDelivery(t *testing.T) {
	second := os.Getenv("AUDITLAKE_AWS_CLI_2")
	if second == "" {
		t.Skip("AUDITLAKE_AWS_CLI_2 does not name an AWS CLI of version 2")
	}
	content := s3mem.New()
	require.NoError(t, content.CreateBucket("results"))
	server := httptest.NewServer(gofakes3.New(content).Server())
	defer server.Close()
	buckets := filepath.Join(t.TempDir(), "buckets.toml")
	require.NoError(t, os.WriteFile(buckets, fmt.Appendf(nil, "[[bucket]]\nname = \"results\"\nendpoint = %q\naccess_key_id = \"key\"\nsecret_access_key = \"secret\"\n", server.URL), 0o600))
	c := serveAWS(t, "--buckets", buckets)

	query := c.ask(t, "start-query", "--query-statement", "SELECT eventID, eventName, requestParameters FROM main", "--delivery-s3-uri", "s3://results/lake")["QueryId"].(string)
	require.Equal(t, "FINISHED", c.wait(t, query))
	require.Eventually(t, func() bool {
		return c.ask(t, "describe-query", "--query-id", query)["DeliveryStatus"] == "SUCCESS"
	}, 3*time.Minute, time.Millisecond)
	listed, err := content.ListBucket("results", &gofakes3.Prefix{Prefix: "lake/AWSLogs/123456789012/CloudTrail-Lake/Query/", HasPrefix: true}, gofakes3.ListBucketPage{})
	require.NoError(t, err)
	dir := t.TempDir()
	folder := ""
	for _, o := range listed.Contents {
		if filepath.Base(o.Key) == "access_check.txt" {
			continue
		}
		folder = filepath.Dir(o.Key)
		object, err := content.GetObject("results", o.Key, nil)
		require.NoError(t, err)
		text, err := io.ReadAll(object.Contents)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(o.Key)), text, 0o600))
	}

	verify := func(args ...string) (out string, code int) {
		command := exec.Command(second, append([]string{"--endpoint-url", c.endpoint, "cloudtrail", "verify-query-results"}, args...)...)
		command.Env = append(c.env, "AWS_ENDPOINT_URL_S3="+server.URL)
		printed, err := command.CombinedOutput()
		if err != nil {
			require.ErrorAs(t, err, new(*exec.ExitError), string(printed))
		}
		return string(printed), command.ProcessState.ExitCode()
	}
	const valid = "Successfully validated sign and query result files"
	out, code := verify("--s3-bucket", "results", "--s3-prefix", folder)
	require.Zero(t, code, out)
	require.Contains(t, out, valid)
	out, code = verify("--local-export-path", dir)
	require.Zero(t, code, out)
	require.Contains(t, out, valid)

	const part, sign = "result_1.csv.gz", "result_sign.json"
	replace := func(old, new string) func(text []byte) []byte {
		return func(text []byte) []byte {
			require.Contains(t, string(text), old)
			return bytes.Replace(text, []byte(old), []byte(new), 1)
		}
	}
	flip := func(after string) func(text []byte) []byte {
		return func(text []byte) []byte {
			at := bytes.Index(text, []byte(after)) + len(after)
			changed := bytes.Clone(text)
			if changed[at] = '0'; text[at] == '0' { // another hex digit
				changed[at] = '1'
			}
			return changed
		}
	}
	for _, tt := range []struct {
		name, file string
		change     func(text []byte) []byte // nil: the file is renamed
		to, want   string
	}{
		{"a changed byte", part, func(text []byte) []byte { text = bytes.Clone(text); text[len(text)/2] ^= 1; return text }, part, "inconsistent hash value"},
		{"a renamed part", part, nil, "result_2.csv.gz", part},
		{"a missing part", part, nil, "../gone", part},
		{"an edited hash", sign, flip(`"fileHashValue": "`), sign, "inconsistent hash value"},
		{"an edited signature", sign, flip(`"hashSignature": "`), sign, "Invalid signature"},
		{"another name", sign, replace(part, "result_7.csv.gz"), sign, "result_7.csv.gz"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			was, err := os.ReadFile(filepath.Join(dir, tt.file))
			require.NoError(t, err)
			now := was
			if tt.change != nil {
				now = tt.change(was)
			}
			require.NoError(t, os.Remove(filepath.Join(dir, tt.file)))
			require.NoError(t, os.WriteFile(filepath.Join(dir, tt.to), now, 0o600))
			out, code := verify("--local-export-path", dir)
			require.NoError(t, os.Remove(filepath.Join(dir, tt.to)))
			require.NoError(t, os.WriteFile(filepath.Join(dir, tt.file), was, 0o600))
			require.NotZero(t, code, out)
			require.NotContains(t, out, valid)
			require.Contains(t, out, tt.want)
		})
	}
	out, code = verify("--local-export-path", dir)
	require.Zero(t, code, out)
}
