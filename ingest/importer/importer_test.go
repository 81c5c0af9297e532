package importer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

func TestImportOnce(t *testing.T) {
	l := newLake(t, 100)
	source := objects(map[string]string{
		"a.json.gz": zipped(logFile(event("1", 1), event("2", 2))),
		"b.ndjson":  ndjson(event("3", 3), event("1", 1)),
		"c.json":    logFile(),
	})
	r, files := l.run(t, source, Options{})
	require.Equal(t, catalog.ImportCompleted, r.Import.Status)
	require.Equal(t, sorted(event("1", 1), event("1", 1), event("2", 2), event("3", 3)), l.texts(t), "events are not compared, only files")
	require.EqualValues(t, 3, r.Import.Counts.Files)
	require.Equal(t, int64(4*len(event("1", 1))), r.Import.Counts.EventBytes)
	require.Len(t, files, 3)
	require.Equal(t, "a.json.gz", files[0].Object.Key)

	opened := source.opened.Load()
	r, files = l.run(t, source, Options{Now: now.Add(time.Hour)})
	require.Zero(t, r.Import.Counts.Events)
	require.EqualValues(t, 4, r.Import.Counts.SkippedKnown)
	require.EqualValues(t, 2, r.Import.Counts.FilesKnown)
	require.True(t, files[0].Unchanged)
	require.Equal(t, opened, source.opened.Load(), "unchanged files are not read")

	source.touched = now.Add(time.Minute)
	r, files = l.run(t, source, Options{})
	require.Zero(t, r.Import.Counts.Events)
	require.EqualValues(t, 4, r.Import.Counts.SkippedKnown)
	require.False(t, files[0].Unchanged)

	l.reopen(t)
	r, _ = l.run(t, source, Options{})
	require.Zero(t, r.Import.Counts.Events)
	require.Empty(t, r.Reasons)
}

func TestSameContentElsewhere(t *testing.T) {
	t.Parallel()
	content := logFile(event("1", 1), event("2", 2), `{"eventTime":"x"}`)
	for name, workers := range map[string]int{"one worker": 1, "four workers": 4} {
		t.Run(name, func(t *testing.T) {
			l := newLake(t, 100)
			twins := map[string]string{}
			for i := range 200 {
				twins[fmt.Sprintf("%03d.json", i)] = content
			}
			twins["100.json"] = logFile(event("3", 3))
			r, files := l.run(t, objects(twins), Options{Workers: workers})
			require.Equal(t, sorted(event("1", 1), event("2", 2), event("3", 3)), l.texts(t))
			require.EqualValues(t, 2*198, r.Import.Counts.SkippedKnown)
			require.False(t, files[0].Duplicate)
			require.True(t, files[1].Duplicate)

			r, files = l.run(t, objects(map[string]string{"elsewhere.json.gz": zipped(content)}), Options{})
			require.EqualValues(t, 2, r.Import.Counts.SkippedKnown)
			require.False(t, files[0].Duplicate)
			require.EqualValues(t, 3, l.rows(t))

			r, files = l.run(t, objects(map[string]string{"elsewhere.json.gz": zipped(content)}), Options{})
			require.True(t, files[0].Unchanged)
			require.Zero(t, r.Import.Counts.Events)
		})
	}
}

