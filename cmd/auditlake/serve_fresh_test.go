package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestServeOfAFreshFolder: with nothing but a folder's name, an AWS client that shows the root key makes an event data store, and a Trino client
// reads it.
func TestServeOfAFreshFolder(t *testing.T) {
	command := exec.Command(buildProgram(t), "--lake", filepath.Join(t.TempDir(), "lake"), "serve", "--listen", "127.0.0.1:0")
	command.Env = append(os.Environ(), "AUDITLAKE_ROOT_ACCESS_KEY_ID=AKIDEXAMPLE", "AUDITLAKE_ROOT_SECRET_ACCESS_KEY=not-a-secret-example-key")
	s := &servingProgram{address: "http://" + startServer(t, command)}
	require.Equal(t, "CREATED", s.ask(t, "CreateEventDataStore", map[string]string{"Name": "fresh"})["Status"])

	var rows [][]string
	r, err := http.NewRequest(http.MethodPost, s.address+"/v1/statement", strings.NewReader("SHOW TABLES FROM auditlake.default LIKE 'fr%'"))
	for err == nil && r != nil {
		r.Header.Set("X-Trino-User", "me")
		var answer *http.Response
		answer, err = http.DefaultClient.Do(r)
		require.NoError(t, err)
		text, readErr := io.ReadAll(answer.Body)
		require.NoError(t, readErr)
		require.NoError(t, answer.Body.Close())
		page := struct {
			NextURI string
			Data    [][]string
		}{}
		require.NoError(t, json.Unmarshal(text, &page), string(text))
		rows = append(rows, page.Data...)
		if r = nil; page.NextURI != "" {
			r, err = http.NewRequest(http.MethodGet, page.NextURI, nil)
		}
	}
	require.NoError(t, err)
	require.Equal(t, [][]string{{"fresh"}}, rows)
}
