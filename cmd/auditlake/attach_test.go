package main_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
)

const (
	heldEvents = 3000 // in the lake that the holder reads
	moreEvents = 12000
)

// ended is what a process did.
type ended struct {
	code     int
	out, err string
}

// imported is a folder with the lake that heldLake copies, made by the first test that needs it.
var imported struct {
	once sync.Once
	dir  string
	err  error
}

// heldLake returns a new lake with heldEvents events in a folder of its own.
func heldLake(t *testing.T, program string) string {
	t.Helper()
	imported.once.Do(func() {
		if imported.dir, imported.err = os.MkdirTemp("", "auditlake-test-"); imported.err != nil {
			return
		}
		out, err := exec.Command(program, "--lake", imported.dir, "import", generated(t, 5, heldEvents)).CombinedOutput()
		if err != nil {
			imported.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	require.NoError(t, imported.err)
	lake := filepath.Join(t.TempDir(), "lake")
	require.NoError(t, os.CopyFS(lake, os.DirFS(imported.dir)))
	require.NoError(t, filepath.WalkDir(imported.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chmod(filepath.Join(lake, strings.TrimPrefix(path, imported.dir)), info.Mode().Perm())
	}))
	return lake
}

func generated(t *testing.T, seed uint64, events int64) string {
	t.Helper()
	logs := t.TempDir()
	_, err := gen.Write(logs, gen.Options{Seed: seed, Events: events, Days: 10, End: time.Now().UTC().Add(-24 * time.Hour)})
	require.NoError(t, err)
	return logs
}

// execute runs a program to its end.
func execute(t *testing.T, cmd *exec.Cmd) ended {
	t.Helper()
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return ended{code: cmd.ProcessState.ExitCode(), out: out.String(), err: log.String()}
}

// holder is a process that holds a lake: a query whose answer nobody reads.
type holder struct {
	cmd    *exec.Cmd
	answer io.Reader
	log    bytes.Buffer
}

func startHolder(t *testing.T, program, lake string) *holder {
	t.Helper()
	h := &holder{cmd: exec.Command(program, "--lake", lake, "query", "--format", "ndjson", "SELECT eventjson FROM main")}
	var err error
	h.answer, err = h.cmd.StdoutPipe()
	require.NoError(t, err)
	h.cmd.Stderr = &h.log
	require.NoError(t, h.cmd.Start())
	t.Cleanup(func() { _ = h.cmd.Process.Kill() })
	_, err = h.answer.Read(make([]byte, 1))
	require.NoError(t, err, "the lake is held as soon as the answer begins")
	return h
}

// end reads the rest of the answer and waits for the process.
func (h *holder) end(t *testing.T) {
	t.Helper()
	rest, err := io.ReadAll(h.answer)
	require.NoError(t, err)
	require.NoError(t, h.cmd.Wait(), h.log.String())
	require.Equal(t, heldEvents, bytes.Count(rest, []byte("\n")))
}

func (h *holder) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, h.cmd.Process.Kill())
	require.Error(t, h.cmd.Wait())
}