func TestRetention(t *testing.T) {
	l := newLake(t, 10)
	source := objects(map[string]string{
		"a.json": logFile(event("1", 1), event("9", 9), event("11", 11), event("20", 20)),
		"b.json": logFile(event("30", 30)),
	})
	r, _ := l.run(t, source, Options{})
	require.EqualValues(t, 2, r.Import.Counts.Events)
	require.EqualValues(t, 3, r.Import.Counts.SkippedRetention)
	require.Equal(t, now.AddDate(0, 0, -30), r.OldestPast)
	require.Equal(t, 31, r.RetentionDaysNeeded)

	r, files := l.run(t, source, Options{Now: now.Add(time.Hour)})
	require.True(t, files[0].Unchanged, "a later horizon lets nothing more in")
	require.EqualValues(t, 3, r.Import.Counts.SkippedRetention)
	require.Equal(t, 31, r.RetentionDaysNeeded)

	l.retain(t, 15)
	r, _ = l.run(t, source, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.EqualValues(t, 2, r.Import.Counts.SkippedRetention)

	l.retain(t, r.RetentionDaysNeeded)
	r, _ = l.run(t, source, Options{Now: now.Add(50 * time.Minute)})
	require.EqualValues(t, 2, r.Import.Counts.Events)
	require.Zero(t, r.Import.Counts.SkippedRetention)
	require.Zero(t, r.RetentionDaysNeeded)
	require.Len(t, slices.Compact(l.texts(t)), 5)
	require.EqualValues(t, 5, l.rows(t))
}

func TestRetentionEnds(t *testing.T) {
	l := newLake(t, 10)
	at := func(d time.Duration) string {
		return `{"eventTime":"` + now.AddDate(0, 0, -10).Add(d).Format("2006-01-02T15:04:05.000Z") + `","eventID":"a"}`
	}
	r, _ := l.run(t, objects(map[string]string{"a": ndjson(at(-time.Millisecond), at(0))}), Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.Equal(t, []string{at(0)}, l.texts(t))
}

func TestWindows(t *testing.T) {
	t.Parallel()
	l := newLake(t, 100)
	var all []string
	for day := range 20 {
		all = append(all, event(fmt.Sprint(day), day))
	}
	source := objects(map[string]string{"a.json": logFile(all...)})
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for _, step := range []struct {
		from, to             time.Time
		added, known, beside int64
	}{
		{ago(5), ago(2), 3, 0, 17},
		{ago(5), ago(2), 0, 3, 17},
		{ago(4), ago(3), 0, 3, 17}, // narrower: nothing to read
		{ago(12), ago(10), 2, 3, 15},
		{ago(5), time.Time{}, 3, 5, 12},
		{time.Time{}, ago(11), 7, 8, 5},
		{time.Time{}, time.Time{}, 5, 15, 0},
		{time.Time{}, time.Time{}, 0, 20, 0},
	} {
		r, _ := l.run(t, source, Options{From: step.from, To: step.to})
		require.Equal(t, step.added, r.Import.Counts.Events, step)
		require.Equal(t, step.known, r.Import.Counts.SkippedKnown, step)
		require.Equal(t, step.beside, r.Import.Counts.SkippedWindow, step)
	}
	require.Equal(t, sorted(all...), l.texts(t))
}

func TestGrownFile(t *testing.T) {
	t.Parallel()
	e := func(i int) string { return event(fmt.Sprint(i), i) }
	for name, c := range map[string]struct {
		contents []string
		added    []int64
		all      []string
	}{
		"lines appended":             {[]string{ndjson(e(1)), ndjson(e(1), e(2), e(3)), ndjson(e(1), e(2), e(3), e(4))}, []int64{1, 2, 1}, []string{e(1), e(2), e(3), e(4)}},
		"torn line completed":        {[]string{ndjson(e(1)) + e(2)[:20], ndjson(e(1), e(2), e(3))}, []int64{1, 2}, []string{e(1), e(2), e(3)}},
		"truncated file repaired":    {[]string{logFile(e(1), e(2))[:70], logFile(e(1), e(2), e(3))}, []int64{1, 2}, []string{e(1), e(2), e(3)}},
		"cut gzip repaired":          {[]string{zipped(ndjson(many(5000)...))[:20000], zipped(ndjson(many(5000)...))}, nil, many(5000)},
		"other content at the place": {[]string{ndjson(e(1)), ndjson(e(2))}, []int64{1, 1}, []string{e(1), e(2)}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLake(t, 100)
			for i, content := range c.contents {
				source := objects(map[string]string{"log": content})
				source.touched = now.Add(time.Duration(i) * time.Minute)
				r, _ := l.run(t, source, Options{})
				if c.added != nil {
					require.Equal(t, c.added[i], r.Import.Counts.Events)
				} else {
					require.Positive(t, r.Import.Counts.Events)
				}
				again, _ := l.run(t, source, Options{})
				require.Zero(t, again.Import.Counts.Events)
				if r.Import.Counts.FilesFailed > 0 {
					require.Equal(t, r.Reasons, again.Reasons, "a broken file is listed again")
				}
			}
			require.Equal(t, sorted(c.all...), l.texts(t))
		})
	}
}

// TestGrownFileKeepsItsHistory narrows the window after the first import.
func TestGrownFileKeepsItsHistory(t *testing.T) {
	l := newLake(t, 100)
	source := objects(map[string]string{"log": ndjson(event("1", 1), event("9", 9))})
	l.run(t, source, Options{})
	source = objects(map[string]string{"log": ndjson(event("1", 1), event("9", 9), event("2", 2), event("8", 8))})
	source.touched = now.Add(time.Minute)
	l.run(t, source, Options{From: now.AddDate(0, 0, -5)})
	require.EqualValues(t, 3, l.rows(t))
	l.run(t, source, Options{})
	require.Equal(t, sorted(event("1", 1), event("2", 2), event("8", 8), event("9", 9)), l.texts(t))
}

func TestFailuresAreListed(t *testing.T) {
	l := newLake(t, 100)
	bad := `{"eventTime":"yesterday"}`
	source := objects(map[string]string{
		"a.json":     logFile(event("1", 1), bad, `{"eventTime":tru}`, event("2", 2)),
		"b.json.gz":  "\x1f\x8bgarbage",
		"c.json":     `{"hello":"world"}`,
		"d.ndjson":   ndjson(event("3", 3), "\xff{", event("4", 4)),
		"e.json":     logFile(event("5", 5), event("6", 6))[:80],
		"empty.json": "",
	})
	r, files := l.run(t, source, Options{})
	require.Equal(t, catalog.ImportFailed, r.Import.Status)
	first := len(`{"Records":[` + event("1", 1) + `,`)
	want := []string{
		fmt.Sprintf("a.json 1 %d BAD_EVENT_TIME", first),
		fmt.Sprintf("a.json 2 %d INVALID_JSON", first+len(bad)+1),
		"b.json.gz -1 0 CORRUPT_GZIP",
		"c.json -1 17 NOT_A_LOG_FILE",
		fmt.Sprintf("d.ndjson 1 %d INVALID_JSON", len(event("3", 3))+1),
		"e.json -1 80 TRUNCATED_JSON",
	}
	require.Equal(t, want, l.failures(t, r))
	require.Equal(t, map[string]int64{"BAD_EVENT_TIME": 1, "INVALID_JSON": 2, "CORRUPT_GZIP": 1, "NOT_A_LOG_FILE": 1, "TRUNCATED_JSON": 1}, r.Reasons)
	require.EqualValues(t, 6, r.FailuresListed)
	require.EqualValues(t, 1, r.Summary.EmptyFiles)
	require.EqualValues(t, 3, r.Import.Counts.FailedRecords)
	require.EqualValues(t, 3, r.Import.Counts.FilesFailed)
	require.EqualValues(t, 3, r.Import.Counts.Files)
	require.True(t, files[4].Broken)
	require.EqualValues(t, 5, l.rows(t), "the rest goes in")
}

// TestManyFailuresEndAFile: the rest of a file is given up, and the import goes on.
func TestManyFailuresEndAFile(t *testing.T) {
	bad := `{}`
	source := objects(map[string]string{
		"a.ndjson": ndjson(event("1", 1), bad, bad, bad, bad, event("2", 2)),
		"b.ndjson": ndjson(event("3", 3), bad, bad, bad),
	})
	l := newLake(t, 100)
	r, files := l.run(t, source, Options{MaxFailedRecords: 3})
	require.EqualValues(t, 1, r.Reasons["TOO_MANY_FAILURES"], "%v", r.Reasons)
	require.Contains(t, l.failures(t, r), "a.ndjson -1 0 TOO_MANY_FAILURES")
	require.True(t, files[0].Broken)
	require.False(t, files[1].Broken)
	require.EqualValues(t, 2, l.rows(t), "what came before, and the other file")

	l = newLake(t, 100)
	r, _ = l.run(t, source, Options{MaxFailedRecords: -1})
	require.Zero(t, r.Reasons["TOO_MANY_FAILURES"])
	require.EqualValues(t, 3, l.rows(t))
}

func TestOtherObjectsAreCounted(t *testing.T) {
	l := newLake(t, 100)
	const folder = "AWSLogs/111122223333/"
	source := objects(map[string]string{
		folder + "CloudTrail/eu-west-1/2025/03/09/x.json":        logFile(event("1", 1)),
		folder + "CloudTrail-Digest/eu-west-1/2025/03/09/x.json": `{}`,
		folder + "Config/eu-west-1/2025/3/9/x.json":              `{}`,
		"README.md": "hello",
	})
	r, files := l.run(t, source, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Files)
	require.EqualValues(t, 3, r.Import.Counts.FilesOther)
	require.EqualValues(t, 1, source.opened.Load())
	require.Equal(t, catalog.ImportCompleted, r.Import.Status)
	require.Equal(t, logfile.OtherService, files[2].Kind)
}

func TestKilledImportsAreMarked(t *testing.T) {
	l := newLake(t, 100)
	dead := catalog.Import{ID: "dead", StoreID: l.store.ID, Status: catalog.ImportInProgress, UpdatedAt: now.Add(-time.Hour)}
	other := catalog.Import{ID: "other", StoreID: "of another store", Status: catalog.ImportInProgress}
	require.NoError(t, l.Catalog().Update(t.Context(), func(tx *catalog.Tx) error {
		require.NoError(t, tx.PutImport(&dead))
		return tx.PutImport(&other)
	}))
	l.run(t, objects(map[string]string{"a": event("1", 1)}), Options{})
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		i, err := tx.Import("dead")
		require.NoError(t, err)
		require.Equal(t, catalog.ImportStopped, i.Status)
		require.Equal(t, dead.UpdatedAt, i.EndedAt)
		i, err = tx.Import("other")
		require.NoError(t, err)
		require.Equal(t, catalog.ImportInProgress, i.Status)
		return nil
	}))
}

