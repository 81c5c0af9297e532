package remote_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/cmd/auditlake/attach"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/remote"
	"github.com/auditlake/auditlake/engine/remote/wire"
	"github.com/auditlake/auditlake/engine/socket"
	"github.com/auditlake/auditlake/server/local"
)

const (
	endless = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), UNNEST(sequence(1, 10000)) c (z) WHERE x + y + z < 0"
	// many comes in several parts, each longer than what the connection holds.
	many = "SELECT x, y, lpad('', 400, 'é') FROM UNNEST(sequence(1, 10000)) t (x), UNNEST(sequence(1, 2)) u (y)"
)

// holder is a lake of this process that others ask, or believe to be another process's.
type holder struct {
	lake    *engine.Lake
	dir     string
	door    *local.Door
	instead atomic.Pointer[http.HandlerFunc] // of the door; nil: the door
	attach  *attach.Holder
}

func hold(t testing.TB, options engine.Options) *holder {
	t.Helper()
	// A socket's path must be short.
	dir, err := os.MkdirTemp("", "lake")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	h := &holder{dir: dir}
	h.lake, err = engine.Open(context.Background(), dir, options)
	require.NoError(t, err)
	h.door = local.New(h.lake)
	h.attach, err = attach.Listen(dir, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if instead := h.instead.Load(); instead != nil {
			(*instead)(w, r)
			return
		}
		h.door.ServeHTTP(w, r)
	}), nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // whatever is asked ends now
		h.attach.End(ctx, nil)
		h.door.Close()
		require.NoError(t, h.lake.Close())
	})
	return h
}

// answers lets another answer in place of the door, except to questions whether the holder is alive.
func (h *holder) answers(with http.HandlerFunc) {
	f := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.AlivePath {
			h.door.ServeHTTP(w, r)
			return
		}
		with(w, r)
	})
	h.instead.Store(&f)
}

func (h *holder) dial(t testing.TB, options remote.Options) *remote.Lake {
	t.Helper()
	lake, err := remote.Dial(context.Background(), h.dir, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lake.Close()) })
	return lake
}

// read is an answer as JSON, its statistics, and its error.
func read(t testing.TB, lake remote.Asked, s remote.Statement) (text string, stats engine.Stats, err error) {
	t.Helper()
	rows, err := lake.Query(context.Background(), s)
	if err != nil {
		return "", stats, err
	}
	var out bytes.Buffer
	_, err = answer.Write("json", &out, rows)
	stats = rows.Stats()
	require.NoError(t, rows.Close())
	return out.String(), stats, err
}

