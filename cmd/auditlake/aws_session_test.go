package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// sessionAsserts is how many asserts the session has, and importAsserts how many of them are about an import.
const sessionAsserts, importAsserts = 66, 5

// TestAWSClientSession: the AWS command line, versions 1 and 2, walks through the service with an S3 server beside it: testdata/aws/cli-session.sh.
func TestAWSClientSession(t *testing.T) {
	second := os.Getenv("AUDITLAKE_AWS_CLI_2")
	if second == "" {
		t.Skip("AUDITLAKE_AWS_CLI_2 does not name an AWS CLI of version 2")
	}
	for _, tt := range []struct{ name, command, version string }{
		{"version 1", filepath.Join(filepath.Dir(clientPython(t)), "aws"), `^aws-cli/1\.`},
		{"version 2", second, `^aws-cli/2\.(2[3-9]|[3-9]\d)\.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			version, err := exec.Command(tt.command, "--version").CombinedOutput()
			require.NoError(t, err, string(version))
			require.Regexp(t, tt.version, string(version))
			buckets := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
			defer buckets.Close()
			file := filepath.Join(t.TempDir(), "buckets.toml")
			require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "[[bucket]]\nname = \"*\"\nendpoint = %q\naccess_key_id = \"k\"\nsecret_access_key = \"s\"\n", buckets.URL), 0o600))
			c := serveAWS(t, "--buckets", file)
			session := exec.Command("bash", material.Own(t, "aws/cli-session.sh"))
			session.Env = append(c.env, "AWS="+tt.command, "ENDPOINT="+c.endpoint, "S3_ENDPOINT="+buckets.URL, "WAIT=180")
			out, err := session.CombinedOutput()
			t.Logf("%s\n%s", version, out)
			held := regexp.MustCompile(`(?m)^ok   `).FindAll(out, -1)
			failed := regexp.MustCompile(`(?m)^FAIL .*`).FindAllString(string(out), -1)
			if len(failed) == 1 && strings.Contains(failed[0], "StartImport is not offered") {
				require.Len(t, held, sessionAsserts-importAsserts)
				return
			}
			require.NoError(t, err)
			require.Empty(t, failed)
			require.Len(t, held, sessionAsserts)
		})
	}
}