func TestDryRun(t *testing.T) {
	l := newLake(t, 10)
	source := objects(map[string]string{
		"a.json": logFile(event("1", 1), event("2", 2), event("30", 30), "{}"),
		"b.json": logFile(event("1", 1), event("2", 2), event("30", 30), "{}"),
		"c.json": "x",
	})
	dry, _ := l.run(t, source, Options{DryRun: true})
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		imports, err := tx.Imports()
		require.NoError(t, err)
		require.Empty(t, imports)
		return nil
	}))
	r, _ := l.run(t, source, Options{})
	require.Equal(t, r.Import.Counts, dry.Import.Counts)
	require.Equal(t, r.Reasons, dry.Reasons)
	dry, _ = l.run(t, source, Options{DryRun: true})
	require.Zero(t, dry.Import.Counts.Events)
	require.EqualValues(t, 2, dry.Import.Counts.FilesKnown)
}

func TestRepeatedKeysAreCounted(t *testing.T) {
	l := newLake(t, 100)
	record := strings.Replace(event("1", 1), "}", `,"requestParameters":{"a":1,"a":2}}`, 1)
	r, _ := l.run(t, objects(map[string]string{"a": record}), Options{})
	require.EqualValues(t, 1, r.Import.Counts.DuplicateKeys)
}

