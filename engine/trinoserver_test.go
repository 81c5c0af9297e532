package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
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

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/planner/types"
)

// trinoCluster is a Trino server that docs/trino-cluster.md's own commands set up and started.
type trinoCluster struct {
	share   string // the folder that server and lakes share; lake lies in it
	program string // auditlake
	address string // of the server
	said    string // what the commands printed
}

var shellBlock = regexp.MustCompile("(?s)\n```sh\n(.*?)```\n")

// startTrino runs the commands of docs/trino-cluster.md for the lake in share/lake. The server is
// stopped when the test ends. PATH must lead to the programs that the page names.
func startTrino(t *testing.T, share string) *trinoCluster {
	home := os.Getenv("AUDITLAKE_TRINO_HOME")
	root := moduleFolder(t)
	c := &trinoCluster{share: share, program: filepath.Join(t.TempDir(), "auditlake")}
	out, err := exec.Command("go", "build", "-o", c.program, filepath.Join(root, "cmd/auditlake")).CombinedOutput()
	require.NoError(t, err, "%s", out)

	page, err := os.ReadFile(filepath.Join(root, "docs/trino-cluster.md"))
	require.NoError(t, err)
	script := ""
	for _, block := range shellBlock.FindAllSubmatch(page, -1) {
		script += string(block[1])
	}
	port := freePort(t)
	c.address = "http://127.0.0.1:" + port
	bucket := s3mem.New()
	require.NoError(t, bucket.CreateBucket("audit-copy"))
	storage := httptest.NewServer(gofakes3.New(bucket).Server())
	t.Cleanup(storage.Close)
	command := exec.Command("bash", "-euo", "pipefail", "-c", script)
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(c.program)+":"+os.Getenv("PATH"),
		"SHARE="+share, "TRINO="+home, "PORT="+port, "HEAP=1200M", "S3="+storage.URL,

		"JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", // they start sooner, and few answers are large
		"AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REQUEST_CHECKSUM_CALCULATION=when_required")
	t.Cleanup(func() {
		out, err := exec.Command(filepath.Join(home, "bin/launcher"), "-etc-dir", filepath.Join(share, "etc"), "-data-dir", filepath.Join(share, "var"), "kill").CombinedOutput()
		require.NoError(t, err, "%s", out)
		_, err = http.Get(c.address)
		require.Error(t, err, "the server still answers")
	})
	said, err := command.CombinedOutput()
	c.said = string(said)
	log, _ := os.ReadFile(filepath.Join(share, "var/var/log/server.log"))
	require.NoError(t, err, "%s\n%s", said, log[max(0, len(log)-4000):])
	return c
}

func freePort(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}

// projection is what makes Trino compute the partitions of a table.
var projection = regexp.MustCompile(` WITH \(partition_projection[^)]*\)|,\s+partition_projection_enabled = true`)

// makeTable makes the table of a store in a lake below the shared folder, in the schema of the lake's
// name. Its partitions are the folders that exist: computed ones would end with the server's clock, and take
// a question seconds.
func (c *trinoCluster) makeTable(t *testing.T, lake, store string) {
	out, err := exec.Command(c.program, "--lake", filepath.Join(c.share, lake), "store", "trino", store, "--at", "local:///"+lake).Output()
	require.NoError(t, err)
	statement := projection.ReplaceAllString(strings.TrimSuffix(strings.TrimSpace(string(out)), ";"), "")
	require.NotContains(t, statement, "projection")
	for _, sql := range []string{"CREATE SCHEMA IF NOT EXISTS " + lake, "DROP TABLE IF EXISTS " + store, statement,
		"CALL system.sync_partition_metadata('" + lake + "', '" + store + "', 'FULL')"} {
		_, err := c.ask(lake, sql)
		require.NoError(t, err, sql)
	}
}

// trinoAnswer is what a server answered, as its client protocol has it.
type trinoAnswer struct {
	columns       []answer.Column
	rows          [][]byte
	processedRows int64
}

// trinoError is an error that a Trino server answered.
type trinoError struct{ ErrorName, Message string }

func (e *trinoError) Error() string { return e.ErrorName + ": " + e.Message }

func (c *trinoCluster) ask(schema, sql string) (*trinoAnswer, error) {
	a := &trinoAnswer{}
	method, at, body := http.MethodPost, c.address+"/v1/statement", sql
	for at != "" {
		request, err := http.NewRequest(method, at, strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		for name, value := range map[string]string{"User": "test", "Catalog": "auditlake", "Schema": schema, "Time-Zone": "UTC", "Client-Capabilities": "PARAMETRIC_DATETIME"} {
			request.Header.Set("X-Trino-"+name, value)
		}
		if at, err = a.turn(request); err != nil {
			return nil, err
		}
		method, body = http.MethodGet, ""
	}
	return a, nil
}

// turn takes a page of the answer and returns where the next one is, "" after the last.
func (a *trinoAnswer) turn(request *http.Request) (next string, err error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", errors.New(response.Status)
	}
	var page struct {
		NextURI string
		Columns []struct{ Name, Type string }
		Data    []json.RawMessage
		Stats   struct{ ProcessedRows int64 }
		Error   *trinoError
	}
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		return "", err
	}
	if page.Error != nil {
		return "", page.Error
	}
	if a.columns == nil {
		for _, column := range page.Columns {
			parsed, err := types.ParseType(column.Type)
			if err != nil {
				return "", fmt.Errorf("type of %s: %w", column.Name, err)
			}
			a.columns = append(a.columns, answer.Column{Name: column.Name, Type: parsed})
		}
	}
	for _, row := range page.Data {
		a.rows = append(a.rows, row)
	}
	a.processedRows = page.Stats.ProcessedRows
	return page.NextURI, nil
}

// asker asks the server over the tables of a schema.
func (c *trinoCluster) asker(schema string) asker {
	return func(sql string) ([]string, []answer.Column, error) {
		a, err := c.ask(schema, sql)
		if err != nil {
			return nil, nil, err
		}
		rows := make([]string, len(a.rows))
		for i, row := range a.rows {
			rows[i] = canonical(row, floatingColumns(a.columns))
		}
		return rows, a.columns, nil
	}
}
