package main_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/stretchr/testify/require"
)

// TestNewerFormat: of a lake that a newer program has raised to its format, every command says so in one sentence, and changes nothing.
func TestNewerFormat(t *testing.T) {
	program := buildProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	out, err := exec.Command(program, "--lake", lake, "import", filepath.Join("..", "..", "testdata", "logs")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	known := raiseFormat(t, lake)
	before := filesOf(t, lake)

	refusal := fmt.Sprintf("the lake has format version %d, this program knows versions up to %d: use a newer program", known+1, known)
	for name, args := range map[string][]string{
		"query":                 {"query", "SELECT count(*) FROM main"},
		"query, reading":        {"--read-only", "query", "SELECT count(*) FROM main"},
		"import":                {"import", filepath.Join("..", "..", "testdata", "logs")},
		"store update":          {"store", "update", "main", "--retention", "7d"},
		"compact":               {"compact"},
		"expire":                {"expire"},
		"verify":                {"verify"},
		"verify, reading":       {"--read-only", "verify"},
		"rebuild":               {"rebuild"},
		"rebuild from segments": {"rebuild", "--from-segments"},
		"serve":                 {"serve", "--listen", "127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), program, append([]string{"--lake", lake}, args...)...).CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "%s", out)
			require.Equal(t, 1, exit.ExitCode(), "%s", out)
			require.Contains(t, string(out), refusal)
			require.Equal(t, before, filesOf(t, lake))
		})
	}
}

// raiseFormat makes a new lake one of the next format version, and returns the version that it had.
func raiseFormat(t *testing.T, lake string) (known uint32) {
	t.Helper()
	db, err := badger.Open(badger.DefaultOptions(filepath.Join(lake, "catalog")).WithLogger(nil))
	require.NoError(t, err)
	require.NoError(t, db.Update(func(txn *badger.Txn) error {
		item, err := txn.Get([]byte("format"))
		if err != nil {
			return err
		}
		version, err := item.ValueCopy(nil)
		if err != nil {
			return err
		}
		known = binary.BigEndian.Uint32(version)
		return txn.Set([]byte("format"), binary.BigEndian.AppendUint32(nil, known+1))
	}))
	require.NoError(t, db.Close())
	return known
}

// filesOf has the hash of each file of a folder, by its path; but for Badger's value logs, which have nothing in them: opening
// numbers them anew.
func filesOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) == ".vlog" {
			return err
		}
		content, err := os.ReadFile(path)
		files[path] = fmt.Sprintf("%x", sha256.Sum256(content))
		return err
	}))
	return files
}
