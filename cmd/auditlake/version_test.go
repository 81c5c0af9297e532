package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// TestVersion: the versions of the formats are those that docs/formats describes.
func TestVersion(t *testing.T) {
	got := command(t, "version", "--format", "json")
	require.Equal(t, exitDone, got.code, got.err)
	var version struct {
		Version, Go, OS, Arch string
		Formats               struct{ Catalog, Segment, Log, KeptResult int }
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &version), got.out)
	require.Equal(t, []string{runtime.Version(), runtime.GOOS, runtime.GOARCH}, []string{version.Go, version.OS, version.Arch})
	for _, format := range []struct {
		page, says string
		known      int
	}{
		{"manifest.md", `Format version (\d+)\.`, version.Formats.Catalog},
		{"segment.md", "`auditlake (\\d+)`", version.Formats.Segment},
		{"manifest.md", `FF "ALHOT(\d+)`, version.Formats.Log},
		{"spool.md", `Format version (\d+)\.`, version.Formats.KeptResult},
	} {
		page, err := os.ReadFile(filepath.Join(material.Module(t), "docs", "formats", format.page))
		require.NoError(t, err)
		documented := regexp.MustCompile(format.says).FindSubmatch(page)
		require.NotNil(t, documented, "%s has no %s", format.page, format.says)
		require.Equal(t, string(documented[1]), strconv.Itoa(format.known), format.page)
	}

	text := command(t, "version")
	require.Equal(t, exitDone, text.code, text.err)
	require.Regexp(t, `^auditlake \S+\ncommit   .+\ngo       go1\S* \S+/\S+\nformats  catalog and manifest \d+, segment \d+, log \d+, kept result \d+\n$`, text.out)

	flag := command(t, "--version")
	require.Equal(t, exitDone, flag.code, flag.err)
	require.True(t, strings.HasPrefix(flag.out, "auditlake version "+version.Version), flag.out)

	require.Equal(t, exitUsage, command(t, "version", "--format", "xml").code)
}
