package tableimport_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/tableimport"
)

// FuzzText: text of any kind gives rows of the inferred types, or an error.
func FuzzText(f *testing.F) {
	f.Add([]byte("a,b\n1,2.5\ntrue,\"x\"\"\ny\"\n"), true)
	f.Add([]byte("\xEF\xBB\xBFd,t\r\n2026-01-31,2026-01-31 10:00:00\r\n"), true)
	f.Add([]byte("{\"a\":[1,{\"b\":null}],\"c\":{\"d\":1e3}}\n{\"A\":\"x\"}\n"), false)
	f.Add([]byte("{\"a\":{}}\n{\"a\":[[]]}\n"), false)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte, isCSV bool) {
		format := tableimport.NDJSON
		if isCSV {
			format = tableimport.CSV
		}
		path := filepath.Join(dir, string(format))
		require.NoError(t, os.WriteFile(path, text, 0o600))
		r, err := tableimport.Open(path, format, nil)
		if err != nil {
			return
		}
		defer r.Close()
		for record, err := range r.Records() {
			// What the types were inferred from must have them.
			require.NoError(t, err)
			require.Equal(t, int64(len(r.Columns())), record.NumCols())
		}
	})
}
