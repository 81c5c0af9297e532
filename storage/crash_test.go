package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// crashLake is a lake on a machine that crashes. Its files are in memory, where a crash takes what was
// not synced; its catalog is a real one, whose transactions a crash stops before they begin. (That a
// transaction which returned survives is Badger's part; TestKilledAfterCommit looks at it.)
type crashLake struct {
	t     *testing.T
	disk  *vfs.Memory
	fs    vfs.FS // disk, or what makes it fail
	lake  *Lake
	dir   string
	store *catalog.Store
	files int // committed to the ledger, a commit each
	// want is what the lake must hold; maybe is what it may hold instead, because an operation began
	// and was not acknowledged.
	want, maybe rowsOfLake
}

// rowsOfLake are the names of events by day.
type rowsOfLake map[catalog.Day][]string

func (r rowsOfLake) clone() rowsOfLake {
	c := rowsOfLake{}
	for day, names := range r {
		c[day] = slices.Clone(names)
	}
	return c
}

func (r rowsOfLake) names() []string {
	list := []string{}
	for _, names := range r {
		list = append(list, names...)
	}
	slices.Sort(list)
	return list
}

func newCrashLake(t *testing.T) *crashLake {
	disk := vfs.NewMemory()
	return newCrashLakeOn(t, disk, disk)
}

func newCrashLakeOn(t *testing.T, disk *vfs.Memory, files vfs.FS) *crashLake {
	c := &crashLake{t: t, disk: disk, fs: files, dir: filepath.Join(t.TempDir(), "lake"), want: rowsOfLake{}, maybe: rowsOfLake{}}
	c.lake = withoutBackground(openLake(t, c.dir, files))
	c.keepAs(catalog.EventJSONText)
	t.Cleanup(func() { _ = c.lake.Close() })
	return c
}

// keepAs makes the store keep eventjson in a form from now on.
func (c *crashLake) keepAs(form catalog.EventJSONForm) { c.store = keepAs(c.t, c.lake, form) }

// commit adds events of some days, with a file in the ledger for each commit.
func (c *crashLake) commit(days ...int) error { return c.commitInTurns(math.MaxInt32, days...) }

// commitInTurns commits the events before a day, and then the others, as an import does whose file goes
// beyond midnight.
func (c *crashLake) commitInTurns(turn catalog.Day, days ...int) error {
	var events []event
	first, rest := c.want.clone(), rowsOfLake{}
	for i, n := range days {
		e := event{at: day(n).Add(time.Duration(i) * time.Minute), name: fmt.Sprintf("%d.%d", c.files, i)}
		events = append(events, e)
		if at := catalog.DayOf(e.at.UnixMilli()); at < turn {
			first[at] = append(first[at], e.name)
		} else {
			rest[at] = append(rest[at], e.name)
		}
	}
	c.maybe = first
	file := catalog.ImportedFile{StoreID: storeID, ContentSHA256: strconv.Itoa(c.files), RowsAdded: int64(len(events))}
	c.files++
	var expiry *catalog.Expiry
	if err := c.lake.Catalog().View(func(tx *catalog.Tx) (err error) { expiry, err = tx.Expiry(storeID); return err }); err != nil {
		return err
	}
	change := catalog.ImportChange{Files: []catalog.ImportedFile{file}, Expiries: expiry.Count}
	w, err := c.lake.NewWriter(c.store)
	if err != nil {
		return err
	}
	defer w.Abort()
	half := len(events) / 2
	if err := w.Append(record(c.t, events[:half])); err != nil {
		return err
	}
	if err := w.Spill(ctx); err != nil {
		return err
	}
	if err := w.Append(record(c.t, events[half:])); err != nil {
		return err
	}
	if len(rest) > 0 {
		sealed, err := w.Seal(turn)
		if err != nil {
			return err
		}
		if err := acknowledged(c, sealed.Commit(ctx, change)); err != nil {
			return err
		}
		c.maybe = c.want.clone()
		for at, names := range rest {
			c.maybe[at] = append(c.maybe[at], names...)
		}
	}
	return w.Commit(ctx, change)
}

