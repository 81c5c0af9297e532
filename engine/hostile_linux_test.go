package engine_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// The memory that a process of a lake may have at its peak while it answers one
// statement: what the limit says and a little, and what the program itself needs.
const (
	hostileFactor    = 1.15
	hostileBaseBytes = 192 << 20
)

func peakLimit(limit int64) int64 { return int64(hostileFactor*float64(limit)) + hostileBaseBytes }

// hostileLimitBytes is the limit of a statement that is asked in a lake with as much memory as is usual: small, so that
// statements meet it soon. AUDITLAKE_HOSTILE_LIMIT sets another in MiB, such as the default of 768.
func hostileLimitBytes(t *testing.T) int64 {
	mib, given := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT")
	if !given {
		return 96 << 20
	}
	n, err := strconv.ParseInt(mib, 10, 32)
	require.NoError(t, err)
	return n << 20
}

// hostilePoolBytes is the memory of the lake whose hostile statements run one by one; each may hold half of it.
const hostilePoolBytes = 128 << 20

// hostileBars are how much the process of hostile statements may have at its peak while it answers one, and while it plans one.
type hostileBars struct{ answering, planning int64 }

// startHostileLake starts the process of hostile statements in a pool of hostilePoolBytes, or with AUDITLAKE_HOSTILE_LIMIT.
func startHostileLake(t *testing.T) (*hostileChild, hostileBars) {
	if _, given := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT"); given {
		limit := hostileLimitBytes(t)
		return startHostileChild(t, limit), hostileBars{peakLimit(limit), hostileBaseBytes}
	}
	return startHostileChildWith(t, fmt.Sprintf("AUDITLAKE_HOSTILE_POOL=%d", hostilePoolBytes)), hostileBars{filledPeak(hostilePoolBytes), filledBaseBytes}
}

// TestHostileStatements runs statements that would take many times the memory
// there is in a process of their own: none ends it, none takes more than its
// limit, each ends soon after it is cancelled, and the process answers another
// question beside each of them and after it. AUDITLAKE_HOSTILE_LIMIT asks for all
// of them, not for every sixteenth; AUDITLAKE_HOSTILE_ONLY picks those whose name has a text in it.
func TestHostileStatements(t *testing.T) {
	_, soaks := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT")
	if !soaks { // the soak measures how soon cancelled statements end
		t.Parallel()
	}
	child, bars := startHostileLake(t)
	names := map[string]bool{}
	only, asked := os.LookupEnv("AUDITLAKE_HOSTILE_ONLY")
	for i, s := range slices.Concat(hostileStatements, hostileOperators) {
		switch {
		case asked:
			if !strings.Contains(s.name, only) {
				continue
			}
		case !soaks && i%16 != 0:
			continue
		}
		require.False(t, names[s.name], "two statements are called %s", s.name)
		names[s.name] = true
		t.Run(s.name, func(t *testing.T) { child.check(t, s.sql, bars) })
	}
}

// hostileQuestion is one statement for the child, hostileAnswer what became of it.
type hostileQuestion struct {
	SQL         string
	Together    []string      // besides, at the same time
	CancelAfter time.Duration // 0: never
	Estimate    bool          // do not run it
}

type hostileAnswer struct {
	Rows      int
	Error     string // name of the error, or its text
	PeakBytes int64  // the process's highest resident memory while it ran
	Elapsed   time.Duration
	Late      time.Duration // from when it was cancelled, see lateness; 0: it ended before
	// Beside is the error of another question that was asked while this one ran;
	// Overtaken: that was answered before this one ended.
	Beside    string
	Overtaken bool
	// Errors are those of statements that ran together, HeldBytes the most that they had reserved.
	Errors    []string
	HeldBytes int64
}

type hostileChild struct {
	command   *exec.Cmd
	questions *json.Encoder
	answers   *json.Decoder
	ended     bool
}

func startHostileChild(t *testing.T, limit int64) *hostileChild {
	return startHostileChildWith(t, fmt.Sprintf("AUDITLAKE_HOSTILE_BYTES=%d", limit))
}

