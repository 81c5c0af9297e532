package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

func TestCurveSizes(t *testing.T) {
	var sizes curveSizes
	require.NoError(t, sizes.Set("5000,1000,5000"))
	require.Equal(t, curveSizes{1000, 5000}, sizes)
	require.Equal(t, "1000,5000", sizes.String())
	for _, text := range []string{"", "1000,", "1e6", "0", "-1"} {
		require.Error(t, sizes.Set(text), text)
	}
}

// TestCurve: a lake of each size is made once, whole, and asked for the days of its events on a later day, too.
func TestCurve(t *testing.T) {
	served := startServed(t)
	defer served.stop()
	b := newBench(t, program(t, `case $3 in import) echo import >> "$AUDITLAKE_IMPORTS"; mkdir -p $2/stores; head -c 10000 /dev/zero > $2/stores/segment; exit; esac
`+shootsAt(served.url)), "")
	imports := filepath.Join(b.dir, "imports")
	t.Setenv("AUDITLAKE_IMPORTS", imports)
	b.curve, b.runs, b.only = curveSizes{40, 80}, 1, regexp.MustCompile("day|month")
	half := filepath.Join(b.dir, "curve-80.part", "lake", "half")
	require.NoError(t, os.MkdirAll(half, 0o700))
	for range 2 {
		var err error
		text := process.Printed(t, func() { err = b.run() })
		require.NoError(t, err)
		require.Contains(t, text, "| question | 40 events | 80 events | largest ÷ smallest |\n|---|---|---|---|\n| stored, MB | 0 | 0 | |\n")
		for _, title := range []string{"count over one day", "top event names and callers of one day", "errors of a month by day and source"} {
			require.Regexp(t, `(?m)^\| `+title+` \|( [0-9.]+, [0-9]+, 50\.00 %, ([0-9]+|–) \|){2} [0-9.]+ \|$`, text)
		}
		require.NotContains(t, text, "full sort")
		b.end = b.end.Add(24 * time.Hour)
	}
	made, err := os.ReadFile(imports)
	require.NoError(t, err)
	require.Equal(t, "import\nimport\n", string(made))
	kept := &bench{dir: filepath.Join(b.dir, "curve-80"), end: b.end}
	require.NoError(t, kept.readNote())
	require.Equal(t, 80, kept.events)
	require.Equal(t, b.end.AddDate(0, 0, -2), kept.end)
	require.NoDirExists(t, kept.logs())
	require.NoDirExists(t, filepath.Dir(filepath.Dir(half)))
	require.NoDirExists(t, filepath.Join(kept.dir, "lake", "half"))
}

// TestCurveCells: an answer without rows and a failure are named.
func TestCurveCells(t *testing.T) {
	few := curve{events: 10, storedBytes: 1000, titles: []string{"a", "b"}, of: []measured{{answer: answer{Seconds: 0.001}}, {failed: "no\nway"}}}
	many := curve{events: 20, storedBytes: 2000, titles: few.titles,
		of: []measured{{answer: answer{Seconds: 0.002, CPU: 0.01, Rows: [][]any{{7.0}}, scannedBytes: 10}, peakBytes: 5 << 20}, {answer: answer{Seconds: 1}}}}
	text := process.Printed(t, func() { printCurves([]curve{few, many}) })
	require.Contains(t, text, "| a | 1.0, 0, 0.00 %, –, no rows | 2.0, 10, 0.50 %, 5 | 2.00 |\n")
	require.Contains(t, text, "| b | no way | 1000.0, 0, 0.00 %, –, no rows | – |\n")
}
