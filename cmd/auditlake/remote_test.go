package main_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/engine/socket"
	_ "github.com/auditlake/auditlake/engine/sqldriver"
)

// endlessStatement would take hours, and answers nothing before.
const endlessStatement = "SELECT count(*) FROM main a, main b, main c, main d WHERE a.eventid || b.eventid || c.eventid || d.eventid = ''"

// written is an answer as text, and its error.
func written(t *testing.T, lake remote.Asked, format string, s remote.Statement) (text string, stats engine.Stats, err error) {
	t.Helper()
	rows, err := lake.Query(context.Background(), s)
	if err != nil {
		return "", stats, err
	}
	defer rows.Close()
	var out bytes.Buffer
	_, err = answer.Write(format, &out, rows)
	return out.String(), rows.Stats(), err
}

// TestRemoteAnswers: another process's lake answers as one's own, to the last digit.
func TestRemoteAnswers(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	type result struct {
		csv, json, arrow string
		stats            engine.Stats
		err              error
		estimate         *engine.Estimate
	}
	statements := []remote.Statement{
		{SQL: "SELECT * FROM main ORDER BY eventid"},
		{SQL: "SELECT eventname, count(*) AS n, min(eventtime), approx_distinct(eventid) FROM main GROUP BY 1 ORDER BY 1"},
		{SQL: "SELECT eventid FROM main WHERE false"},
		{SQL: "SELECT NULL, true, tinyint '1', smallint '-2', 3, bigint '4', real '1.5', nan(), 1.50, decimal '-12345678901234567890.123', 'é', char 'a', X'00ff'"},
		{SQL: "SELECT date '2024-02-29', time '01:02:03.123456789', timestamp '2024-02-29 01:02:03', timestamp '1969-12-31 23:59:59.999999999', " +
			"interval '3' day, interval '14' month, uuid '123e4567-e89b-12d3-a456-426614174000', ipaddress '10.0.0.1', json '{\"a\": [1]}'"},
		{SQL: "SELECT timestamp '2024-02-29 01:02:03.004 Europe/Berlin', time '01:02:03 +05:30', CAST(NULL AS timestamp(3) with time zone)"},
		{SQL: "SELECT ARRAY[timestamp '2024-01-01 00:00 Asia/Tokyo', NULL], MAP(ARRAY['k'], ARRAY[ROW(timestamp '2024-01-01 00:00 America/New_York', 1.5)]), " +
			"CAST(ROW(1, ARRAY['x', NULL]) AS row(\"A b\" bigint, c array(varchar))), ROW(1, 2)"},
		{SQL: "SELECT x, IF(x % 3 = 0, NULL, at_timezone(timestamp '2024-01-01 00:00 UTC', IF(x % 2 = 0, 'Asia/Tokyo', 'Pacific/Chatham'))) " +
			"FROM UNNEST(sequence(1, 10000)) t (x) WHERE x > 10 ORDER BY x OFFSET 5"},
		{SQL: "SELECT approx_set(x), tdigest_agg(CAST(x AS double)), ARRAY[], MAP() FROM UNNEST(sequence(1, 100)) t (x)"},
		{SQL: "SHOW COLUMNS FROM main"},
		{SQL: "EXPLAIN SELECT count(*) FROM main"},
		{SQL: "SELECT ? + 1, ?, current_timezone(), current_user", Arguments: []string{"41", "'it''s'"}, TimeZone: "Asia/Tokyo", User: "ann"},
		{SQL: "EXECUTE q USING 1", Session: engine.SessionState{Prepared: map[string]string{"q": "SELECT ? + 1, current_timezone()"},
			Properties: map[string]string{"time_zone_id": "Asia/Tokyo"}}},
		{SQL: "SELECT evntname\nFROM main"},
		{SQL: "SELECT\n  FROM main"},
		{SQL: "SELECT 1 / (x - 5000) FROM UNNEST(sequence(1, 10000)) t (x)"},
		{SQL: "SELECT max(eventjson) FROM main", MaxBytes: 1000},
		{SQL: "SELECT now()", TimeZone: "Middle/Earth"},
		{SQL: "DROP TABLE main"},
	}
	ask := func(lake remote.Asked) (results []result) {
		for _, s := range statements {
			var r result
			r.json, _, _ = written(t, lake, "json", s)
			r.arrow, _, _ = written(t, lake, "arrow", s)
			r.csv, r.stats, r.err = written(t, lake, "csv", s)
			r.stats.Elapsed, r.stats.PeakMemoryBytes, r.stats.BytesRead = 0, 0, 0
			var err error
			r.estimate, err = lake.Estimate(context.Background(), s)
			require.Equal(t, r.estimate == nil, err != nil)
			results = append(results, r)
		}
		return results
	}
	own := remote.Local(lake)
	want := ask(own)
	require.NoError(t, own.Close())

	h := startHolder(t, program, dir)
	other, err := remote.Open(context.Background(), dir, engine.Options{}, remote.Options{})
	require.NoError(t, err)
	require.IsType(t, &remote.Lake{}, other)
	got := ask(other)
	failures := 0
	for i, s := range statements {
		t.Run(s.SQL, func(t *testing.T) {
			require.Equal(t, want[i].csv, got[i].csv)
			require.Equal(t, want[i].json, got[i].json)
			require.True(t, want[i].arrow == got[i].arrow, "the same Arrow stream")
			require.Equal(t, want[i].stats, got[i].stats)
			if want[i].estimate != nil {
				require.Equal(t, want[i].estimate.HighBytes, got[i].estimate.HighBytes)
				require.Equal(t, want[i].estimate.LowPrice, got[i].estimate.LowPrice)
			}
			if want[i].err == nil {
				require.NoError(t, got[i].err)
				return
			}
			failures++
			var wanted, e *engine.Error
			require.ErrorAs(t, want[i].err, &wanted)
			require.ErrorAs(t, got[i].err, &e)
			require.Equal(t, wanted, e)
			require.Equal(t, want[i].err.Error(), got[i].err.Error())
		})
	}
	require.Equal(t, 6, failures)
	require.NoError(t, other.Close())
	h.end(t)
}