// startHostileChildWith starts it with the limit of each statement, or the pool of all, in its environment.
func startHostileChildWith(t *testing.T, limit string) *hostileChild {
	if process.UnderRace {
		t.Skip("the race detector's own memory would count; the unit stage runs it")
	}
	dir := t.TempDir()
	lake := openLake(t, dir, newYear)
	_, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logsFolder(t)}})
	require.NoError(t, err)
	require.NoError(t, lake.Close())

	program, err := os.Executable()
	require.NoError(t, err)
	c := &hostileChild{command: exec.Command(program, "-test.run=^TestHostileChild$", "-test.timeout=0")}
	c.command.Env = append(os.Environ(), "AUDITLAKE_HOSTILE_DIR="+dir, limit)
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
	"": true, types.ExceededMemoryLimit: true, types.ExceededSpillLimit: true, types.ExceededFunctionMemory: true, types.InvalidFunctionArgument: true,
}

func (c *hostileChild) check(t *testing.T, sql string, bars hostileBars) {
	a := c.ask(t, hostileQuestion{SQL: sql})
	t.Logf("%d MiB, %s, %d rows, %s", a.PeakBytes>>20, a.Elapsed.Round(time.Millisecond), a.Rows, a.Error)
	require.True(t, hostileOutcomes[a.Error], a.Error)
	require.Empty(t, a.Beside)
	require.LessOrEqual(t, a.PeakBytes, bars.answering)
	for _, q := range []hostileQuestion{{SQL: sql, Estimate: true}, {SQL: "EXPLAIN " + sql}} {
		planned := c.ask(t, q)
		require.Empty(t, planned.Error)
		require.LessOrEqual(t, planned.PeakBytes, bars.planning)
	}
	c.checkCancel(t, sql, a)
	other := c.ask(t, hostileQuestion{SQL: "SELECT count(*) FROM main"})
	require.Equal(t, hostileAnswer{Rows: 1, PeakBytes: other.PeakBytes, Elapsed: other.Elapsed, Overtaken: other.Overtaken}, other)
}

// requireSoon checks how long a statement took to end that was cancelled: on a
// machine that may be slow or loaded it only must not run on and on. A soak on a
// quiet machine asks for AUDITLAKE_HOSTILE_LATE_SECONDS.
func requireSoon(t *testing.T, late time.Duration, sql string) {
	most := 30 * time.Second
	if asked := os.Getenv("AUDITLAKE_HOSTILE_LATE_SECONDS"); asked != "" {
		seconds, err := strconv.ParseFloat(asked, 64)
		require.NoError(t, err)
		most = time.Duration(seconds * float64(time.Second))
	}
	require.LessOrEqual(t, late, most, sql)
}

// checkCancel asks a statement again that took a while, to cancel it on its way.
func (c *hostileChild) checkCancel(t *testing.T, sql string, whole hostileAnswer) {
	if whole.Elapsed < 100*time.Millisecond {
		return
	}
	a := c.ask(t, hostileQuestion{SQL: sql, CancelAfter: whole.Elapsed / 3})
	t.Logf("ended %s after it was cancelled: %s", a.Late.Round(time.Millisecond), a.Error)
	require.True(t, hostileOutcomes[a.Error] || a.Error == context.Canceled.Error(), a.Error)
	requireSoon(t, a.Late, sql)
	require.Empty(t, a.Beside)
}

// TestEndlessStatements cancels statements that would run for minutes: each ends
// soon, and a question asked while it runs is answered before.
func TestEndlessStatements(t *testing.T) {
	child := startHostileChild(t, 512<<20)
	for _, s := range endlessStatements {
		t.Run(s.name, func(t *testing.T) {
			a := child.ask(t, hostileQuestion{SQL: s.sql, CancelAfter: 300 * time.Millisecond})
			t.Logf("ended %s after it was cancelled", a.Late.Round(time.Millisecond))
			require.Equal(t, context.Canceled.Error(), a.Error)
			requireSoon(t, a.Late, s.sql)
			require.Empty(t, a.Beside)
			require.True(t, a.Overtaken)
			require.LessOrEqual(t, a.PeakBytes, peakLimit(512<<20))
		})
	}
}

