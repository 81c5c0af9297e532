package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/schema"
	"github.com/auditlake/auditlake/storage/vfs"
)

// withoutBackground keeps flushes away that the test does not ask for.
func withoutBackground(l *Lake) *Lake {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hot.maxAge, l.hot.maxBytes = time.Hour, 1<<40
	return l
}

func hotFiles(t *testing.T, l *Lake) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(l.Dir(), hotFolder, "*"+hotlog.Suffix))
	require.NoError(t, err)
	return files
}

func TestPushIsVisibleAtOnce(t *testing.T) {
	l := withoutBackground(newLake(t))
	commit(t, l, event{at: noon.Add(time.Hour), name: "imported"})
	before := snapshot(t, l)
	push(t, l, event{at: noon, name: "a", arn: "arn:a"}, event{at: noon.Add(-time.Hour), name: "b"})
	push(t, l, event{at: noon.AddDate(0, 0, 1), name: "c"})
	require.Equal(t, []string{"imported"}, names(t, before, ScanRequest{}))
	require.Equal(t, []string{"imported", "a", "b", "c"}, names(t, snapshot(t, l), ScanRequest{}))
	push(t, l)
	require.Len(t, segmentFiles(t, l), 1)
}

func TestFlushChangesNoAnswer(t *testing.T) {
	l := withoutBackground(newLake(t))
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		var events []event
		for range 1 + r.IntN(700) {
			e := event{at: day(1 + r.IntN(3)).Add(time.Duration(r.IntN(86_400_000)) * time.Millisecond), name: fmt.Sprintf("%x", r.Uint64())}
			if r.IntN(2) == 0 {
				e.arn = fmt.Sprint("arn:", r.IntN(9))
			}
			events = append(events, e)
		}
		push(t, l, events...)
	}
	old := snapshot(t, l)
	rows, err := old.Rows(storeID, ever)
	require.NoError(t, err)
	want := rowsByTime(t, old, true)
	require.NoError(t, l.Flush(ctx))
	require.NoError(t, l.Flush(ctx))
	require.Len(t, segmentsOf(t, l), 3)
	s := snapshot(t, l)
	requireRows(t, want, rowsByTime(t, s, true))
	requireRows(t, want, rowsByTime(t, old, true))
	flushed, err := s.Rows(storeID, ever)
	require.NoError(t, err)
	for i := range rows.Days {
		rows.Days[i].Bytes, flushed.Days[i].Bytes, flushed.Days[i].Segments = 0, 0, 0
	}
	require.Equal(t, flushed, rows)

	require.Len(t, hotFiles(t, l), 1, "one file is kept to be written over")
	push(t, l, event{at: noon, name: "z"})
	require.Len(t, hotFiles(t, l), 1)
	require.Equal(t, fmt.Sprintf("%020d.log", 31), filepath.Base(hotFiles(t, l)[0]))
	require.Empty(t, problems(t, l, ChainTrust{}))
	usage := ingested(t, l)
	require.EqualValues(t, want[0].Len(), usage.IngestedEvents)
	require.Positive(t, usage.IngestedBytes)
}

func ingested(t *testing.T, l *Lake) (total catalog.Usage) {
	t.Helper()
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		for u, err := range tx.Usage(storeID, 0, 1<<30) {
			require.NoError(t, err)
			total.IngestedBytes += u.IngestedBytes
			total.IngestedEvents += u.IngestedEvents
		}
		return nil
	}))
	return total
}

