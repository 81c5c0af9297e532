package main

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	endpoint string
	env      []string
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

// serveAWS serves the sample to AWS clients.
func serveAWS(t *testing.T, flags ...string) *awsClient {
	t.Helper()
	return serveAWSLake(t, sampleLake(t), flags...)
}

// serveAWSLake serves a lake to AWS clients.
func serveAWSLake(t *testing.T, lake string, flags ...string) *awsClient {
	t.Helper()
	t.Setenv(rootIDVariable, "AKIDEXAMPLE")
	t.Setenv(rootSecretVariable, "not-a-secret-example-key")
	address, _ := serveLake(t, lake, append([]string{"--account", "123456789012"}, flags...)...)
	return &awsClient{endpoint: "http://" + address, env: append(os.Environ(),
		"HOME="+t.TempDir(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret-example-key", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=")}
}

// aws runs the AWS CLI, version 1, and returns what it prints and its exit code.
func (c *awsClient) aws(t *testing.T, service string, args ...string) (out, stderr string, code int) {
	t.Helper()
	command := exec.Command(filepath.Join(filepath.Dir(clientPython(t)), "aws"),
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
	clientPython(t)
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
	generated := c.ask(t, "generate-query", "--event-data-stores", store, "--prompt", "What are my top errors?")
	require.Equal(t, "FINISHED", c.wait(t, c.ask(t, "start-query", "--query-alias", generated["QueryAlias"].(string))["QueryId"].(string)))
	c.refused(t, "GenerateResponseException", "generate-query", "--event-data-stores", store, "--prompt", "What is the weather in Paris?")
}

// TestAWSClientBoto3: the AWS SDK for Python reads pages with its paginators, knows the errors by their names, and pushes audit events.
func TestAWSClientBoto3(t *testing.T) {
	python := clientPython(t)
	c := serveAWS(t)
	command := exec.Command(python, "testdata/aws_client.py", c.endpoint)
	command.Env = c.env
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 5, strings.Count(string(out), "ok check_"), string(out))
}

// TestAWSClientGo: the AWS SDK for Go drives the life of a query with its paginators; and it makes the requests of Terraform, to which what it made
// stays what it asked for.
func TestAWSClientGo(t *testing.T) {
	program := os.Getenv("AUDITLAKE_AWS_GO")
	if program == "" {
		t.Skip("AUDITLAKE_AWS_GO does not name the program of testdata/awsgo")
	}
	for _, check := range []string{"queries", "terraform"} {
		t.Run(check, func(t *testing.T) {
			c := serveAWS(t)
			command := exec.Command(program, check)
			command.Env = append(c.env, "AWS_ENDPOINT_URL="+c.endpoint)
			out, err := command.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, "ok "+check+"\n", string(out))
		})
	}
}

// TestAWSClientJavaScript: the AWS SDK for JavaScript does, too, and asks what a portal for temporary access asks.
func TestAWSClientJavaScript(t *testing.T) {
	node, modules := os.Getenv("AUDITLAKE_NODE"), os.Getenv("AUDITLAKE_NODE_MODULES")
	if node == "" || modules == "" {
		t.Skip("AUDITLAKE_NODE and AUDITLAKE_NODE_MODULES do not name Node.js and a folder with @aws-sdk/client-cloudtrail")
	}
	lake := sampleLake(t)
	importSessions(t, lake)
	c := serveAWSLake(t, lake)
	command := exec.Command(node, "testdata/aws_client.cjs")
	command.Env = append(c.env, "AWS_ENDPOINT_URL="+c.endpoint, "NODE_PATH="+modules)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, 3, strings.Count(string(out), "ok check"), string(out))
}

// importSessions gives a lake the store sessions, with what two people did with two roles within an hour and around it.
func importSessions(t *testing.T, lake string) {
	t.Helper()
	var events []string
	for _, e := range []struct{ id, at, user, role, account string }{
		{"inside-1", "2026-11-20T10:00:01Z", "Jane@example.com", "AWSReservedSSO_Operator_0a1b", "111122223333"},
		{"inside-2", "2026-11-20T10:59:59Z", "jane@example.com", "AWSReservedSSO_Operator_0a1b", "111122223333"},
		{"before", "2026-11-20T10:00:00Z", "jane@example.com", "AWSReservedSSO_Operator_0a1b", "111122223333"},
		{"after", "2026-11-20T11:00:00Z", "jane@example.com", "AWSReservedSSO_Operator_0a1b", "111122223333"},
		{"somebody-else", "2026-11-20T10:30:00Z", "joe@example.com", "AWSReservedSSO_Operator_0a1b", "111122223333"},
		{"another-role", "2026-11-20T10:30:00Z", "jane@example.com", "AWSReservedSSO_Reader_0a1b", "111122223333"},
		{"another-account", "2026-11-20T10:30:00Z", "jane@example.com", "AWSReservedSSO_Operator_0a1b", "444455556666"},
	} {
		events = append(events, fmt.Sprintf(`{"eventVersion":"1.08","eventTime":%q,"eventID":%q,"eventName":"StopInstances","eventSource":"ec2.amazonaws.com",`+
			`"eventCategory":"Management","eventType":"AwsApiCall","awsRegion":"us-east-1","recipientAccountId":%q,"userIdentity":{"type":"AssumedRole",`+
			`"principalId":"AROAEXAMPLE:%s","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::%[3]s:role/aws-reserved/sso.amazonaws.com/%[5]s"}}}}`,
			e.at, e.id, e.account, e.user, e.role))
	}
	file := filepath.Join(t.TempDir(), "sessions.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"Records":[`+strings.Join(events, ",")+`]}`), 0o600))
	for _, args := range [][]string{{"store", "create", "sessions", "--retention", "3653"}, {"import", "--store", "sessions", file}} {
		got := command(t, append([]string{"--lake", lake}, args...)...)
		require.Equal(t, exitDone, got.code, got.err)
	}
}