// TestRemoteLimits: what cannot be asked is refused with the reason.
func TestRemoteLimits(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	_, err := remote.Dial(context.Background(), dir, remote.Options{})
	require.ErrorIs(t, err, socket.ErrNoHolder)
	h := startHolder(t, program, dir)
	lake, err := remote.Dial(context.Background(), dir, remote.Options{})
	require.NoError(t, err)
	_, err = lake.Query(context.Background(), remote.Statement{SQL: "SELECT '" + strings.Repeat("x", 5<<20) + "'"})
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
	_, err = lake.Query(context.Background(), remote.Statement{SQL: "SELECT '" + strings.Repeat("x", 3<<20) + "'"})
	var e *engine.Error
	require.ErrorAs(t, err, &e, "the parser's own limit")
	require.NoError(t, lake.Close())
	h.end(t)
}

// TestRemoteCancel: a statement ends when its client hangs up, and one that was cut
// with its process does not keep the holder.
func TestRemoteCancel(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	h := startHolder(t, program, dir)
	lake, err := remote.Dial(context.Background(), dir, remote.Options{})
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	rows, err := lake.Query(ctx, remote.Statement{SQL: endlessStatement})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return rows.Stats().EventsScanned > 0 }, time.Minute, time.Millisecond, "it shows how far it is")
	cancel()
	require.False(t, rows.Next())
	require.ErrorIs(t, rows.Err(), context.Canceled)
	require.NoError(t, rows.Close())

	rows, err = lake.Query(context.Background(), remote.Statement{SQL: "SELECT a.eventjson FROM main a, main b"})
	require.NoError(t, err)
	require.True(t, rows.Next())
	require.NoError(t, rows.Close())

	_, err = lake.Query(context.Background(), remote.Statement{SQL: endlessStatement, Timeout: time.Millisecond})
	if err == nil {
		_, _, err = written(t, lake, "csv", remote.Statement{SQL: endlessStatement, Timeout: time.Millisecond})
	}
	require.ErrorContains(t, err, "EXCEEDED_TIME_LIMIT")
	require.NoError(t, lake.Close())
	h.end(t) // which waits for every statement that has begun to answer
}

// TestRemoteHolderThatEnds: a statement without an answer yet may be asked again, one
// with half an answer may not.
func TestRemoteHolderThatEnds(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	h := startHolder(t, program, dir)
	lake, err := remote.Dial(context.Background(), dir, remote.Options{})
	require.NoError(t, err)
	waiting, err := lake.Query(context.Background(), remote.Statement{SQL: endlessStatement})
	require.NoError(t, err)
	begun, err := lake.Query(context.Background(), remote.Statement{SQL: "SELECT a.eventjson FROM main a, main b, main c"})
	require.NoError(t, err)
	require.True(t, begun.Next())
	h.kill(t)
	require.False(t, waiting.Next())
	require.ErrorIs(t, waiting.Err(), socket.ErrHolderEnded)
	for begun.Next() {
	}
	var lost *socket.LostError
	require.ErrorAs(t, begun.Err(), &lost)
	_, err = lake.Query(context.Background(), remote.Statement{SQL: "SELECT 1"})
	require.ErrorIs(t, err, socket.ErrNoHolder)
	for _, rows := range []remote.Rows{waiting, begun} {
		_ = rows.Close()
	}
}