func TestScanOfPushedEvents(t *testing.T) {
	l := withoutBackground(newLake(t))
	push(t, l, event{at: day(1), name: "a", arn: "arn:a"}, event{at: day(1).Add(time.Second)}, event{at: day(1).Add(2 * time.Second), name: "c"})
	push(t, l, event{at: day(2), name: "d"})
	s := snapshot(t, l)
	sc := startScan(t, s, ScanRequest{})
	g, err := sc.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, g.Rows())
	arrays, err := g.Read(ctx, []string{"eventjsonchecksum", "useridentity.arn", "eventname"}, []int32{0, 3})
	require.NoError(t, err)
	require.Equal(t, `["arn:a" (null)]`, arrays[1].String())
	require.Equal(t, `["a" "d"]`, arrays[2].String())
	require.Equal(t, 2, arrays[0].Len())
	none, err := g.Read(ctx, []string{"eventname"}, []int32{})
	require.NoError(t, err)
	require.Zero(t, none[0].Len())
	_, err = g.Read(ctx, []string{"nosuch"}, nil)
	var unknownPath *UnknownPathError
	require.ErrorAs(t, err, &unknownPath)

	stats := sc.Stats()
	require.Positive(t, stats.BytesScanned)
	require.Equal(t, stats.BytesStored, stats.BytesScanned)
	require.Zero(t, sc.StatsThrough(-1).BytesScanned)
	e, err := s.Estimate(ctx, ScanRequest{StoreID: storeID, Columns: []string{"eventname"}})
	require.NoError(t, err)
	require.Equal(t, []int64{stats.BytesScanned, stats.BytesScanned}, []int64{e.LowBytes, e.HighBytes})

	require.Equal(t, []string{"c", "d"}, names(t, s, ScanRequest{Horizon: day(1).Add(2 * time.Second)}))
	require.Empty(t, names(t, s, ScanRequest{Horizon: day(3)}))
	require.Empty(t, names(t, s, ScanRequest{StoreID: storeID, Where: where(between(day(3), day(4)))}))
}

// Events are decoded when they are asked for: once for all queries, those of many pushes together, and in
// the order of eventtime by a flush.
func TestPushedEventsAreDecodedWhenAskedFor(t *testing.T) {
	l := withoutBackground(newLake(t))
	var decoded []int // events of each call
	decoder := l.hot.decoder
	l.hot.decoder = decodeFunc(func(table *schema.Table, events [][]byte) (arrow.Record, error) {
		decoded = append(decoded, len(events))
		return decoder.Decode(table, events)
	})
	push(t, l, event{at: noon.Add(time.Second), name: "c"}, event{at: noon, name: "a"})
	push(t, l, event{at: noon, name: "b"})
	require.Empty(t, decoded)
	require.Equal(t, []string{"c", "a", "b"}, namesNow(t, l))
	require.Equal(t, []string{"c", "a", "b"}, namesNow(t, l))
	require.Equal(t, []int{3}, decoded)
	push(t, l, event{at: noon, name: "d"})
	require.Equal(t, []string{"c", "a", "b", "d"}, namesNow(t, l))
	require.Equal(t, []int{3, 1}, decoded)
	require.NoError(t, l.Flush(ctx))
	require.Equal(t, []int{3, 1, 4}, decoded)
	require.Equal(t, []string{"a", "b", "d", "c"}, namesNow(t, l), "equal times stay in the order of the pushes")
}

func TestFlushOfEventsOfAnotherTime(t *testing.T) {
	l := withoutBackground(newLake(t))
	require.NoError(t, l.Push(ctx, Part{testStore(), JoinTexts([][]byte{pushedText(event{at: noon, name: "a"})}), []int64{noon.UnixMilli() + 1}}))
	require.ErrorContains(t, l.Flush(ctx), "another eventtime")
	require.Empty(t, segmentFiles(t, l))
}

func TestPushSurvivesAKill(t *testing.T) {
	l := withoutBackground(newLake(t))
	push(t, l, event{at: noon, name: "flushed"})
	require.NoError(t, l.Flush(ctx))
	for i := range 3 {
		push(t, l, event{at: noon, name: fmt.Sprint(i)})
		left := t.TempDir()
		copyTree(t, l.Dir(), left)
		after := openLake(t, left, nil)
		require.Len(t, namesNow(t, after), i+2)
		push(t, after, event{at: noon, name: "next"})
		require.NoError(t, after.Flush(ctx))
		require.Len(t, namesNow(t, after), i+3)
		require.NoError(t, after.Close())
		after = openLake(t, left, nil)
		require.Len(t, namesNow(t, after), i+3)
		require.NoError(t, after.Close())
	}
}

// writtenLog is the log of three pushes, a group each, and the offsets of the groups.
func writtenLog(t *testing.T) (l *Lake, path string, content []byte) {
	t.Helper()
	l = withoutBackground(newLake(t))
	for i := range 3 {
		push(t, l, event{at: noon, name: fmt.Sprint(i)})
	}
	path = hotFiles(t, l)[0]
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l, path, content[:3*hotlog.AlignBytes]
}

// hotTestGroupBytes is what one of the groups has before the zeros that fill its block.
const hotTestGroupBytes = hotlog.GroupHead + hotlog.PushHead + 4 + len("1741089600000 0 ")