// TestLargeFiles has files of many batches: new, known and known in part.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	const n = 20_000
	large := many(n)
	for i := range large {
		large[i] = strings.Replace(large[i], "}", `,"userAgent":"`+strings.Repeat("x", 1000)+`"}`, 1)
	}
	source := objects(map[string]string{
		"a.json":    logFile(event("first", 1)),
		"b.json.gz": zipped(logFile(large...)),
		"c.json":    logFile(event("second", 2)),
		"d.json":    logFile(large...), // the same content, not packed
		"e.json":    logFile(event("third", 3)),
	})
	l := newLake(t, 200)
	half := now.AddDate(0, 0, -50).Add(time.Second)
	r, _ := l.run(t, source, Options{From: half, BufferBytes: 20 << 20, batchBytes: 4 << 20, Workers: 2})
	require.EqualValues(t, n/2+3, r.Import.Counts.Events)
	require.EqualValues(t, n/2, r.Import.Counts.SkippedWindow)
	require.EqualValues(t, n, r.Import.Counts.SkippedKnown)

	moved := objects(map[string]string{"moved.json": logFile(large...)})
	r, _ = l.run(t, moved, Options{Workers: 2, batchBytes: 4 << 20})
	require.EqualValues(t, n/2, r.Import.Counts.Events)
	require.EqualValues(t, n/2, r.Import.Counts.SkippedKnown)
	r, _ = l.run(t, source, Options{Workers: 2})
	require.Zero(t, r.Import.Counts.Events)
	require.Equal(t, sorted(append(large, event("first", 1), event("second", 2), event("third", 3))...), l.texts(t))
}

