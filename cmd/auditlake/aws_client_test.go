package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// awsClient is the environment of AWS clients of a server.
type awsClient struct {
	python, endpoint string
	env              []string
}

// clientPython is the Python that has the clients.
func clientPython(t *testing.T) string {
	t.Helper()
	python := os.Getenv("AUDITLAKE_PYTHON")
	if python == "" {
		t.Skip("AUDITLAKE_PYTHON does not name a Python with the packages awscli and boto3")
	}
	return python
}

// serveAWS serves the sample to AWS clients of the Python that the environment names.
func serveAWS(t *testing.T) *awsClient {
	t.Helper()
	python := clientPython(t)
	t.Setenv(rootIDVariable, "AKIDEXAMPLE")
	t.Setenv(rootSecretVariable, "not-a-secret-example-key")
	address, _ := serveLake(t, sampleLake(t), "--account", "123456789012")
	return &awsClient{python: python, endpoint: "http://" + address, env: append(os.Environ(),
		"HOME="+t.TempDir(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret-example-key", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=")}
}

// aws runs the AWS CLI, and returns what it prints and its exit code.
func (c *awsClient) aws(t *testing.T, service string, args ...string) (out, stderr string, code int) {
	t.Helper()
	command := exec.Command(filepath.Join(filepath.Dir(c.python), "aws"),
		append([]string{"--endpoint-url", c.endpoint, "--output", "json", service}, args...)...)
	var stdout, errors bytes.Buffer
	command.Env, command.Stdout, command.Stderr = c.env, &stdout, &errors
	if err := command.Run(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return stdout.String(), errors.String(), command.ProcessState.ExitCode()
}

// ask runs a command that must succeed, and returns its answer.
func (c *awsClient) ask(t *testing.T, args ...string) map[string]any {
	t.Helper()
	out, stderr, code := c.aws(t, "cloudtrail", args...)
	require.Zero(t, code, stderr)
	var answer map[string]any
	if out != "" {
		require.NoError(t, json.Unmarshal([]byte(out), &answer), out)
	}
	return answer
}

// refused runs a command that the server must refuse.
func (c *awsClient) refused(t *testing.T, code string, args ...string) {
	t.Helper()
	_, stderr, exit := c.aws(t, "cloudtrail", args...)
	require.Equal(t, 255, exit, stderr)
	require.Contains(t, stderr, "An error occurred ("+code+")")
}

// wait asks for a query until it has ended.
func (c *awsClient) wait(t *testing.T, query string) string {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); {
		if state := c.ask(t, "describe-query", "--query-id", query)["QueryStatus"].(string); state != "QUEUED" && state != "RUNNING" {
			return state
		}
	}
	t.Fatal("the query does not end")
	return ""
}

// TestAWSClientCLI: the AWS command line, version 1, creates a store and drives a query from its start to its rows.
func TestAWSClientCLI(t *testing.T) {
	c := serveAWS(t)
	out, stderr, code := c.aws(t, "sts", "get-caller-identity")
	require.Zero(t, code, stderr)
	require.Contains(t, out, `"Arn": "arn:aws:iam::123456789012:root"`)

	made := c.ask(t, "create-event-data-store", "--name", "fresh", "--tags-list", "Key=team,Value=sec")
	require.Equal(t, "CREATED", made["Status"])
	require.Equal(t, "ENABLED", c.ask(t, "get-event-data-store", "--event-data-store", made["EventDataStoreArn"].(string))["Status"])
	store := ""
	stores := c.ask(t, "list-event-data-stores")["EventDataStores"].([]any)
	require.Len(t, stores, 2)
	for _, s := range stores {
		if found := s.(map[string]any); found["Name"] == "main" {
			_, store, _ = strings.Cut(found["EventDataStoreArn"].(string), "/")
		}
	}

	query := c.ask(t, "start-query", "--query-statement", "SELECT eventName, count(*) AS calls\nFROM "+store+" GROUP BY eventName ORDER BY calls DESC, eventName LIMIT 3;")["QueryId"].(string)
	require.Equal(t, "FINISHED", c.wait(t, query))
	page := c.ask(t, "get-query-results", "--query-id", query, "--max-query-results", "2")
	rows := page["QueryResultRows"].([]any)
	require.Len(t, rows, 2)
	page = c.ask(t, "get-query-results", "--query-id", query, "--max-query-results", "2", "--next-token", page["NextToken"].(string))
	rows = append(rows, page["QueryResultRows"].([]any)...)
	require.Len(t, rows, 3)
	require.NotContains(t, page, "NextToken")
	for _, row := range rows {
		columns := row.([]any)
		require.Len(t, columns, 2)
		require.NotEmpty(t, columns[0].(map[string]any)["eventName"])
		require.Regexp(t, "^[0-9]+$", columns[1].(map[string]any)["calls"])
	}
	listed := c.ask(t, "list-queries", "--event-data-store", store, "--query-status", "FINISHED")["Queries"].([]any)
	require.Len(t, listed, 1)
	require.Equal(t, query, listed[0].(map[string]any)["QueryId"])

	long := c.ask(t, "start-query", "--query-statement", "SELECT count(*) FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 10000)) AS b(y), "+
		"unnest(sequence(1, 10000)) AS c(z) WHERE x * y + z = -1")["QueryId"].(string)
	require.Equal(t, long, c.ask(t, "cancel-query", "--query-id", long)["QueryId"])
	require.Equal(t, "CANCELLED", c.wait(t, long))
	c.refused(t, "InactiveQueryException", "cancel-query", "--query-id", long)
	c.refused(t, "InvalidQueryStatementException", "start-query", "--query-statement", "DELETE FROM "+store)
	c.refused(t, "UnsupportedOperationException", "list-trails")
}

// TestAWSClientBoto3: the AWS SDK for Python reads pages with its paginators, and knows the errors by their names.
func TestAWSClientBoto3(t *testing.T) {
	c := serveAWS(t)
	command := exec.Command(c.python, "testdata/aws_client.py", c.endpoint)
	command.Env = c.env
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 4, strings.Count(string(out), "ok check_"), string(out))
}