// push adds events of some days to the hot tier.
func (c *crashLake) push(days ...int) error { return c.pushPadded("", days...) }

// pushLarge is a push of which the end file has no copy.
func (c *crashLake) pushLarge(days ...int) error {
	return c.pushPadded(strings.Repeat("l", hotlog.SlotBytes), days...)
}

func (c *crashLake) pushPadded(arn string, days ...int) error {
	var events []event
	c.maybe = c.want.clone()
	for i, n := range days {
		e := event{at: day(n).Add(time.Duration(i) * time.Minute), name: fmt.Sprintf("p%d.%d", c.files, i), arn: arn}
		events = append(events, e)
		at := catalog.DayOf(e.at.UnixMilli())
		c.maybe[at] = append(c.maybe[at], e.name)
	}
	c.files++
	return tryPush(c.t, c.lake, events...)
}

func (c *crashLake) flush() error {
	c.maybe = c.want.clone()
	return c.lake.Flush(ctx)
}

func (c *crashLake) compact() error {
	c.maybe = c.want.clone()
	_, err := c.lake.Compact(ctx, storeID, ever)
	return err
}

func (c *crashLake) expire(n int) error {
	c.maybe = c.want.clone()
	for d := range c.maybe {
		if d < catalog.DayOf(day(n).UnixMilli()) {
			delete(c.maybe, d)
		}
	}
	_, err := c.lake.Expire(ctx, storeID, day(n))
	return err
}

// drop removes the store for good. check makes it anew.
func (c *crashLake) drop() error {
	c.maybe = rowsOfLake{}
	return c.lake.DropStore(ctx, storeID)
}

// reopen closes the lake and opens it again.
func (c *crashLake) reopen() error {
	c.maybe = c.want.clone()
	if err := c.lake.Close(); err != nil {
		return err
	}
	l, err := Open(ctx, c.dir, Options{FS: c.fs, Decoder: decodeEvents(c.t)})
	if err == nil {
		c.lake = withoutBackground(l)
	}
	return err
}

// inTurn does operations up to the first that fails.
func (c *crashLake) inTurn(operations ...func() error) error {
	for _, do := range operations {
		if err := acknowledged(c, do()); err != nil {
			return err
		}
	}
	return nil
}

// run does an operation that may be interrupted after so many steps, restarts the machine if it was,
// and checks what is left. It tells whether the machine crashed.
func (c *crashLake) run(r *rand.Rand, steps int, do func() error) (crashed bool) {
	c.t.Helper()
	c.disk.CrashAfter(steps)
	err := do()
	crashed = c.disk.Crashed()
	if err == nil { // acknowledged: there is no other way any more
		c.want = c.maybe
	}
	if !crashed {
		require.NoError(c.t, err)
		c.disk.CrashAfter(-1)
		return false
	}
	c.restart(r)
	return true
}

// restart cuts the power, opens the lake anew and checks it.
func (c *crashLake) restart(r *rand.Rand) {
	c.t.Helper()
	_ = c.lake.Close() // nothing it does reaches the disk any more
	c.disk.Restart(r)
	c.disk.CrashAfter(-1)
	c.lake = withoutBackground(openLake(c.t, c.dir, c.fs))
	c.check()
}