// TestParameters: values of every type arrive as they are given, and are seen by the same statement here.
func TestParameters(t *testing.T) {
	h := hold(t, engine.Options{})
	there, here := h.dial(t, remote.Options{}), remote.Local(h.lake)
	for _, argument := range []string{
		"NULL", "true", "TINYINT '-1'", "SMALLINT '2'", "3", "BIGINT '9223372036854775807'", "REAL '1.5'", "1e300", "nan()", "-0e0", "12.50",
		"DECIMAL '-99999999999999999999999999999999999999'", "'it''s \u00e9 \u2028 \U0001F600'", "U&'\\0000'", "CHAR 'a '", "X'00FF'",
		"DATE '-0001-01-01'", "TIME '23:59:59.999999999'", "TIME '01:02:03 +05:30'", "TIMESTAMP '1969-12-31 23:59:59.999999999'",
		"TIMESTAMP '2024-02-29 01:02:03.004 Europe/Berlin'", "INTERVAL '3' DAY", "INTERVAL '-14' MONTH", "UUID '123e4567-e89b-12d3-a456-426614174000'",
		"IPADDRESS '::1'", "JSON '{\"a\": [1, null]}'", "ARRAY[1, NULL]", "MAP(ARRAY['k'], ARRAY[TIMESTAMP '2024-01-01 00:00 Asia/Tokyo'])",
		"CAST(ROW(1, 'x') AS row(\"A b\" bigint, c varchar))", "ARRAY[]",
	} {
		t.Run(argument, func(t *testing.T) {
			s := remote.Statement{SQL: "SELECT ?, typeof(?), ? IS NULL", Arguments: []string{argument, argument, argument}}
			want, _, err := read(t, here, s)
			require.NoError(t, err)
			got, _, err := read(t, there, s)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
	for _, s := range []remote.Statement{
		{SQL: "SELECT ?, ?", Arguments: []string{"1"}},
		{SQL: "SELECT 1", Arguments: []string{"1"}},
		{SQL: "SELECT ?", Arguments: []string{"1 +"}},
		{SQL: "SELECT ?", Arguments: []string{"x"}},
	} {
		_, _, want := read(t, here, s)
		_, _, got := read(t, there, s)
		require.Error(t, want)
		require.Equal(t, want, got, s.SQL)
	}
}

// TestSettings: what a statement's options say holds where the lake is.
func TestSettings(t *testing.T) {
	h := hold(t, engine.Options{})
	lake := h.dial(t, remote.Options{})
	text, _, err := read(t, lake, remote.Statement{SQL: "SELECT current_user, current_timezone()", User: "ann", TimeZone: "Asia/Tokyo", Door: "driver"})
	require.NoError(t, err)
	require.Contains(t, text, "ann")
	require.Contains(t, text, "Asia/Tokyo")
	infos, err := h.lake.Queries().List(context.Background(), engine.QueryFilter{User: "ann"})
	require.NoError(t, err)
	require.Len(t, infos, 1)
	require.Equal(t, "driver", infos[0].Door)

	rows, err := lake.Query(context.Background(), remote.Statement{SQL: "SELECT 7 AS seven", Keep: true})
	require.NoError(t, err)
	require.True(t, rows.Next())
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	kept, err := h.lake.Queries().Results(rows.QueryID())
	require.NoError(t, err)
	require.EqualValues(t, 1, kept.Rows())
	require.NoError(t, kept.Close())

	_, _, err = read(t, lake, remote.Statement{SQL: endless, Timeout: time.Millisecond})
	require.Equal(t, "EXCEEDED_TIME_LIMIT", nameOf(err), "%v", err)
}

func nameOf(err error) string {
	var e *engine.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Name
}

// TestTypedErrors: an error of a statement is the same error here, with its place, whether it comes before the rows or after some.
func TestTypedErrors(t *testing.T) {
	h := hold(t, engine.Options{})
	there, here := h.dial(t, remote.Options{}), remote.Local(h.lake)
	for _, tt := range []struct{ sql, name string }{
		{"SELECT\n  x", "COLUMN_NOT_FOUND"},
		{"SELECT FROM", "SYNTAX_ERROR"},
		{"SELECT 1 / (x - 5000) FROM UNNEST(sequence(1, 10000)) t (x)", "DIVISION_BY_ZERO"},
		{"SELECT CAST(x AS integer) FROM (VALUES 'one') t (x)", "INVALID_CAST_ARGUMENT"},
		{"CREATE TABLE x (y bigint)", "NOT_SUPPORTED"},
	} {
		_, _, want := read(t, here, remote.Statement{SQL: tt.sql})
		_, _, got := read(t, there, remote.Statement{SQL: tt.sql})
		require.Equal(t, tt.name, nameOf(got), tt.sql)
		require.Equal(t, want, got)
		_, wantEstimate := here.Estimate(context.Background(), remote.Statement{SQL: tt.sql})
		_, gotEstimate := there.Estimate(context.Background(), remote.Statement{SQL: tt.sql})
		require.Equal(t, wantEstimate, gotEstimate, tt.sql)
	}
	_, err := there.Query(context.Background(), remote.Statement{SQL: "SELECT '" + strings.Repeat("x", wire.MaxRequestBytes) + "'"})
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
}

// TestStatistics: they grow while a statement runs, are the holder's at its end, and have the prices of whoever asks.
func TestStatistics(t *testing.T) {
	h := hold(t, engine.Options{})
	_, err := h.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	_, err = h.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{"../../testdata/logs"}})
	require.NoError(t, err)
	prices := engine.DefaultPrices()
	prices.QueryPerGB *= 1000
	there, here := h.dial(t, remote.Options{Prices: prices}), remote.Local(h.lake.WithPrices(prices))
	for _, sql := range []string{"SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 1", "SELECT eventname FROM main WHERE false", many} {
		want, wantStats, err := read(t, here, remote.Statement{SQL: sql})
		require.NoError(t, err)
		got, stats, err := read(t, there, remote.Statement{SQL: sql})
		require.NoError(t, err)
		require.Equal(t, want, got)
		for _, s := range []*engine.Stats{&wantStats, &stats} { // which differ from run to run
			s.Elapsed, s.PeakMemoryBytes, s.BytesRead = 0, 0, 0
		}
		require.Equal(t, wantStats, stats, sql)
		wantEstimate, err := here.Estimate(context.Background(), remote.Statement{SQL: sql})
		require.NoError(t, err)
		estimate, err := there.Estimate(context.Background(), remote.Statement{SQL: sql})
		require.NoError(t, err)
		require.Equal(t, wantEstimate.HighPrice, estimate.HighPrice, sql)
		require.Equal(t, wantEstimate.LowBytes, estimate.LowBytes, sql)
	}
	rows, err := there.Query(context.Background(), remote.Statement{SQL: "SELECT a.eventid FROM main a, main b, main c"})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return rows.Stats().BytesScanned > 0 }, time.Minute, time.Millisecond, "before any row is read")
	require.True(t, rows.Next())
	text, err := rows.(*remote.Answer).StatsJSON()
	require.NoError(t, err)
	var shown map[string]any
	require.NoError(t, json.Unmarshal(text, &shown))
	require.Positive(t, shown["bytesScanned"])
	require.NoError(t, rows.Close())
	require.Eventually(t, func() bool {
		info, err := h.lake.Queries().Get(rows.QueryID())
		return err == nil && info.State == engine.QueryCancelled
	}, time.Minute, time.Millisecond, "an answer that is closed early is cancelled where it runs")
}