// TestHostileChild is the process of TestHostileStatements, not a test.
func TestHostileChild(t *testing.T) {
	dir, given := os.LookupEnv("AUDITLAKE_HOSTILE_DIR")
	if !given {
		t.Skip("it is run by TestHostileStatements")
	}
	bytes := func(variable string) int64 {
		n, err := strconv.ParseInt(cmp.Or(os.Getenv(variable), "0"), 10, 64)
		require.NoError(t, err)
		return n
	}
	// A statement that is not held back ends this process, not the machine.
	bound := uint64(6 << 30)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bound, Max: bound}))
	runtime.MemProfileRate = 0 // as in the program, which has no such profile: it keeps memory for each size and place of an allocation
	lake, err := engine.Open(context.Background(), dir, engine.Options{
		Now: func() time.Time { return newYear }, MemoryLimitBytes: bytes("AUDITLAKE_HOSTILE_BYTES"), LakeMemoryBytes: bytes("AUDITLAKE_HOSTILE_POOL"),
		SpillLimitBytes: 64 << 20, OwnsProcess: true})
	require.NoError(t, err)
	questions, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q hostileQuestion
		if questions.Decode(&q) != nil {
			require.NoError(t, lake.Close())
			os.Exit(0)
		}
		if q.Together != nil {
			require.NoError(t, answers.Encode(answerTogether(lake, q.Together)))
			continue
		}
		require.NoError(t, answers.Encode(answerHostile(lake, q)))
	}
}

func answerHostile(lake *engine.Lake, q hostileQuestion) hostileAnswer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	beginPeak()
	a, ended := hostileAnswer{}, make(chan error, 1)
	var late lateness
	started := time.Now()
	go func() {
		err := runHostile(ctx, lake, q, &a.Rows)
		late.end()
		a.Elapsed, a.PeakBytes = time.Since(started), process.PeakBytes()
		ended <- err
	}()
	beside := runHostile(context.Background(), lake, hostileQuestion{SQL: "SELECT count(*) FROM main"}, new(int))
	if beside != nil {
		a.Beside = beside.Error()
	}
	a.Overtaken = len(ended) == 0
	if q.CancelAfter > 0 {
		select {
		case err := <-ended:
			ended <- err
		case <-time.After(time.Until(started.Add(q.CancelAfter))):
			late.begin()
			cancel()
		}
	}
	err := <-ended
	a.Late = late.took()
	if err != nil {
		if a.Error = types.ErrorName(err); a.Error == "" {
			a.Error = err.Error()
		}
	}
	return a
}

// beginPeak begins the process's highest resident memory anew, without garbage.
func beginPeak() {
	debug.FreeOSMemory()
	debug.FreeOSMemory() // a pool's buffers outlive one collection
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200)
}

func runHostile(ctx context.Context, lake *engine.Lake, q hostileQuestion, count *int) error {
	if q.Estimate {
		_, err := lake.Estimate(ctx, q.SQL)
		return err
	}
	rows, err := lake.Query(ctx, q.SQL)
	if err != nil {
		return err
	}
	for rows.Next() {
		*count += int(rows.Record().NumRows())
	}
	return errors.Join(rows.Err(), rows.Close())
}

// lateness measures how long a statement takes to end. On a machine that does
// other work besides, the clock says nothing: then the processor time of this
// process counts, which is less.
type lateness struct{ begun, ended moment }

type moment struct {
	clock     time.Time
	processor time.Duration
}

func thisMoment() moment {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return moment{clock: time.Now(), processor: time.Duration(usage.Utime.Nano() + usage.Stime.Nano())}
}

func (l *lateness) begin() { l.begun = thisMoment() }
func (l *lateness) end()   { l.ended = thisMoment() }

// took is 0 when nothing has begun before the end.
func (l *lateness) took() time.Duration {
	if l.begun.clock.IsZero() || l.ended.clock.Before(l.begun.clock) {
		return 0
	}
	return min(l.ended.clock.Sub(l.begun.clock), l.ended.processor-l.begun.processor)
}