func (c *crashLake) check() {
	t := c.t
	t.Helper()
	c.finishDrop()
	s, err := c.lake.Snapshot(ctx)
	require.NoError(t, err)
	defer s.Close()
	got := names(t, s, ScanRequest{})
	slices.Sort(got)
	if !slices.Equal(got, c.want.names()) {
		require.Equal(t, c.maybe.names(), got, "neither what was before nor what was begun; before: %v", c.want.names())
		c.want = c.maybe
	}
	requireNamesInTexts(t, c.lake, len(got))
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	var paths []string
	for _, segment := range segments {
		require.NoError(t, s.Verify(ctx, segment))
		paths = append(paths, c.lake.SegmentPath(segment))
	}
	found := slices.DeleteFunc(memoryFiles(t, c.disk, c.lake.storesPath()), isNoSegment)
	require.ElementsMatch(t, paths, found, "files that the manifest does not name")
	c.checkOrphans()
	chain, err := s.CheckChain(ctx, ChainTrust{})
	require.NoError(t, err)
	require.Empty(t, chain.Problems)
	require.NoError(t, c.lake.checkChangeable(), "the catalog is proven current")
	c.checkLedger(got)
}

// isNoSegment reports whether a file of a store's folder belongs to no segment of the manifest, by its place.
func isNoSegment(path string) bool { return isSetAside(path) || filepath.Base(path) == storeFile }

// isSetAside reports whether a path lies in the folder of files that were set aside.
func isSetAside(path string) bool {
	return strings.Contains(path, string(filepath.Separator)+orphanedFolder+string(filepath.Separator))
}

// checkOrphans: what was set aside is whole, and its note says when and why.
func (c *crashLake) checkOrphans() {
	orphans, err := c.lake.Orphans()
	require.NoError(c.t, err)
	for _, o := range orphans {
		require.NotZero(c.t, o.At, o.Path)
		require.NotEmpty(c.t, o.Reason, o.Path)
		require.NotZero(c.t, o.Bytes, o.Path)
	}
}

// finishDrop makes the store anew, if it is gone: nothing of it is left then.
func (c *crashLake) finishDrop() {
	t := c.t
	t.Helper()
	err := c.lake.Catalog().View(func(tx *catalog.Tx) error { _, err := tx.Store(storeID); return err })
	if err == nil {
		return
	}
	require.ErrorIs(t, err, catalog.ErrNotFound)
	require.Empty(t, c.maybe.names(), "nobody dropped the store")
	require.NoError(t, c.lake.DropStore(ctx, storeID))
	// Other than real ones the store comes back with its id: what was pushed to it must not.
	require.NoError(t, c.lake.Flush(ctx))
	require.NoError(t, c.lake.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.SetFlushed(c.lake.hot.log.Next() - 1) }))
	left := slices.DeleteFunc(memoryFiles(t, c.disk, c.lake.storesPath()), isSetAside)
	require.Empty(t, left, "files of the store")
	days, err := c.disk.ReadDir(c.lake.storePath(storeID))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
		require.Len(t, days, 1, "the folders of the store")
		require.Equal(t, orphanedFolder, days[0].Name())
	}
	c.keepAs(c.store.EventJSON)
	c.want = rowsOfLake{}
}

// checkLedger: a file is in the ledger if all of its rows were committed, expired ones aside.
func (c *crashLake) checkLedger(got []string) {
	known := map[string]bool{}
	require.NoError(c.t, c.lake.Catalog().View(func(tx *catalog.Tx) error {
		for f, err := range tx.Files(storeID) {
			require.NoError(c.t, err)
			known[f.ContentSHA256] = true
		}
		return nil
	}))
	for _, name := range got {
		if strings.HasPrefix(name, "p") {
			continue
		}
		file, _, _ := strings.Cut(name, ".")
		require.True(c.t, known[file], "rows of file %s without its entry in the ledger", file)
	}
}

func memoryFiles(t *testing.T, disk *vfs.Memory, folder string) []string {
	t.Helper()
	var found []string
	entries, err := disk.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if e.IsDir() {
			found = append(found, memoryFiles(t, disk, path)...)
		} else {
			found = append(found, path)
		}
	}
	return found
}

