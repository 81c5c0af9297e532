package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

// The memory that a process of a lake may have at its peak while it answers one
// statement: what the limit says and a little, and what the program itself needs.
const (
	hostileFactor    = 1.15
	hostileBaseBytes = 192 << 20
)

func peakLimit(limit int64) int64 { return int64(hostileFactor*float64(limit)) + hostileBaseBytes }

// hostileLimitBytes is the statements' memory limit: small, so that they meet it
// soon. AUDITLAKE_HOSTILE_LIMIT sets another in MiB, such as the default of 768,
// and asks each statement again to cancel it; AUDITLAKE_HOSTILE_ONLY picks those
// whose name has a text in it.
func hostileLimitBytes(t *testing.T) int64 {
	mib, given := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT")
	if !given {
		return 96 << 20
	}
	n, err := strconv.ParseInt(mib, 10, 32)
	require.NoError(t, err)
	return n << 20
}

// TestHostileStatements runs statements that would take many times the memory
// there is in a process of their own: none ends it, none takes more than its
// limit, and the process answers others after each.
func TestHostileStatements(t *testing.T) {
	limit := hostileLimitBytes(t)
	child := startHostileChild(t, limit)
	names := map[string]bool{}
	for i, s := range hostileStatements {
		if testing.Short() && i%4 != 0 {
			continue
		}
		if only := os.Getenv("AUDITLAKE_HOSTILE_ONLY"); only != "" && !strings.Contains(s.name, only) {
			continue
		}
		require.False(t, names[s.name], "two statements are called %s", s.name)
		names[s.name] = true
		t.Run(s.name, func(t *testing.T) { child.check(t, s.sql, limit) })
	}
}

// hostileQuestion is one statement for the child, hostileAnswer what became of it.
type hostileQuestion struct {
	SQL         string
	CancelAfter time.Duration // 0: never
	Estimate    bool          // do not run it
}

type hostileAnswer struct {
	Rows      int
	Error     string // name of the error, or its text
	PeakBytes int64  // the process's highest resident memory while it ran
	Elapsed   time.Duration
	Late      time.Duration // after it was cancelled
}

type hostileChild struct {
	command   *exec.Cmd
	questions *json.Encoder
	answers   *json.Decoder
	ended     bool
}

func startHostileChild(t *testing.T, limit int64) *hostileChild {
	if underRace {
		t.Skip("the race detector's own memory would count; the unit stage runs it")
	}
	dir := t.TempDir()
	lake := openLake(t, dir, newYear)
	_, err := lake.Import(context.Background(), engine.ImportOptions{Paths: []string{logsFolder(t)}})
	require.NoError(t, err)
	require.NoError(t, lake.Close())

	program, err := os.Executable()
	require.NoError(t, err)
	c := &hostileChild{command: exec.Command(program, "-test.run=^TestHostileChild$", "-test.timeout=0")}
	c.command.Env = append(os.Environ(), "AUDITLAKE_HOSTILE_DIR="+dir, fmt.Sprintf("AUDITLAKE_HOSTILE_BYTES=%d", limit))
	c.command.Stderr = os.Stderr
	in, err := c.command.StdinPipe()
	require.NoError(t, err)
	out, err := c.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.command.Start())
	t.Cleanup(func() {
		in.Close()
		_ = c.command.Wait()
	})
	c.questions, c.answers = json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
	return c
}

func (c *hostileChild) ask(t *testing.T, q hostileQuestion) hostileAnswer {
	require.False(t, c.ended, "a statement before this one has ended the process")
	c.ended = true
	var a hostileAnswer
	require.NoError(t, c.questions.Encode(q), q.SQL)
	require.NoError(t, c.answers.Decode(&a), "the process has ended: %s", q.SQL)
	c.ended = false
	return a
}

// hostileOutcomes are the ways a hostile statement may end.
var hostileOutcomes = map[string]bool{
	"": true, types.ExceededMemoryLimit: true, types.ExceededFunctionMemory: true, types.InvalidFunctionArgument: true,
}

func (c *hostileChild) check(t *testing.T, sql string, limit int64) {
	a := c.ask(t, hostileQuestion{SQL: sql})
	t.Logf("%d MiB, %s, %d rows, %s", a.PeakBytes>>20, a.Elapsed.Round(time.Millisecond), a.Rows, a.Error)
	require.True(t, hostileOutcomes[a.Error], a.Error)
	require.LessOrEqual(t, a.PeakBytes, peakLimit(limit))
	for _, q := range []hostileQuestion{{SQL: sql, Estimate: true}, {SQL: "EXPLAIN " + sql}} {
		planned := c.ask(t, q)
		require.Empty(t, planned.Error)
		require.LessOrEqual(t, planned.PeakBytes, int64(hostileBaseBytes))
	}
	if _, whole := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT"); whole && a.Elapsed > 100*time.Millisecond {
		cancelled := c.ask(t, hostileQuestion{SQL: sql, CancelAfter: a.Elapsed / 3})
		t.Logf("ended %s after it was cancelled: %s", cancelled.Late.Round(time.Millisecond), cancelled.Error)
		require.True(t, hostileOutcomes[cancelled.Error] || cancelled.Error == context.Canceled.Error(), cancelled.Error)
	}
	other := c.ask(t, hostileQuestion{SQL: "SELECT count(*) FROM main"})
	require.Equal(t, hostileAnswer{Rows: 1, PeakBytes: other.PeakBytes, Elapsed: other.Elapsed}, other)
}

// TestHostileChild is the process of TestHostileStatements, not a test.
func TestHostileChild(t *testing.T) {
	dir, given := os.LookupEnv("AUDITLAKE_HOSTILE_DIR")
	if !given {
		t.Skip("it is run by TestHostileStatements")
	}
	limit, err := strconv.ParseInt(os.Getenv("AUDITLAKE_HOSTILE_BYTES"), 10, 64)
	require.NoError(t, err)
	// A statement that is not held back ends this process, not the machine.
	bound := uint64(6 << 30)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bound, Max: bound}))
	lake, err := engine.Open(context.Background(), dir, engine.Options{
		Now: func() time.Time { return newYear }, MemoryLimitBytes: limit, OwnsProcess: true})
	require.NoError(t, err)
	questions, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q hostileQuestion
		if questions.Decode(&q) != nil {
			require.NoError(t, lake.Close())
			os.Exit(0)
		}
		require.NoError(t, answers.Encode(answerHostile(lake, q)))
	}
}

func answerHostile(lake *engine.Lake, q hostileQuestion) hostileAnswer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) // begins the peak anew
	started := time.Now()
	var cancelled time.Time
	if q.CancelAfter > 0 {
		time.AfterFunc(q.CancelAfter, func() { cancelled = time.Now(); cancel() })
	}
	a := hostileAnswer{}
	err := func() error {
		if q.Estimate {
			_, err := lake.Estimate(ctx, q.SQL)
			return err
		}
		rows, err := lake.Query(ctx, q.SQL)
		if err != nil {
			return err
		}
		for rows.Next() {
			a.Rows += int(rows.Record().NumRows())
		}
		return errors.Join(rows.Err(), rows.Close())
	}()
	a.Elapsed, a.PeakBytes = time.Since(started), peakBytes()
	if err != nil {
		if a.Error = types.ErrorName(err); a.Error == "" {
			a.Error = err.Error()
		}
	}
	if q.CancelAfter > 0 && ctx.Err() != nil {
		a.Late = time.Since(cancelled)
	}
	return a
}

// peakBytes is the highest resident memory of the process.
func peakBytes() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}