func TestLogWithATornEnd(t *testing.T) {
	l, path, content := writtenLog(t)
	for group := range 3 {
		for _, cut := range []int{0, 1, 7, hotlog.GroupHead - 1, hotlog.GroupHead, hotlog.GroupHead + 1, hotTestGroupBytes - 1} {
			require.NoError(t, os.WriteFile(path, content[:group*hotlog.AlignBytes+cut], 0o600))
			n, err := pushesIn(t, l)
			require.NoError(t, err)
			require.Equal(t, group, n, "cut to %d bytes of group %d", cut, group)
		}
	}
}

// A damaged byte is never read as anything else. Only in the last group it cannot be told from a write
// that nobody was told of.
func TestLogWithADamagedByte(t *testing.T) {
	l, path, content := writtenLog(t)
	for group := range 3 {
		for at := range hotTestGroupBytes {
			damaged := slices.Clone(content)
			damaged[group*hotlog.AlignBytes+at] ^= 1 << (at % 8)
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			n, err := pushesIn(t, l)
			require.Equal(t, group, n, "byte %d of group %d", at, group)
			if group == 2 {
				require.NoError(t, err)
				continue
			}
			requireDamaged(t, err, path)
			var corrupt *CorruptLogError
			require.ErrorAs(t, err, &corrupt)
			require.EqualValues(t, group*hotlog.AlignBytes, corrupt.Offset)
		}
	}
}

// pushesIn counts what can be recovered of a closed lake's log.
func pushesIn(t *testing.T, l *Lake) (n int, err error) {
	t.Helper()
	err = hotlog.New(hotlog.Options{FS: vfs.OS, Dir: filepath.Join(l.Dir(), hotFolder)}).Recover(ctx, hotlog.Proof{}, func(p *hotlog.Push) error {
		require.Equal(t, uint64(n+1), p.Sequence)
		events, ok := hotlog.CutTexts(p.Text)
		require.True(t, ok)
		require.Equal(t, [][]byte{pushedText(event{at: noon, name: fmt.Sprint(n)})}, events)
		n++
		return nil
	})
	return n, err
}

func TestDamageBeforeTheEndOfTheLogIsAnError(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	push(t, l, event{at: noon, name: "a"})
	require.NoError(t, l.Close())
	l = openLake(t, dir, nil)
	push(t, l, event{at: noon, name: "b"})
	require.NoError(t, l.Close())
	files := hotFiles(t, l)
	require.Len(t, files, 2)
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for name, damage := range map[string]func() error{
		"cut":  func() error { return os.WriteFile(files[0], content[:hotTestGroupBytes-1], 0o600) },
		"gone": func() error { return os.Remove(files[0]) },
	} {
		require.NoError(t, damage(), name)
		_, err := Open(ctx, dir, Options{Decoder: decodeEvents(t)})
		requireDamaged(t, err, files[0])
	}
}

// A file is written over when its events are in segments: what it held before never comes back, wherever
// the new groups end, nor does it look like damage.
func TestLogFilesAreWrittenOver(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	dir := t.TempDir()
	l := withoutBackground(openLake(t, dir, nil))
	putStore(t, l)
	want := []string{}
	for round := range 5 {
		for i := range 1 + (7*round)%5 {
			name := fmt.Sprintf("%d.%d", round, i)
			push(t, l, event{at: noon, name: name})
			want = append(want, name)
		}
		left := t.TempDir()
		copyTree(t, dir, left)
		after := openLake(t, left, nil)
		require.ElementsMatch(t, want, namesNow(t, after), "round %d", round)
		require.NoError(t, after.Close())
		require.Len(t, hotFiles(t, l), 1)
		require.NoError(t, l.Flush(ctx))
	}
	require.NoError(t, l.Close())
	require.Empty(t, hotFiles(t, l), "nothing is left to be read, and nothing is kept")
}