// TestSession: what changes a session is resolved where the lake is, and listed there.
func TestSession(t *testing.T) {
	h := hold(t, engine.Options{})
	for name, lake := range map[string]remote.Asked{"there": h.dial(t, remote.Options{}), "here": remote.Local(h.lake)} {
		s := remote.NewSession(lake)
		ask := func(sql string) (string, error) {
			text, _, err := read(t, asking(s.Query), remote.Statement{SQL: sql, User: name})
			return text, err
		}
		var want []string
		for _, step := range []struct{ sql, contains, fails string }{
			{"PREPARE q FROM SELECT ? + 1", "true", ""},
			{"EXECUTE q USING 41", "42", ""},
			{"SET TIME ZONE 'Asia/Tokyo'", "true", ""},
			{"SELECT current_timezone()", "Asia/Tokyo", ""},
			{"SET SESSION query_max_run_time = 'never'", "", "INVALID_SESSION_PROPERTY"},
			{"USE nowhere", "", "SCHEMA_NOT_FOUND"},
			{"SELECT x", "", "COLUMN_NOT_FOUND"},
			{"DEALLOCATE PREPARE q", "true", ""},
			{"EXECUTE q USING 1", "", "NOT_FOUND"},
		} {
			text, err := ask(step.sql)
			require.Equal(t, step.fails, nameOf(err), step.sql)
			require.Contains(t, text, step.contains)
			want = append(want, step.sql)
		}
		infos, err := h.lake.Queries().List(context.Background(), engine.QueryFilter{User: name})
		require.NoError(t, err)
		var listed []string
		for _, info := range infos {
			listed = append(listed, info.SQL)
		}
		require.ElementsMatch(t, want, listed)
	}
}

// asking is a session's Query as remote.Asked, for read.
type asking func(context.Context, remote.Statement) (remote.Rows, error)

func (f asking) Query(ctx context.Context, s remote.Statement) (remote.Rows, error) { return f(ctx, s) }
func (f asking) Estimate(context.Context, remote.Statement) (*engine.Estimate, error) {
	return nil, errors.ErrUnsupported
}
func (f asking) Close() error { return nil }

