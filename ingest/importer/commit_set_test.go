package importer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/vfs"
)

// delivered is a trail's folder of some days: a file each half hour, the first one of a day with events of
// the day before, or half of them.
func delivered(days int) (contents map[string]string, events []string) {
	contents = map[string]string{}
	start := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(7, 8))
	for slot := range days * 48 {
		at := start.Add(time.Duration(slot) * 30 * time.Minute).Add(10 * time.Minute)
		var records []string
		for i := range 20 {
			when := at.Add(-time.Duration(r.IntN(25*60)) * time.Second)
			e := fmt.Sprintf(`{"eventTime":"%s","eventID":"%d-%d"}`, when.Format(time.RFC3339), slot, i)
			records = append(records, e)
		}
		if slot%7 == 0 {
			records = append(records, `{"eventTime":0}`)
		}
		events = append(events, records[:20]...)
		key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-%d/%s/111122223333_CloudTrail_eu-west-1_%sZ_x.json", slot%3, at.Format("2006/01/02"), at.Format("20060102T1504"))
		contents[key] = logFile(records...)
	}
	return contents, events
}

func (l *testLake) segments(t *testing.T) map[catalog.Day]int {
	t.Helper()
	s, err := l.Snapshot(t.Context())
	require.NoError(t, err)
	defer s.Close()
	all, err := s.Segments(l.store.ID)
	require.NoError(t, err)
	byDay := map[catalog.Day]int{}
	for _, segment := range all {
		byDay[segment.Day]++
	}
	return byDay
}

// TestDaysAreOneSegment has files that reach over midnight and a commit for every day.
func TestDaysAreOneSegment(t *testing.T) {
	const days = 6
	contents, events := delivered(days)
	l := newLake(t, 100)
	r, _ := l.run(t, objects(contents), Options{setBytes: 20 << 10})
	require.Equal(t, sorted(events...), l.texts(t))
	require.EqualValues(t, days*48, r.Import.Counts.Files)
	byDay := l.segments(t)
	require.Len(t, byDay, days+1, "the first file has events of the day before")
	for day, n := range byDay {
		require.Equal(t, 1, n, day)
	}
	opened := objects(contents)
	again, _ := l.run(t, opened, Options{})
	require.Zero(t, opened.opened.Load(), "all files are known whole")
	require.Zero(t, again.Import.Counts.Events)
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		for f, err := range tx.Files(l.store.ID) {
			require.NoError(t, err)
			require.Len(t, f.Admissions, 1)
			require.EqualValues(t, 20, f.RowsAdded)
		}
		return nil
	}))
}

// TestHalfCommittedFiles lets imports fail after some of their commits: files of which the ledger has the
// events up to midnight are completed by the next one.
func TestHalfCommittedFiles(t *testing.T) {
	contents, events := delivered(4)
	partial := 0
	for after := range 8 {
		l := newLake(t, 100)
		l.disk.Set(&vfs.Fault{Op: vfs.OpRename, After: after, Err: syscall.EIO})
		_, _, err := l.tryRun(t, t.Context(), objects(contents), Options{setBytes: 20 << 10, Workers: 1})
		if err == nil {
			require.Zero(t, l.disk.Injected())
			continue
		}
		require.ErrorIs(t, err, syscall.EIO)
		l.disk.Set(nil)
		require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
			for f, err := range tx.Files(l.store.ID) {
				require.NoError(t, err)
				if f.Admissions[0].ToMillis < now.UnixMilli() {
					partial++
				}
			}
			return nil
		}))
		l.reopen(t)
		l.run(t, objects(contents), Options{})
		require.Equal(t, sorted(events...), l.texts(t), after)
	}
	require.Positive(t, partial)
}

// TestSetsFitTransactions has many files with names that take more in a record than they have bytes.
func TestSetsFitTransactions(t *testing.T) {
	contents := map[string]string{}
	for i := range 4000 {
		contents[fmt.Sprintf("%04d-%s", i, strings.Repeat([]string{"&", "ä", "\x01", "x", "日", "\xff"}[i/700], 100))] = event(fmt.Sprint(i), i%90)
	}
	l := newLake(t, 100)
	r, _ := l.run(t, objects(contents), Options{})
	require.EqualValues(t, 4000, r.Import.Counts.Events)
}