// TestServedCommandLines: a command does the same whether its own process holds
// the lake or another.
func TestServedCommandLines(t *testing.T) {
	program := buildProgram(t)
	dir := t.TempDir()
	require.NoError(t, os.Rename(heldLake(t, program), filepath.Join(dir, "lake")))
	require.NoError(t, os.Rename(generated(t, 6, 100), filepath.Join(dir, "logs")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "q.sql"), []byte("SELECT count(*) AS n FROM main"), 0o600))
	book, err := os.ReadFile(filepath.Join("..", "..", "engine", "billing", "prices.toml"))
	require.NoError(t, err)
	free := bytes.Replace(book, []byte("query_per_gb = "), []byte("query_per_gb = 0.0 # "), 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "free.toml"), free, 0o600))
	h := startHolder(t, program, filepath.Join(dir, "lake"))
	const all = "SELECT count(*) AS n FROM main"
	for _, test := range []struct {
		name  string
		args  []string
		stdin string
		code  int
		out   string // in standard output
		err   string // in standard error
		file  string // written, with content of this text
		text  string
	}{
		{name: "query", args: []string{"query", "--format", "csv", all}, out: "n\n3000\n", err: "1 row, "},
		{name: "statement of a file", args: []string{"query", "--format", "csv", "-f", "q.sql"}, out: "n\n3000\n"},
		{name: "statement of a file that is standard input", args: []string{"query", "--format", "csv", "-f", "-"}, stdin: all, out: "n\n3000\n"},
		{name: "statement of standard input", args: []string{"query", "--format", "csv", "-"}, stdin: all, out: "n\n3000\n"},
		{name: "answer to a file", args: []string{"query", "--format", "csv", "-o", "out.csv", all}, file: "out.csv", text: "n\n3000\n"},
		{name: "answer to standard output by name", args: []string{"query", "--format", "csv", "-o", "/dev/stdout", all}, out: "n\n3000\n"},
		{name: "answer to a missing folder", args: []string{"query", "-o", "none/out.csv", all}, code: 1, err: "error: open none/out.csv: no such file"},
		{name: "statistics to a file", args: []string{"query", "--stats-file", "stats.json", all}, out: "3000", file: "stats.json", text: "bytes"},
		{name: "error in a statement", args: []string{"query", "SELECT evntname FROM main"}, code: 2, err: "\n  SELECT evntname FROM main\n         ^"},
		{name: "limit", args: []string{"query", "--max-bytes", "1kB", "SELECT max(eventjson) FROM main"}, code: 3, err: "EXCEEDED_SCAN_LIMIT"},
		{name: "wrong flag", args: []string{"query", "--fast", all}, code: 2, err: "unknown flag: --fast"},
		{name: "own price book", args: []string{"--prices", "free.toml", "query", "--dry-run", "SELECT max(eventjson) FROM main"}, out: "stored, $0 ("},
		{name: "no price book", args: []string{"query", "--dry-run", "SELECT max(eventjson) FROM main"}, out: "stored, $0.0000"},
		{name: "explain", args: []string{"explain", all}, out: "main"},
		{name: "describe", args: []string{"describe"}, out: "main: 3,000 events"},
		{name: "usage", args: []string{"usage"}, out: "ingested"},
		{name: "store create", args: []string{"store", "create", "other"}, out: "other"},
		{name: "store that is missing", args: []string{"store", "show", "none"}, code: 1, err: "error: "},
		{name: "import of a glob", args: []string{"import", "--store", "other", "logs/AWSLogs/*"}, out: "imported 100 events "},
		{name: "import of a folder again", args: []string{"import", "--store", "other", "logs"}, out: "imported 0 events "},
		{name: "import of a missing path", args: []string{"import", "--store", "other", "none"}, code: 1, err: "no such file"},
		{name: "import of an open file", args: []string{"import", "--store", "other", "/dev/stdin"}, code: 2, err: "pass a file or folder"},
		{name: "import of standard input", args: []string{"import", "--store", "other", "-"}, stdin: `{"eventID":"input","eventTime":"` + time.Now().UTC().Format(time.RFC3339) + `"}`, out: "imported 1 event "},
		{name: "imports", args: []string{"imports", "list"}, out: "COMPLETED"},
		{name: "verify", args: []string{"verify"}, out: "no problem found"},
		{name: "compact", args: []string{"compact"}, out: "m"},
		{name: "expire", args: []string{"expire"}, out: "removed 0 events"},
		{name: "functions", args: []string{"functions", "json_extract"}, out: "json_extract_scalar("},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := exec.Command(program, append([]string{"--lake", "lake"}, test.args...)...)
			cmd.Dir, cmd.Stdin = dir, strings.NewReader(test.stdin)
			got := execute(t, cmd)
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.out, test.out)
			require.Contains(t, got.err, test.err)
			if test.code != 0 {
				require.Equal(t, 1, strings.Count(got.err, "error:"), got.err)
			}
			if test.file != "" {
				text, err := os.ReadFile(filepath.Join(dir, test.file))
				require.NoError(t, err)
				require.Contains(t, string(text), test.text)
			}
		})
	}
	h.end(t)
	require.NoFileExists(t, filepath.Join(dir, "lake", "attach.sock"))
}

