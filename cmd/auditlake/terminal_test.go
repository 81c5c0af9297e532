//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
)

// terminalSession is a shell on a pseudo terminal.
type terminalSession struct {
	t      *testing.T
	master *os.File
	code   chan int

	mu   sync.Mutex
	seen bytes.Buffer // mu; what the terminal shows, from the end of the last expectation on
	more chan struct{}
}

// terminalPatience bounds how long the shell may be silent; it decides nothing but when a test that hangs ends.
const terminalPatience = 2 * time.Minute

func startTerminal(t *testing.T, columns uint16, args ...string) *terminalSession {
	t.Helper()
	master, tty, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: columns}))
	s := &terminalSession{t: t, master: master, code: make(chan int, 1), more: make(chan struct{}, 1)}
	go s.read()
	go func() {
		s.code <- run(context.Background(), args, streams{in: tty, out: tty, err: tty})
		tty.Close()
	}()
	t.Cleanup(func() { master.Close() })
	return s
}

func (s *terminalSession) read() {
	buffer := make([]byte, 4096)
	for {
		n, err := s.master.Read(buffer)
		s.mu.Lock()
		s.seen.Write(buffer[:n])
		s.mu.Unlock()
		select {
		case s.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// typed sends keys.
func (s *terminalSession) typed(keys string) {
	s.t.Helper()
	_, err := s.master.WriteString(keys)
	require.NoError(s.t, err)
}

// expect waits for a text, and returns what the terminal showed up to its end since the last call.
func (s *terminalSession) expect(text string) string {
	s.t.Helper()
	deadline := time.After(terminalPatience)
	for {
		s.mu.Lock()
		seen := s.seen.String()
		at := strings.Index(seen, text)
		if at >= 0 {
			s.seen.Next(at + len(text))
		}
		s.mu.Unlock()
		if at >= 0 {
			return seen[:at+len(text)]
		}
		select {
		case <-s.more:
		case <-deadline:
			require.Fail(s.t, "the terminal does not show it", "%q in %q", text, seen)
		}
	}
}

// ask types a line and returns what is shown until the next prompt.
func (s *terminalSession) ask(line string) string {
	s.t.Helper()
	s.typed(line + "\r")
	s.expect(line[max(0, len(line)-5):]) // its echo
	return s.expect("auditlake> ")
}

// TestShellOnATerminal drives every comfort of the shell, on a narrow terminal and a wide one.
func TestShellOnATerminal(t *testing.T) {
	lake := sampleLake(t)
	for _, columns := range []uint16{80, 200} {
		dir := t.TempDir()
		t.Setenv("TERM", "xterm")
		t.Setenv("NO_COLOR", "")
		t.Setenv("AUDITLAKE_PAGER", "sed 's/^/paged: /'")
		t.Setenv("XDG_STATE_HOME", dir)
		t.Setenv("XDG_CONFIG_HOME", dir)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "auditlake"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "auditlake", "shellrc"), []byte("\\cost off\nSELECT 'configured' AS c;\n"), 0o600))
		edited := filepath.Join(dir, "edited.sql")
		require.NoError(t, os.WriteFile(edited, []byte("SELECT 40 + 2 AS edited;\n"), 0o600))
		t.Setenv("VISUAL", "cp "+edited)

		s := startTerminal(t, columns, "--lake", lake, "shell")
		s.expect("cost is off")
		s.expect("configured")
		s.expect("auditlake> ")

		require.Contains(t, s.ask("help"), `\watch`)
		require.Contains(t, s.ask(`\dt`), "main")
		require.Contains(t, s.ask(`\d nothing`), "\x1b[31merror:\x1b[0m")
		require.Contains(t, s.ask("SELECT 1 AS one, NULL AS two;"), "\x1b[1mone  two\x1b[0m")

		wide := s.ask("SELECT rpad('a', 60, 'a') AS a, rpad('b', 60, 'b') AS b;")
		require.Equal(t, columns == 80, strings.Contains(wide, "-- row 1"), wide)
		require.Contains(t, s.ask(`\x off`), "expanded display is off")
		wide = s.ask("SELECT rpad('a', 60, 'a') AS a, rpad('b', 60, 'b') AS b;")
		require.Equal(t, columns == 80, strings.Contains(wide, "cut to the width"), wide)
		for _, line := range strings.Split(wide, "\r\n") {
			if strings.HasPrefix(line, "aaa") {
				require.LessOrEqual(t, len([]rune(line)), int(columns))
			}
		}
		require.Contains(t, s.ask(`\x on`), "expanded display is on")
		require.Contains(t, s.ask("SELECT 7 AS seven;"), "-- row 1")
		require.Contains(t, s.ask(`\x auto`), "expanded display is auto")

		require.Contains(t, s.ask(`\cost SELECT eventname FROM main`), "would scan")
		require.Contains(t, s.ask(`\timing off`), "timing is off")
		require.NotContains(t, s.ask("SELECT 8 AS eight;"), "1 row")
		require.Contains(t, s.ask(`\timing on`), "timing is on")

		require.Contains(t, s.ask("SELECT n FROM UNNEST(sequence(1, 50)) AS t (n);"), "paged: ")
		require.NotContains(t, s.ask("SELECT n FROM UNNEST(sequence(1, 5)) AS t (n);"), "paged: ")
		require.Contains(t, s.ask(`\pager off`), "pager is off")
		require.NotContains(t, s.ask("SELECT n FROM UNNEST(sequence(1, 51)) AS t (n);"), "paged: ")

		output := filepath.Join(dir, "out")
		s.ask(`\o ` + output)
		require.NotContains(t, s.ask("SELECT 'in ' || 'a file' AS f;"), "in a file")
		s.ask(`\o`)
		text, err := os.ReadFile(output)
		require.NoError(t, err)
		require.Contains(t, string(text), "in a file")
		require.NotContains(t, string(text), "\x1b")

		require.Contains(t, s.ask(`\e`), "42")
		require.Equal(t, 3, strings.Count(s.ask(`\watch 0 3`), "every 0s"))

		s.typed("SELECT useridentity.sessionc\t")
		s.expect("useridentity.sessioncontext")
		s.typed("\x03")
		s.expect("^C")
		s.expect("auditlake> ")
		s.typed("SELECT requestparameters['bucketN\t")
		s.expect("bucketName']")
		s.typed("\x03")
		s.expect("auditlake> ")

		s.typed("\x12")
		s.expect("(search '')")
		s.typed("eight")
		s.expect("(search 'eight'): SELECT 8 AS eight;")
		s.typed("\r")
		s.expect("eight")
		require.Contains(t, s.expect("auditlake> "), "8")

		s.typed("exit\r")
		select {
		case code := <-s.code:
			require.Equal(t, exitDone, code)
		case <-time.After(terminalPatience):
			require.Fail(t, "the shell does not end")
		}
	}
}

// TestNoColor: the environment's wish is kept.
func TestNoColor(t *testing.T) {
	lake := sampleLake(t)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	s := startTerminal(t, 80, "--lake", lake, "shell")
	s.expect("auditlake> ")
	require.NotContains(t, s.ask("SELECT 1 AS one, NULL AS two;"), "\x1b[1m")
	require.NotContains(t, s.ask("SELECT nothing;"), "\x1b[31m")
	s.typed("quit\r")
	require.Equal(t, exitDone, <-s.code)
}

// TestTerminalPagesLists: long lists go through the user's pager, cut to the terminal's width.
func TestTerminalPagesLists(t *testing.T) {
	seen := filepath.Join(t.TempDir(), "paged")
	t.Setenv("AUDITLAKE_PAGER", "cat > '"+seen+"'")
	s := startTerminal(t, 60, "samples")
	require.Equal(t, exitDone, <-s.code)
	text, err := os.ReadFile(seen)
	require.NoError(t, err)
	require.Contains(t, string(text), "Impossible travel")
	for line := range strings.Lines(string(text)) {
		require.LessOrEqual(t, runewidth.StringWidth(strings.TrimRight(line, "\n")), 60, line)
	}
}