// TestHolderGoesAway: an answer that is cut anywhere is an error, and says whether the statement may be asked again.
func TestHolderGoesAway(t *testing.T) {
	h := hold(t, engine.Options{})
	lake := h.dial(t, remote.Options{})
	recorder := httptest.NewRecorder()
	request, err := json.Marshal(wire.Request{ID: "1", SQL: many})
	require.NoError(t, err)
	h.door.ServeHTTP(answerRecorder{recorder}, httptest.NewRequest(http.MethodPost, wire.QueryPath, bytes.NewReader(request)))
	whole := recorder.Body.Bytes()
	require.Greater(t, len(whole), 1<<20)
	for _, tt := range []struct {
		name  string
		bytes int // of the answer, before the holder ends
		rows  bool
	}{
		{"before the answer", 0, false}, {"in the schema", 100, false}, {"after some rows", len(whole) / 2, true},
		{"before the end", len(whole) - 10, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.answers(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == wire.QueryPath {
					_, _ = w.Write(whole[:tt.bytes])
					_ = http.NewResponseController(w).Flush()
				}
				panic(http.ErrAbortHandler)
			})
			rows, err := lake.Query(context.Background(), remote.Statement{SQL: many})
			require.NoError(t, err)
			seen := 0
			for rows.Next() {
				seen += rows.Arrays()[0].Len()
			}
			require.Equal(t, tt.rows, seen > 0)
			var lost *socket.LostError
			require.Equal(t, tt.rows, errors.As(rows.Err(), &lost), "%v", rows.Err())
			require.Equal(t, !tt.rows, errors.Is(rows.Err(), socket.ErrHolderEnded), "it may be asked again: %v", rows.Err())
			require.Zero(t, rows.Stats().Rows, "nobody is there to say")
			require.False(t, rows.Next())
			_ = rows.Close()
		})
	}
	h.answers(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err = lake.Query(context.Background(), remote.Statement{SQL: many})
	require.ErrorIs(t, err, socket.ErrHolderEnded)
	_, err = lake.Estimate(context.Background(), remote.Statement{SQL: many})
	require.ErrorIs(t, err, socket.ErrHolderEnded)
}

// answerRecorder lets the door set deadlines.
type answerRecorder struct{ *httptest.ResponseRecorder }

func (answerRecorder) SetReadDeadline(time.Time) error { return nil }