// TestSeveralProcesses runs an import, a long query and two short ones at once.
func TestSeveralProcesses(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	logs := generated(t, 6, moreEvents)
	const long = "SELECT count(*) FROM main a JOIN main b ON a.awsregion = b.awsregion JOIN (VALUES 1, 2, 3, 4) c(x) ON true"
	one := func(args ...string) ended {
		return execute(t, exec.Command(program, append([]string{"--lake", lake}, args...)...))
	}
	want := one("query", "--format", "csv", long)
	require.Equal(t, 0, want.code, want.err)
	require.Equal(t, 0, one("store", "create", "other").code)

	lines := [][]string{
		{"import", "--store", "other", logs},
		{"query", "--format", "csv", long},
		{"query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM main"},
		{"query", "--format", "csv", "SELECT count(*) FROM main WHERE eventjson LIKE '{%'"},
	}
	got := make([]ended, len(lines))
	var all sync.WaitGroup
	for i, line := range lines {
		all.Add(1)
		go func() {
			defer all.Done()
			got[i] = one(line...)
		}()
	}
	all.Wait()
	for i := range lines {
		require.Equal(t, 0, got[i].code, "%v: %s", lines[i], got[i].err)
	}
	require.Contains(t, got[0].out, "into other")
	require.Equal(t, want.out, got[1].out)
	require.Contains(t, got[2].out, "\n3000,3000\n")
	require.Contains(t, got[3].out, "\n3000\n")
	require.Contains(t, one("query", "--format", "csv", "SELECT count(*), count(DISTINCT eventid) FROM other").out, "\n12000,12000\n")
}

// TestKilledHolder kills the process that executes another's import: the import
// goes on in its own process and adds every event once. AUDITLAKE_KILL_ROUNDS
// sets how often.
func TestKilledHolder(t *testing.T) {
	rounds := killRounds(t)
	program := buildProgram(t)
	base := heldLake(t, program)
	logs := generated(t, 6, moreEvents)
	whole := importUntil(t, program, filepath.Join(t.TempDir(), "lake"), logs, time.Minute)
	require.True(t, whole.done)

	seed := time.Now().UnixNano()
	t.Logf("seed %d, an undisturbed import takes %s", seed, whole.took)
	random := rand.New(rand.NewSource(seed))
	startedOver := 0
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			lake := filepath.Join(t.TempDir(), "lake")
			require.NoError(t, os.CopyFS(lake, os.DirFS(base)))
			h := startHolder(t, program, lake)
			imported := make(chan ended)
			go func() { imported <- execute(t, exec.Command(program, "--lake", lake, "import", logs)) }()
			for imports := 1; imports < 2; {
				list := execute(t, exec.Command(program, "--lake", lake, "imports", "list"))
				require.Equal(t, 0, list.code, list.err)
				imports = strings.Count(list.out, "\n") - 1
			}
			time.Sleep(time.Duration(random.Int63n(int64(whole.took))))
			h.kill(t)
			got := <-imported
			wasCut := strings.Contains(got.err, "what was printed is not the whole answer") // it was killed while it reported
			if wasCut {
				require.Equal(t, 1, got.code)
			} else {
				require.Equal(t, 0, got.code, got.err)
				require.EqualValues(t, heldEvents+moreEvents, countEvents(t, program, lake))
			}
			if strings.Contains(got.err, "starting over") {
				startedOver++
			}
			require.True(t, importUntil(t, program, lake, logs, time.Minute).done)
			require.EqualValues(t, heldEvents+moreEvents, countEvents(t, program, lake), "importing again adds nothing")
		})
	}
	t.Logf("%d of %d imports were executed partly by the killed process", startedOver, rounds)
}

// TestHolderThatEnds: its attached import goes on, here or there.
func TestHolderThatEnds(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	logs := generated(t, 6, moreEvents)
	h := startHolder(t, program, lake)
	imported := make(chan ended)
	go func() { imported <- execute(t, exec.Command(program, "--lake", lake, "import", logs)) }()
	for imports := 1; imports < 2; {
		imports = strings.Count(execute(t, exec.Command(program, "--lake", lake, "imports", "list")).out, "\n") - 1
	}
	h.end(t)
	got := <-imported
	require.Equal(t, 0, got.code, got.err)
	require.EqualValues(t, heldEvents+moreEvents, countEvents(t, program, lake))
}