// The machine crashes before every single step of an operation, and once after all of them: at even steps nothing survives that was not
// synced, at odd ones some does. With AUDITLAKE_CRASHES both are tried at each step.
func TestCrashAtEachStep(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, tt := range []struct {
		name     string
		leastOps int
		prepare  func(c *crashLake) error
		do       func(c *crashLake) error
	}{
		{"import", 15, func(*crashLake) error { return nil }, func(c *crashLake) error { return c.commit(1, 2, 1) }},
		{"import beyond midnight", 25, func(*crashLake) error { return nil }, func(c *crashLake) error {
			return c.commitInTurns(catalog.DayOf(day(2).UnixMilli()), 1, 2, 1, 3)
		}},
		{"compaction", 12, func(c *crashLake) error {
			return errors.Join(acknowledged(c, c.commit(1, 2)), acknowledged(c, c.commit(2, 1)))
		}, (*crashLake).compact},
		{"push", 3, func(*crashLake) error { return nil }, func(c *crashLake) error { return c.push(1, 2) }},
		{"large pushes", 6, func(*crashLake) error { return nil }, func(c *crashLake) error {
			return c.inTurn(func() error { return c.pushLarge(1) }, func() error { return c.pushLarge(2) }, func() error { return c.push(1) })
		}},
		{"push into a file that is written over", 3, func(c *crashLake) error {
			return errors.Join(acknowledged(c, c.push(1, 2, 1)), acknowledged(c, c.push(2, 2)), acknowledged(c, c.flush()))
		}, func(c *crashLake) error {
			return c.inTurn(func() error { return c.push(3) }, func() error { return c.push(1, 2) })
		}},
		{"flush", 12, func(c *crashLake) error {
			return errors.Join(acknowledged(c, c.push(1, 2)), acknowledged(c, c.push(2, 3)))
		}, (*crashLake).flush},
		{"push, flush and push", 15, func(*crashLake) error { return nil }, func(c *crashLake) error {
			return c.inTurn(func() error { return c.push(1) }, c.flush, func() error { return c.push(2) })
		}},
		{"restart", 2, func(c *crashLake) error {
			return errors.Join(acknowledged(c, c.commit(1)), acknowledged(c, c.push(1, 2)), acknowledged(c, c.push(3)))
		}, (*crashLake).reopen},
		{"deletion of a store", 5, func(c *crashLake) error {
			return errors.Join(acknowledged(c, c.commit(1, 2, 3)), acknowledged(c, c.push(1, 2)), acknowledged(c, c.flush()), acknowledged(c, c.push(2)))
		}, (*crashLake).drop},
		{"expiry", 3, func(c *crashLake) error { return acknowledged(c, c.commit(1, 2, 3)) }, func(c *crashLake) error { return c.expire(3) }},
	} {
		for _, spares := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, some survives: %v", tt.name, spares), func(t *testing.T) {
				var c *crashLake
				for step := 0; ; step++ {
					if (step%2 > 0) != spares && !crashesAtLength() {
						continue
					}
					if c == nil || step%stepsPerLake < 2 {
						c = newCrashLake(t)
					}
					var r *rand.Rand
					if spares {
						r = rand.New(rand.NewPCG(uint64(step), 1))
					}
					require.NoError(t, tt.prepare(c))
					if !c.run(r, step, func() error { return tt.do(c) }) {
						require.Greater(t, step, tt.leastOps, "steps of the operation")
						c.restart(r)
						return
					}
					c.run(r, -1, func() error { return tt.do(c) }) // again, to its end
					c.check()
					c.run(r, -1, c.flush)
					c.run(r, -1, func() error { return c.expire(9) })
				}
			})
		}
	}
}

func acknowledged(c *crashLake, err error) error {
	if err == nil {
		c.want = c.maybe
	}
	return err
}