// A push that could not be written is not there: not now, and not when the lake is opened again, though
// the disk may hold it. The next push goes into another file.
func TestPushThatCannotBeWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpSyncDir, vfs.OpWrite, vfs.OpSync} {
		for _, before := range []int{0, 2} { // pushes
			for _, torn := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s after %d pushes, torn: %v", op, before, torn), func(t *testing.T) {
					faults := vfs.NewInjector(vfs.OS)
					dir := t.TempDir()
					l := withoutBackground(openLake(t, dir, faults))
					putStore(t, l)
					want := []string{}
					for i := range before {
						want = append(want, fmt.Sprint(i))
						push(t, l, event{at: noon, name: fmt.Sprint(i)})
					}
					if before > 0 && (op == vfs.OpCreate || op == vfs.OpSyncDir) {
						l.hot.log.BeginFile()
					}
					faults.Set(&vfs.Fault{Op: op, Times: 2, Err: syscall.ENOSPC, Torn: torn})
					require.ErrorIs(t, tryPush(t, l, event{at: noon, name: "lost"}), syscall.ENOSPC)
					if op != vfs.OpSync { // after a sync that failed a write still works
						require.ErrorIs(t, tryPush(t, l, event{at: noon, name: "lost"}, event{at: noon, name: "too"}), syscall.ENOSPC)
					}
					faults.Set(nil)
					require.Equal(t, want, namesNow(t, l))
					push(t, l, event{at: noon, name: "c"})
					want = append(want, "c")
					require.Equal(t, want, namesNow(t, l))
					require.NoError(t, l.Close())
					l = openLake(t, dir, faults)
					require.Equal(t, want, namesNow(t, l))
					require.NoError(t, l.Flush(ctx))
					require.NoError(t, l.Close())
					l = openLake(t, dir, faults)
					defer l.Close()
					require.Equal(t, want, namesNow(t, l))
				})
			}
		}
	}
}

func TestPushRefuses(t *testing.T) {
	l := newLake(t)
	times := []int64{noon.UnixMilli()}
	require.ErrorContains(t, l.Push(ctx, Part{testStore(), JoinTexts([][]byte{nil, nil}), times}), "1 times for 2 events")
	require.ErrorContains(t, l.Push(ctx, Part{testStore(), JoinTexts([][]byte{make([]byte, hotlog.MaxGroupBytes)}), times}), "at most")
	require.NoError(t, l.Close())
	require.ErrorIs(t, l.Push(ctx, Part{testStore(), JoinTexts([][]byte{nil}), times}), ErrClosed)
}

func TestPushedEventsOfADroppedStore(t *testing.T) {
	dir := t.TempDir()
	l := withoutBackground(openLake(t, dir, nil))
	putStore(t, l)
	push(t, l, event{at: noon, name: "a"})
	require.NoError(t, l.DropStore(ctx, storeID))
	require.NoError(t, l.Close())
	l = openLake(t, dir, nil)
	defer l.Close()
	require.NoError(t, l.Flush(ctx))
	require.Empty(t, segmentFiles(t, l))
}

// While events are pushed and flushed, every snapshot sees whole pushes: all that were acknowledged
// before it, each once.
func TestSnapshotsBesidePushesAndFlushes(t *testing.T) {
	l := newLake(t)
	l.mu.Lock()
	l.hot.maxBytes = 2000 // flush in the background all the time
	l.mu.Unlock()
	const pushers, pushes, rows = 4, 40, 5
	var acknowledged sync.Map
	var work sync.WaitGroup
	for p := range pushers {
		work.Go(func() {
			for n := range pushes {
				var events []event
				for i := range rows {
					events = append(events, event{at: day(1 + n%3), name: fmt.Sprintf("%d.%d.%d", p, n, i)})
				}
				if err := tryPush(t, l, events...); err != nil {
					t.Error(err)
					return
				}
				acknowledged.Store(fmt.Sprintf("%d.%d.0", p, n), true)
			}
		})
	}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		for {
			if err := checkPushed(l, &acknowledged, rows); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	work.Wait()
	close(stop)
	reading.Wait()
	require.NoError(t, checkPushed(l, &acknowledged, rows))
	require.NoError(t, l.Flush(ctx))
	require.Len(t, namesNow(t, l), pushers*pushes*rows)
}

func checkPushed(l *Lake, acknowledged *sync.Map, rows int) error {
	var before []string
	acknowledged.Range(func(name, _ any) bool { before = append(before, name.(string)); return true })
	s, err := l.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	sc, err := s.Scan(ScanRequest{StoreID: storeID})
	if err != nil {
		return err
	}
	list, err := readNames(sc)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, name := range list {
		if seen[name] {
			return errors.New("twice: " + name)
		}
		seen[name] = true
	}
	for _, name := range before {
		if !seen[name] {
			return errors.New("lost: " + name)
		}
	}
	if len(list)%rows != 0 {
		return fmt.Errorf("%d rows: half a push", len(list))
	}
	return nil
}
