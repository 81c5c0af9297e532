package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReceipts: the receipt of a kept result is verified by the lake, and without it by the key; one that was changed is not.
func TestReceipts(t *testing.T) {
	lake := sampleLake(t)
	key := field(t, command(t, "--lake", lake, "store", "show").out, "chain key")
	require.Equal(t, exitDone, command(t, "--lake", lake, "query", "--keep", "SELECT count(*) AS n FROM main").code)
	id := strings.Fields(command(t, "--lake", lake, "queries", "list", "--limit", "1").out)
	require.NotEmpty(t, id)
	issued := command(t, "--lake", lake, "queries", "receipt", firstUUID(t, id))
	require.Equal(t, exitDone, issued.code, issued.err)
	file := filepath.Join(t.TempDir(), "receipt.json")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }

	write(issued.out)
	got := command(t, "--lake", lake, "verify", "--receipt", file)
	require.Equal(t, exitDone, got.code, got.err)
	for _, line := range []string{`statement "SELECT count(*) AS n FROM main"`, "the kept rows match the receipt", "the head is in the lake's chain", "no problem found"} {
		require.Contains(t, got.out, line)
	}
	elsewhere := filepath.Join(t.TempDir(), "nothing")
	got = command(t, "--lake", elsewhere, "verify", "--receipt", file, "--key", key)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "there is no lake here")
	require.Equal(t, exitFailed, command(t, "--lake", elsewhere, "verify", "--receipt", file).code, "without a key nothing is proved")

	write(strings.Replace(issued.out, "AS n", "AS m", 1))
	got = command(t, "--lake", lake, "verify", "--receipt", file)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "PROBLEM the signature is not valid")
	require.Contains(t, got.err, "2 problems found")

	write("{}")
	got = command(t, "--lake", lake, "verify", "--receipt", file)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "not a receipt of a result")
	require.Equal(t, exitUsage, command(t, "--lake", lake, "verify", "--receipt", file, "main").code)
	require.Equal(t, exitUsage, command(t, "--lake", lake, "verify", "--receipt", file, "--head", strings.Repeat("0", 64)).code)
	require.Equal(t, exitFailed, command(t, "--lake", lake, "queries", "receipt", "x").code)
}

// firstUUID is the first of some words that is a UUID.
func firstUUID(t *testing.T, words []string) string {
	t.Helper()
	for _, word := range words {
		if len(word) == 36 && strings.Count(word, "-") == 4 {
			return word
		}
	}
	t.Fatalf("no UUID in %v", words)
	return ""
}