// TestStrangeAnswers: whatever a holder answers, it is an error that says what.
func TestStrangeAnswers(t *testing.T) {
	h := hold(t, engine.Options{})
	lake := h.dial(t, remote.Options{})
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"ends", http.StatusServiceUnavailable, "ending", "the process that held the lake ended"},
		{"knows no such path", http.StatusNotFound, "404 page not found", "the process that holds the lake answered 404 Not Found: 404 page not found"},
		{"no failure", http.StatusUnprocessableEntity, "{", "answered 422 Unprocessable Entity: {"},
		{"no answer", http.StatusOK, "{", "the process that held the lake ended"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.answers(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			_, _, err := read(t, lake, remote.Statement{SQL: "SELECT 1"})
			require.ErrorContains(t, err, tt.want)
			_, err = lake.Estimate(context.Background(), remote.Statement{SQL: "SELECT 1"})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// TestSilentHolder: a holder that shows no sign of life is given up, before the answer, in it and when it is dialled.
func TestSilentHolder(t *testing.T) {
	h := hold(t, engine.Options{})
	lake := h.dial(t, remote.Options{Patience: 5 * time.Second}) // which a slow machine keeps
	var quick *remote.Lake                                       // has no patience: nobody answers it below
	require.Eventually(t, func() (dialled bool) {
		var err error
		quick, err = remote.Dial(context.Background(), h.dir, remote.Options{Patience: 200 * time.Millisecond})
		return err == nil
	}, time.Minute, time.Millisecond)
	defer quick.Close()
	silent := make(chan struct{})
	defer close(silent)
	rows, err := lake.Query(context.Background(), remote.Statement{SQL: endless})
	require.NoError(t, err)
	wait := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-silent:
		case <-r.Context().Done():
		}
	})
	h.instead.Store(&wait)
	require.False(t, rows.Next())
	var given *socket.SilentError
	require.ErrorAs(t, rows.Err(), &given)
	require.Equal(t, os.Getpid(), given.PID)
	_ = rows.Close()
	_, err = quick.Query(context.Background(), remote.Statement{SQL: endless})
	require.ErrorAs(t, err, &given)
	_, err = quick.Estimate(context.Background(), remote.Statement{SQL: endless})
	require.ErrorAs(t, err, &given)
	_, err = remote.Dial(context.Background(), h.dir, remote.Options{Patience: 100 * time.Millisecond})
	require.ErrorAs(t, err, &given)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = remote.Dial(ctx, h.dir, remote.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestCancel: the end of the caller's context ends the statement where it runs.
func TestCancel(t *testing.T) {
	h := hold(t, engine.Options{})
	lake := h.dial(t, remote.Options{})
	ctx, cancel := context.WithCancelCause(context.Background())
	rows, err := lake.Query(ctx, remote.Statement{SQL: endless})
	require.NoError(t, err)
	cause := errors.New("enough")
	cancel(cause)
	require.False(t, rows.Next())
	require.ErrorIs(t, rows.Err(), cause)
	require.Eventually(t, func() bool {
		info, err := h.lake.Queries().Get(rows.QueryID())
		return err == nil && info.State == engine.QueryCancelled
	}, time.Minute, time.Millisecond)
	_ = rows.Close()
	_, err = lake.Query(ctx, remote.Statement{SQL: "SELECT 1"})
	require.ErrorIs(t, err, cause)
}

// TestOpen takes whichever way there is.
func TestOpen(t *testing.T) {
	h := hold(t, engine.Options{})
	there, err := remote.Open(context.Background(), h.dir, engine.Options{}, remote.Options{})
	require.NoError(t, err)
	require.IsType(t, &remote.Lake{}, there)
	text, _, err := read(t, there, remote.Statement{SQL: "SELECT 7 AS seven"})
	require.NoError(t, err)
	require.Contains(t, text, "seven")
	require.NoError(t, there.Close())

	here, err := remote.Open(context.Background(), t.TempDir(), engine.Options{}, remote.Options{})
	require.NoError(t, err)
	text, _, err = read(t, here, remote.Statement{SQL: "SELECT 7 AS seven"})
	require.NoError(t, err)
	require.Contains(t, text, "seven")
	require.NoError(t, here.Close())

	_, err = remote.Open(context.Background(), t.TempDir(), engine.Options{MustExist: true}, remote.Options{})
	require.ErrorIs(t, err, engine.ErrNoLake)
	alone := t.TempDir()
	lake, err := engine.Open(context.Background(), alone, engine.Options{})
	require.NoError(t, err)
	_, err = remote.Open(context.Background(), alone, engine.Options{}, remote.Options{})
	require.ErrorIs(t, err, engine.ErrLocked, "its holder serves nobody")
	require.NoError(t, lake.Close())
}

// TestOtherHolders: what listens at the socket is not taken for a holder because it listens.
func TestOtherHolders(t *testing.T) {
	for _, tt := range []struct {
		name  string
		greet func(dir string, conn net.Conn)
		check func(t *testing.T, err error)
	}{
		{"hangs up", func(string, net.Conn) {}, func(t *testing.T, err error) { require.ErrorIs(t, err, socket.ErrNoHolder) }},
		{"says something else", func(_ string, conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-OpenSSH") },
			func(t *testing.T, err error) { require.ErrorIs(t, err, socket.ErrNotAuditlake) }},
		{"is of another version", func(dir string, conn net.Conn) { greet(t, dir, conn, 1) }, func(t *testing.T, err error) {
			var version *socket.VersionError
			require.ErrorAs(t, err, &version)
			require.Equal(t, 1, version.TheirProtocol)
		}},
		{"answers no statements", func(dir string, conn net.Conn) { greet(t, dir, conn, 0) }, func(t *testing.T, err error) {
			var version *socket.VersionError
			require.ErrorAs(t, err, &version)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("XDG_RUNTIME_DIR", dir)
			listener, remove, _, err := socket.Listen(dir)
			require.NoError(t, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					tt.greet(dir, conn)
					_ = conn.Close()
				}
			}()
			_, err = remote.Dial(context.Background(), dir, remote.Options{})
			tt.check(t, err)
			remove()
			require.NoError(t, listener.Close())
			<-done
		})
	}
}

// greet sends the greeting of a holder whose statements have a version.
func greet(t *testing.T, dir string, conn net.Conn, version int) {
	g, err := socket.NewGreeting(dir, true)
	if err != nil {
		t.Error(err)
		return
	}
	g.Queries = version
	text, err := json.Marshal(g)
	if err != nil {
		t.Error(fmt.Errorf("greeting: %w", err))
		return
	}
	frame := binary.BigEndian.AppendUint32([]byte{'G', 0}, uint32(len(text)))
	_, _ = conn.Write(append(frame, text...)) // the client may be gone
}

// BenchmarkSelectOne asks another process, as it were, over the socket.
func BenchmarkSelectOne(b *testing.B) {
	lake := hold(b, engine.Options{}).dial(b, remote.Options{})
	for b.Loop() {
		_, _, err := read(b, lake, remote.Statement{SQL: "SELECT 1"})
		require.NoError(b, err)
	}
}