// TestFilesOfSeveralBatches are read once, and committed like others, new, known or known in part.
func TestFilesOfSeveralBatches(t *testing.T) {
	l := newLake(t, 200)
	lines := many(3000)
	content, o := logFile(lines...), Options{batchBytes: 100 << 10, Workers: 2}
	source := objects(map[string]string{"a.json": logFile(event("first", 1)), "b.json": content, "c.json": zipped(content), "d.json": logFile(event("second", 2))})
	o.From = now.AddDate(0, 0, -50).Add(time.Second)
	r, _ := l.run(t, source, o)
	require.EqualValues(t, 1502, r.Import.Counts.Events)
	require.EqualValues(t, 3000, r.Import.Counts.SkippedKnown)
	require.EqualValues(t, 4+4, source.opened.Load(), "once, and once for the check of retention")
	o.From = time.Time{}
	for _, added := range []int64{1500, 0} {
		moved := objects(map[string]string{"moved.json": content})
		r, _ = l.run(t, moved, o)
		require.Equal(t, added, r.Import.Counts.Events)
		require.Equal(t, 3000-added, r.Import.Counts.SkippedKnown)
	}
	require.Equal(t, sorted(append(lines, event("first", 1), event("second", 2))...), l.texts(t))
}

// TestLargeFileIsResumed stops imports within a file, which grows between them,
// until one comes through.
func TestLargeFileIsResumed(t *testing.T) {
	t.Parallel()
	const n = 4000
	lines := many(n)
	noise := rand.New(rand.NewPCG(5, 6))
	for i := range lines {
		var b strings.Builder
		for range 30 {
			fmt.Fprintf(&b, "%x", noise.Uint64())
		}
		lines[i] = strings.Replace(lines[i], "}", `,"userAgent":"`+b.String()+`"}`, 1)
	}
	lines[1000] = `{"eventTime":0}`
	want := sorted(slices.Delete(slices.Clone(lines), 1000, 1001)...)
	for name, pack := range map[string]func(string) string{"plain": func(s string) string { return s }, "gzip": zipped} {
		t.Run(name, func(t *testing.T) {
			l := newLake(t, 200)
			rng := rand.New(rand.NewPCG(3, 4))
			within, resumed, failed := int64(0), int64(0), int64(0)
			for attempt := range 6 {
				size := min(n, 2500+300*attempt)
				content := pack(ndjson(lines[:size]...))
				source := objects(map[string]string{"a.ndjson": content, "b-twin.json": logFile(lines...), "c-twin.json": logFile(lines...)})
				if attempt < 5 {
					delete(source.objects, "b-twin.json")
					delete(source.objects, "c-twin.json")
				}
				source.touched = now.Add(time.Duration(attempt) * time.Minute)
				ctx, cancel := context.WithCancel(t.Context())
				// Bytes come once or twice before the rows do: for the ledger's beginning
				// and for the digest of the whole.
				var left atomic.Int64
				left.Store(int64(len(content)) + rng.Int64N(int64(len(content)*(1+attempt)/(2+attempt))))
				source.onRead = func(n int64) {
					if left.Add(-n) < 0 && attempt < 5 {
						cancel()
					}
				}
				r, _, err := l.tryRun(t, ctx, source, Options{BufferBytes: 2 << 20, batchBytes: 200 << 10, Workers: 1 + attempt%2, From: now.AddDate(0, 0, -150)})
				cancel()
				if err != nil {
					require.ErrorIs(t, err, context.Canceled)
					within += r.Import.Counts.Events
				}
				resumed += r.Import.Counts.SkippedKnown
				failed += r.Reasons["BAD_EVENT_TIME"]
				l.reopen(t)
			}
			require.Positive(t, within, "an import was stopped within the file")
			require.Positive(t, resumed)
			require.Positive(t, failed)
			twins, _ := l.run(t, objects(map[string]string{"d-twin.json.gz": zipped(logFile(lines...))}), Options{batchBytes: 200 << 10})
			require.Zero(t, twins.Import.Counts.Events)
			require.Len(t, l.texts(t), 2*(n-1), "the lines, and the log file once")
			require.Equal(t, want, slices.Compact(l.texts(t)))
		})
	}
}

