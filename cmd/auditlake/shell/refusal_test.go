package shell

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHelpNamesEveryCommand(t *testing.T) {
	code, lines, _ := script(`\?`)
	require.Zero(t, code)
	require.Len(t, lines, len(commands))
	for i, c := range commands {
		require.True(t, strings.HasPrefix(lines[i], c.name), lines[i])
		require.Contains(t, lines[i], c.help)
	}
}

// TestWrongCommandsEndAScript: with an error that says what is wrong.
func TestWrongCommandsEndAScript(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.sql")
	require.NoError(t, os.WriteFile(large, nil, 0o600))
	require.NoError(t, os.Truncate(large, maxScriptBytes+1))
	for line, reason := range map[string]string{
		`\x maybe`:          `\x must be on, off or auto, not "maybe"`,
		`\timing maybe`:     `\timing must be on or off, not "maybe"`,
		`\e`:                `\e needs a terminal`,
		`\watch`:            "there is no statement to watch yet",
		`\watch soon`:       `\watch needs seconds, up to a day, not "soon"`,
		`\watch 1 0`:        `\watch needs a number of times, not "0"`,
		`\watch 1 1 1`:      "accepts only SECONDS and TIMES",
		`\o ` + dir:         "is a directory",
		`\format xml`:       `unknown format "xml"`,
		`\i`:                `\i needs a file`,
		`\i ` + dir + `/no`: "no such file",
		`\i ` + large:       fmt.Sprintf("has more than %d bytes", maxScriptBytes),
	} {
		code, lines, errors := script(line + "\nSELECT 1;")
		require.Equal(t, 2, code, line)
		require.Equal(t, []string{""}, lines, line)
		require.Len(t, errors, 1)
		require.Contains(t, errors[0], reason, line)
	}
}

// TestFilesAndMarks: a file ends with its first error and may begin with a mark; so may a script.
func TestFilesAndMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sql")
	require.NoError(t, os.WriteFile(path, []byte(byteOrderMark+"SELECT 7; bad; SELECT 8;\n"), 0o600))
	code, lines, _ := script(byteOrderMark + `\i ` + path)
	require.Equal(t, 3, code)
	require.Len(t, lines, 2)
	require.True(t, strings.HasSuffix(lines[0], "-- SELECT 7"), lines[0])

	require.NoError(t, os.WriteFile(path, []byte("SELECT 7;\n"), 0o600))
	code, lines, _ = script(`\i ` + path)
	require.Zero(t, code)
	require.Len(t, lines, 1)
}

func TestLineThatIsTooLong(t *testing.T) {
	code, lines, errors := script("SELECT 1;\n" + strings.Repeat("x", maxPlainLineBytes+1))
	require.Equal(t, 1, code)
	require.Len(t, lines, 1)
	require.Equal(t, []string{"error: bufio.Scanner: token too long"}, errors)
}

// TestStatsUnderAnAnswer: time, cost, both or neither.
func TestStatsUnderAnAnswer(t *testing.T) {
	_, lines, errors := script("SELECT 1;\n\\cost\nSELECT 2;\n\\timing\nSELECT 3;\n\\cost\nSELECT 4;\n")
	require.Equal(t, []string{"cost is off", "timing is off", "cost is on"}, errors)
	for i, stats := range []string{"all", "time", "none", "cost"} {
		require.Contains(t, lines[i], " --stats "+stats+" ")
	}
}

// TestHistoryThatIsNotKept: the session goes on without one, and says so once.
func TestHistoryThatIsNotKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	var out bytes.Buffer
	s := &Shell{interactive: true, history: openHistory(filepath.Join(file, "history")), options: Options{Err: &out}}
	s.remember("SELECT 1;")
	s.remember("SELECT 2;")
	require.Equal(t, 1, strings.Count(out.String(), "warning: the history is not saved: "))
	require.Equal(t, 2, s.history.Len())
}

// TestHistoryHasAnEnd: the oldest statements go.
func TestHistoryHasAnEnd(t *testing.T) {
	h := openHistory("")
	for n := range maxHistory + 2 {
		require.NoError(t, h.keep(fmt.Sprintf("SELECT %d;", n)))
	}
	require.Equal(t, maxHistory, h.Len())
	require.Equal(t, fmt.Sprintf("SELECT %d;", maxHistory+1), h.At(0))
	require.Equal(t, "SELECT 2;", h.At(maxHistory-1))
}