// The machine crashes before every single step of the lake's first opening.
func TestCrashWhileALakeIsMade(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for step := 0; ; step++ {
		disk := vfs.NewMemory()
		dir := filepath.Join(t.TempDir(), "lake")
		disk.CrashAfter(step)
		l, err := Open(ctx, dir, Options{FS: disk})
		crashed := disk.Crashed()
		if err == nil {
			require.NoError(t, l.Close())
		}
		disk.Restart(nil)
		l = openLake(t, dir, disk)
		require.Empty(t, problems(t, l, ChainTrust{}))
		head, err := l.ChainHead()
		require.NoError(t, err)
		require.EqualValues(t, 1, head.Entries)
		putStore(t, l)
		commit(t, l, event{at: noon, name: "a"})
		require.NoError(t, l.Close())
		disk.Restart(nil)
		l = openLake(t, dir, disk)
		require.Equal(t, []string{"a"}, namesNow(t, l))
		require.NoError(t, l.Close())
		if !crashed {
			require.Greater(t, step, 8)
			return
		}
	}
}

// stepsPerLake keeps the lakes of crashes at each step small, for the same reason.
const stepsPerLake = 8

// crashesAtLength reports whether AUDITLAKE_CRASHES is set, as the soak sets it.
func crashesAtLength() bool { return os.Getenv("AUDITLAKE_CRASHES") != "" }

// crashesPerLake keeps the lakes of random crashes small: all of a lake is checked after each crash.
const crashesPerLake = 75

// Random operations on lakes, on machines that crash at random. AUDITLAKE_CRASHES is how many times,
// AUDITLAKE_SEED another run.
func TestRandomCrashes(t *testing.T) {
	t.Parallel() // its lakes are its own
	crashes := number(t, "AUDITLAKE_CRASHES", 150)
	if testing.Short() {
		crashes = min(crashes, 20)
	}
	seed := number(t, "AUDITLAKE_SEED", 1)
	t.Logf("%d crashes, seed %d", crashes, seed)
	for lake := 0; lake*crashesPerLake < crashes; lake++ {
		t.Run(fmt.Sprint("lake ", lake), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(lake)))
			crashRandomly(t, r, min(crashesPerLake, crashes-lake*crashesPerLake))
		})
	}
}

func crashRandomly(t *testing.T, r *rand.Rand, crashes int) {
	c := newCrashLake(t)
	horizon := 1
	done := map[string]int{}
	for n := 0; n < crashes; {
		if r.IntN(8) == 0 {
			c.keepAs([]catalog.EventJSONForm{catalog.EventJSONText, catalog.EventJSONRebuilt}[r.IntN(2)])
		}
		kind, do := "import", func() error { return c.commit(randomDays(r, horizon)...) }
		switch r.IntN(18) {
		case 16, 17:
			turn := catalog.DayOf(day(horizon + 1 + r.IntN(3)).UnixMilli())
			kind, do = "import beyond midnight", func() error { return c.commitInTurns(turn, randomDays(r, horizon)...) }
		case 12, 13:
			kind, do = "restart", c.reopen
		case 14:
			kind, do = "deletion of the store", c.drop
		case 0:
			horizon++
			c.run(nil, -1, c.flush) // expiry leaves pushed events alone
			kind, do = "expiry", func() error { return c.expire(horizon) }
		case 1, 2, 3:
			kind, do = "compaction", c.compact
		case 4, 5, 6:
			kind, do = "push", func() error { return c.push(randomDays(r, horizon)...) }
			if r.IntN(4) == 0 {
				kind, do = "large push", func() error { return c.pushLarge(horizon, horizon+r.IntN(4)) }
			}
		case 7, 8:
			kind, do = "flush", c.flush
		}
		var spares *rand.Rand
		if r.IntN(2) == 0 {
			spares = r
		}
		if c.run(spares, r.IntN(40), do) {
			n++
			done[kind]++
		}
		c.finishDrop()
	}
	t.Log(done)
	c.restart(nil)
}

func randomDays(r *rand.Rand, horizon int) []int {
	days := make([]int, 1+r.IntN(5))
	for i := range days {
		days[i] = horizon + r.IntN(4)
	}
	return days
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}