// TestInterrupted stops imports at random places until one comes through.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	var all []string
	contents := map[string]string{}
	for i := range 150 {
		e := event(fmt.Sprint(i), i%90)
		all = append(all, e, e)
		contents[fmt.Sprintf("%03d.json.gz", i)] = zipped(logFile(e, e, `{"eventTime":0}`))
		contents[fmt.Sprintf("%03d-twin.json", i)] = logFile(e, e, `{"eventTime":0}`)
	}
	large := many(5_000)
	contents["075-large.json.gz"] = zipped(logFile(large...))
	all = append(all, large...)
	rng := rand.New(rand.NewPCG(1, 2))
	l := newLake(t, 100)
	for attempt := range 7 {
		ctx, cancel := context.WithCancel(t.Context())
		source := objects(contents)
		stop := int64(rng.IntN(301))
		source.onOpen = func(n int64) {
			if n == stop && attempt < 6 {
				cancel()
			}
		}
		r, _, err := l.tryRun(t, ctx, source, Options{BufferBytes: 1 << 20, Workers: 1 + attempt%3})
		cancel()
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, catalog.ImportStopped, r.Import.Status)
		}
		l.reopen(t)
	}
	require.Equal(t, sorted(all...), l.texts(t))
}

// TestFullDisk lets writing fail at several places; the next run completes.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	contents := map[string]string{"50-large.ndjson": ndjson(many(3000)...)}
	all := many(3000)
	for i := range 100 {
		e := event(fmt.Sprint("e", i), i%3)
		all = append(all, e)
		contents[fmt.Sprintf("%02d.json", i)] = logFile(e)
	}
	for _, op := range []vfs.Op{vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir} {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			l := newLake(t, 200)
			o := Options{BufferBytes: 400 << 10, batchBytes: 50 << 10}
			for _, after := range []int{0, 7, 150} {
				l.disk.Set(&vfs.Fault{Op: op, After: after, Err: syscall.ENOSPC})
				r, _, err := l.tryRun(t, t.Context(), objects(contents), o)
				if l.disk.Injected() > 0 {
					require.ErrorIs(t, err, syscall.ENOSPC)
					require.Equal(t, catalog.ImportFailed, r.Import.Status)
					require.NotEmpty(t, r.Import.Error)
				}
				require.True(t, after > 7 || l.disk.Injected() > 0, "the fault is met")
			}
			l.disk.Set(nil)
			l.run(t, objects(contents), o)
			require.Equal(t, sorted(all...), l.texts(t))
		})
	}
}

func TestPrecheckAndProgress(t *testing.T) {
	l := newLake(t, 10)
	source := objects(map[string]string{
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2024/03/04/111122223333_CloudTrail_eu-west-1_20240304T0820Z_a.json": logFile(event("1", 371)),
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2024/03/05/x.json":                                                  logFile(event("2", 370)),
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/10/y.json":                                                  logFile(event("3", 0)),
		"z.json":      logFile("{}", event("4", 300)),
		"zz-bad.json": logFile(append(slices.Repeat([]string{"{}"}, precheckRecords), event("5", 400))...),
	})
	var last Progress
	calls := 0
	r, _ := l.run(t, source, Options{Progress: func(p Progress) {
		if calls++; calls == 1 {
			require.Zero(t, p.Files)
			require.True(t, p.Precheck.MostPast())
		}
		last = p
	}})
	require.Equal(t, 4, r.Precheck.Judged, "the event behind a thousand failures is not looked for")
	require.Equal(t, 3, r.Precheck.PastRetention)
	require.Equal(t, 373, r.Precheck.RetentionDaysNeeded)
	require.Equal(t, time.Date(2024, 3, 4, 8, 20, 0, 0, time.UTC), r.Precheck.Oldest)
	require.EqualValues(t, 5, last.Files)
	require.EqualValues(t, 1, last.Events)
	require.Equal(t, last.BytesTotal, last.Bytes)
	require.False(t, Precheck{}.MostPast())
}

// many are n events of the last hundred days.
func many(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"eventTime":"%s","eventID":"%d-%x"}`, now.Add(-time.Duration(i)*(100*24*time.Hour/time.Duration(n))).Format(time.RFC3339Nano), i, i*7919*7919)
	}
	return all
}

func sorted(texts ...string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return texts
}
