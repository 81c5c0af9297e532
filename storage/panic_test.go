package storage

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/panics"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/vfs"
)

var errDefect = errors.New("a defect")

// stackLog collects what is logged. It is safe for concurrent use.
type stackLog struct {
	mu   sync.Mutex
	text bytes.Buffer // mu
}

func (l *stackLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *stackLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// panicLake is a lake whose file operations can panic, and the log of its panics.
func panicLake(t *testing.T, dir string) (*Lake, *vfs.Injector, *stackLog) {
	t.Helper()
	faults, log := vfs.NewInjector(vfs.OS), &stackLog{}
	l, err := Open(ctx, dir, Options{FS: faults, Decoder: decodeEvents(t), Log: slog.New(slog.NewTextHandler(log, nil))})
	require.NoError(t, err)
	putStore(t, l)
	return withoutBackground(l), faults, log
}

// requirePanic checks that err is a panic of the work, and that its stack was logged.
func requirePanic(t *testing.T, err error, work, frame string, log *stackLog) {
	t.Helper()
	var caught *panics.Error
	require.ErrorAs(t, err, &caught)
	require.Equal(t, work, caught.Work)
	require.ErrorIs(t, err, errDefect)
	require.Contains(t, log.String(), frame)
}

// A panic of the writer of the log ends no process: those who wait for it get an error, and so do those who come later.
// What was acknowledged is there when the lake is opened again.
func TestPanicOfTheLogsWriter(t *testing.T) {
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync} {
		t.Run(string(op), func(t *testing.T) {
			dir := t.TempDir()
			l, faults, log := panicLake(t, dir)
			push(t, l, event{at: noon, name: "a"})
			if op == vfs.OpCreate {
				l.hot.log.BeginFile()
			}
			faults.Set(&vfs.Fault{Op: op, Err: errDefect, Panic: true, Times: 1})
			var callers sync.WaitGroup
			for range 3 {
				callers.Go(func() { _ = tryPush(t, l, event{at: noon, name: "lost"}) })
			}
			callers.Wait()
			faults.Set(nil)
			require.Contains(t, log.String(), "log of pushed events")
			require.Contains(t, log.String(), "hotlog.(*Log)")
			if op != vfs.OpSync { // that of one file is an error like others
				requirePanic(t, tryPush(t, l, event{at: noon, name: "lost"}), "log of pushed events", "hotlog.(*Log)", log)
				require.Equal(t, []string{"a"}, namesNow(t, l))
			}
			require.NoError(t, l.Close())
			l, _, _ = panicLake(t, dir)
			defer l.Close()
			require.Contains(t, namesNow(t, l), "a")
			push(t, l, event{at: noon, name: "b"})
			require.Contains(t, namesNow(t, l), "b")
		})
	}
}

// A flush that panics in the background is reported as a failed one, and the next one takes its events.
func TestPanicOfAFlush(t *testing.T) {
	log := &stackLog{}
	reported := make(chan error, 16)
	var once sync.Once
	decoder := decodeEvents(t)
	l, err := Open(ctx, t.TempDir(), Options{
		HotAge: time.Millisecond, Log: slog.New(slog.NewTextHandler(log, nil)), OnFlush: func(_ Flushed, err error) { reported <- err },
		Decoder: decodeFunc(func(table *schema.Table, events [][]byte) (arrow.Record, error) {
			once.Do(func() { panic(errDefect) })
			return decoder.Decode(table, events)
		}),
	})
	require.NoError(t, err)
	defer l.Close()
	putStore(t, l)
	push(t, l, event{at: noon, name: "a"})
	requirePanic(t, <-reported, "flush", "hotRows", log)
	require.NoError(t, l.Flush(ctx))
	require.Equal(t, []string{"a"}, namesNow(t, l))
	require.Len(t, segmentsOf(t, l), 1)
}

// A lake whose pushed events cannot be decoded without a panic does not open, and opens once that is mended.
func TestPanicWhilePushedEventsAreRead(t *testing.T) {
	dir := t.TempDir()
	l, _, log := panicLake(t, dir)
	push(t, l, event{at: noon, name: "a"})
	require.NoError(t, l.Close())
	_, err := Open(ctx, dir, Options{Log: slog.New(slog.NewTextHandler(log, nil)), Decoder: decodeFunc(func(*schema.Table, [][]byte) (arrow.Record, error) { panic(errDefect) })})
	requirePanic(t, err, "decoding of pushed events", "hotDecoder", log)
	l, _, _ = panicLake(t, dir)
	defer l.Close()
	require.Equal(t, []string{"a"}, namesNow(t, l))
}

// A writer of a day that panics fails its commit; nothing of it is visible, and the next commit works.
func TestPanicWhileADayIsWritten(t *testing.T) {
	dir := t.TempDir()
	l, faults, log := panicLake(t, dir)
	w := newWriter(t, l)
	require.NoError(t, w.Append(record(t, []event{{at: day(1), name: "a"}, {at: day(2), name: "b"}})))
	faults.Set(&vfs.Fault{Op: vfs.OpCreate, Err: errDefect, Panic: true, Times: 1})
	requirePanic(t, w.Commit(ctx, catalog.ImportChange{}), "writing of a day", "writeDay", log)
	w.Abort()
	faults.Set(nil)
	require.Empty(t, namesNow(t, l))
	commit(t, l, event{at: noon, name: "c"})
	require.Equal(t, []string{"c"}, namesNow(t, l))
	require.NoError(t, l.Close())
	l, _, _ = panicLake(t, dir)
	defer l.Close()
	require.Equal(t, []string{"c"}, namesNow(t, l))
}

// A compaction that panics returns it as its error, and the segments stay as they are.
func TestPanicOfACompaction(t *testing.T) {
	l, faults, log := panicLake(t, t.TempDir())
	defer l.Close()
	commit(t, l, event{at: noon, name: "a"})
	commit(t, l, event{at: noon.Add(time.Second), name: "b"})
	faults.Set(&vfs.Fault{Op: vfs.OpCreate, Err: errDefect, Panic: true})
	_, err := l.Compact(context.Background(), storeID, ever)
	requirePanic(t, err, "compaction", "dayCompaction", log)
	faults.Set(nil)
	require.Equal(t, []string{"a", "b"}, namesNow(t, l))
	require.Equal(t, int64(2), int64(compact(t, l).Merged))
	require.Equal(t, []string{"a", "b"}, namesNow(t, l))
}