// TestRemoteSilentHolder: a holder that is stopped while it answers is given up.
func TestRemoteSilentHolder(t *testing.T) {
	t.Parallel() // it waits
	program := buildProgram(t)
	dir := heldLake(t, program)
	h := startHolder(t, program, dir)
	lake, err := remote.Dial(context.Background(), dir, remote.Options{Patience: 5 * time.Second})
	require.NoError(t, err)
	rows, err := lake.Query(context.Background(), remote.Statement{SQL: endlessStatement})
	require.NoError(t, err)
	require.NoError(t, h.cmd.Process.Signal(syscall.SIGSTOP))
	require.False(t, rows.Next())
	var silent *socket.SilentError
	require.ErrorAs(t, rows.Err(), &silent)
	require.Equal(t, h.cmd.Process.Pid, silent.PID)
	require.ErrorContains(t, rows.Err(), "has not answered for 5s: it is stopped or overloaded")
	require.NoError(t, h.cmd.Process.Signal(syscall.SIGCONT))
	_ = rows.Close()
	h.end(t)
}

// TestDriverBesideHolder: database/sql asks whoever holds the lake, and takes it when nobody does.
func TestDriverBesideHolder(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	h := startHolder(t, program, dir)
	db, err := sql.Open("auditlake", dir)
	require.NoError(t, err)
	count := func() (n int) {
		require.NoError(t, db.QueryRow("SELECT count(*) FROM main").Scan(&n))
		return n
	}
	require.Equal(t, heldEvents, count())
	var wrong *engine.Error
	_, err = db.Query("SELECT x FROM nowhere")
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "TABLE_NOT_FOUND", wrong.Name)
	session, err := db.Conn(context.Background())
	require.NoError(t, err)
	changed, err := session.QueryContext(context.Background(), "SET TIME ZONE 'Asia/Tokyo'")
	require.NoError(t, err)
	require.NoError(t, changed.Close())
	var zone string
	require.NoError(t, session.QueryRowContext(context.Background(), "SELECT current_timezone()").Scan(&zone))
	require.Equal(t, "Asia/Tokyo", zone, "a connection is a session")
	require.NoError(t, session.Close())
	h.end(t)
	require.Equal(t, heldEvents, count(), "here")
	require.NoError(t, db.Close())
	require.EqualValues(t, heldEvents, countEvents(t, program, dir))
}

// shellProcess is a shell that a test types into.
type shellProcess struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	log bytes.Buffer
}

func startShell(t *testing.T, program, lake string) *shellProcess {
	t.Helper()
	s := &shellProcess{cmd: exec.Command(program, "--lake", lake, "shell")}
	var err error
	s.in, err = s.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	s.out = bufio.NewScanner(out)
	s.cmd.Stderr = &s.log
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	_, err = io.WriteString(s.in, "\\format csv\n")
	require.NoError(t, err)
	return s
}

// ask types a statement with an answer of one column and row.
func (s *shellProcess) ask(t *testing.T, sql string) (line string) {
	t.Helper()
	_, err := fmt.Fprintf(s.in, "%s;\n", sql)
	require.NoError(t, err)
	require.True(t, s.out.Scan(), s.log.String()) // the header
	require.True(t, s.out.Scan(), s.log.String())
	return s.out.Text()
}

func (s *shellProcess) quit(t *testing.T) {
	t.Helper()
	require.NoError(t, s.in.Close())
	require.NoError(t, s.cmd.Wait(), s.log.String())
}

// TestShellHoldsTheLake from its first statement on, and serves others meanwhile.
func TestShellHoldsTheLake(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	s := startShell(t, program, dir)
	require.Equal(t, fmt.Sprint(heldEvents), s.ask(t, "SELECT count(*) FROM main"))
	_, err := engine.Open(context.Background(), dir, engine.Options{})
	require.ErrorIs(t, err, engine.ErrLocked)
	require.EqualValues(t, heldEvents, countEvents(t, program, dir))
	got := execute(t, exec.Command(program, "--lake", dir, "store", "create", "other"))
	require.Zero(t, got.code, got.err)
	require.Equal(t, "0", s.ask(t, "SELECT count(*) FROM other"))
	s.quit(t)
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	require.NoError(t, lake.Close())
}

// TestShellBesideHolder: the shell asks the holder over one connection, and whoever
// holds the lake after it.
func TestShellBesideHolder(t *testing.T) {
	program := buildProgram(t)
	dir := heldLake(t, program)
	h := startHolder(t, program, dir)
	s := startShell(t, program, dir)
	require.Equal(t, "1", s.ask(t, "SELECT 1"))
	require.Equal(t, fmt.Sprint(heldEvents), s.ask(t, "SELECT count(*) FROM main"))
	h.kill(t)
	require.Equal(t, "2", s.ask(t, "SELECT 2"))
	_, err := engine.Open(context.Background(), dir, engine.Options{})
	require.True(t, errors.Is(err, engine.ErrLocked), "the shell holds it now")
	s.quit(t)
	require.Contains(t, s.log.String(), "the process that held the lake has ended; trying again")
}