// TestAttachedAnswerCut: an answer that was begun by a killed process is not
// begun again.
func TestAttachedAnswerCut(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	h := startHolder(t, program, lake)
	attached := startHolder(t, program, lake) // it does not hold, it is served
	h.kill(t)
	_, err := io.Copy(io.Discard, attached.answer)
	require.NoError(t, err)
	require.Error(t, attached.cmd.Wait())
	require.Equal(t, 1, attached.cmd.ProcessState.ExitCode())
	require.Equal(t, "error: the process that held the lake ended while it sent the result: what was printed is incomplete\n", attached.log.String())
	require.EqualValues(t, heldEvents, countEvents(t, program, lake), "the socket that is left does no harm")
}

// TestStoppedHolder: commands give up on a holder that is stopped, after a time
// that they name, and find it again once it goes on.
func TestStoppedHolder(t *testing.T) {
	t.Parallel() // it waits
	program := buildProgram(t)
	lake := heldLake(t, program)
	h := startHolder(t, program, lake)
	require.NoError(t, h.cmd.Process.Signal(syscall.SIGSTOP))
	lines := []string{"query|SELECT 1", "store|list", "store|create|other"}
	answers := make([]ended, len(lines))
	var waiting sync.WaitGroup
	for i, line := range lines {
		args := append([]string{"--lake", lake, "--holder-timeout", "3s"}, strings.Split(line, "|")...)
		waiting.Go(func() { answers[i] = execute(t, exec.Command(program, args...)) })
	}
	waiting.Wait()
	for _, got := range answers {
		require.Equal(t, 1, got.code)
		require.Contains(t, got.err, "does not answer; waiting up to 3s\n")
		require.Contains(t, got.err, fmt.Sprintf("has not answered for 3s: it is stopped or overloaded; see it with ps -p %d", h.cmd.Process.Pid))
		require.NotContains(t, got.err, "may or may not", "it was never sent")
	}
	require.NoError(t, h.cmd.Process.Signal(syscall.SIGCONT))
	require.EqualValues(t, heldEvents, countEvents(t, program, lake))
	h.end(t)
}

func TestInterruptedAttachedQuery(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	h := startHolder(t, program, lake)
	cmd := exec.Command(program, "--lake", lake, "query", "--format", "ndjson",
		"SELECT a.eventid FROM main a CROSS JOIN main b CROSS JOIN main c")
	answer, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var log bytes.Buffer
	cmd.Stderr = &log
	require.NoError(t, cmd.Start())
	_, err = answer.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_, err = io.Copy(io.Discard, answer)
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	require.Equal(t, 130, cmd.ProcessState.ExitCode(), log.String())
	require.Equal(t, "interrupted\n", log.String())
	h.end(t)
}

func TestLakeInALongPath(t *testing.T) {
	program := buildProgram(t)
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	lake := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	require.NoError(t, os.CopyFS(lake, os.DirFS(heldLake(t, program))))
	h := startHolder(t, program, lake)
	t.Setenv("XDG_RUNTIME_DIR", "")
	require.EqualValues(t, heldEvents, countEvents(t, program, lake))
	h.end(t)
}

// TestOtherVersion: a holder of another version is named; nothing is executed.
func TestOtherVersion(t *testing.T) {
	program := buildProgram(t)
	dir, err := os.MkdirTemp("", "lake")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	listener, err := net.Listen("unix", filepath.Join(dir, "attach.sock"))
	require.NoError(t, err)
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			const greeting = `{"protocol":999,"program":"v9.9.9","pid":4711,"folder":""}`
			frame := binary.BigEndian.AppendUint32([]byte{'G', 0}, uint32(len(greeting)))
			_, _ = conn.Write(append(frame, greeting...))
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	got := execute(t, exec.Command(program, "--lake", dir, "store", "list"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "error: process 4711 holds the lake and is another version of auditlake (v9.9.9, protocol 999; this is ")
}

// TestHolderThatCannotServe: a program that embeds the engine; commands wait.
func TestHolderThatCannotServe(t *testing.T) {
	t.Parallel() // it waits
	program := buildProgram(t)
	dir := t.TempDir()
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	cmd := exec.Command(program, "--lake", dir, "store", "list")
	log, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line := make([]byte, 200)
	n, err := log.Read(line)
	require.NoError(t, err)
	require.Equal(t, "another process holds the lake and does not answer; waiting up to 1m0s\n", string(line[:n]))
	require.NoError(t, lake.Close())
	require.NoError(t, cmd.Wait())
}
