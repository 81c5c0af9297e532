package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTwoAnswers: rows in another order are another answer only of a statement
// that orders them.
func TestTwoAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		answers   [2]string
		same      bool
	}{
		{"equal", "SELECT x FROM t ORDER BY x", [2]string{"[[1],[2]]", "[[1],[2]]"}, true},
		{"no order", "SELECT x FROM t", [2]string{"[[1],[2],[2]]", "[[2],[1],[2]]"}, true},
		{"order", "SELECT x FROM t ORDER BY 1", [2]string{"[[1],[2]]", "[[2],[1]]"}, false},
		{"other rows", "SELECT x FROM t", [2]string{"[[1],[2],[2]]", "[[2],[1],[1]]"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"columns":[{"name":"x","type":"integer"}],"data":%s}`, tt.answers[asked])
				asked++
			}))
			defer server.Close()
			_, err := record(server.URL, statement{"g", tt.sql})
			require.Equal(t, 2, asked)
			if !tt.same {
				require.ErrorContains(t, err, "two answers")
				return
			}
			require.NoError(t, err)
		})
	}
}
