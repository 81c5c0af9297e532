package storage

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// While writers commit, days are compacted and expire, every snapshot reads exactly the rows that its manifest has:
// whole commits, and no file it needs is missing.
func TestSnapshotsBesideCommitsCompactionAndExpiry(t *testing.T) {
	l := newLake(t)
	const commits, rows = 30, 5
	var work, reading sync.WaitGroup
	stop := make(chan struct{})
	fail := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	var records []arrow.Record
	for n := range commits {
		records = append(records, record(t, secondsApart(day(1+n%10).Add(time.Hour), rows)))
	}
	for range 2 {
		work.Add(1)
		go func() {
			defer work.Done()
			for _, rec := range records {
				w, err := l.NewWriter(testStore())
				fail(err)
				fail(w.Append(rec))
				fail(w.Commit(ctx, catalog.ImportChange{}))
				w.Abort()
			}
		}()
	}
	work.Add(1)
	go func() {
		defer work.Done()
		for n := range commits {
			_, err := l.Expire(ctx, storeID, day(1+n%8))
			fail(err)
		}
	}()
	work.Add(1)
	go func() {
		defer work.Done()
		for range commits / 3 {
			_, err := l.Compact(ctx, storeID, ever)
			fail(err)
		}
	}()
	for range 2 {
		reading.Add(1)
		go func() {
			defer reading.Done()
			for running := true; running; {
				select {
				case <-stop:
					running = false // once more
				default:
				}
				fail(checkSnapshot(l, rows))
			}
		}()
	}
	work.Wait()
	close(stop)
	reading.Wait()

	_, err := l.Expire(ctx, storeID, day(20))
	require.NoError(t, err)
	require.Empty(t, segmentFiles(t, l))
}

func checkSnapshot(l *Lake, rowsPerCommit int64) error {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	stored, err := s.Rows(storeID, ever)
	if err != nil {
		return err
	}
	var want int64
	for _, d := range stored.Days {
		want += d.Rows
	}
	sc, err := s.Scan(ScanRequest{StoreID: storeID})
	if err != nil {
		return err
	}
	list, err := readNames(sc)
	if err != nil {
		return err
	}
	if int64(len(list)) != want || want%rowsPerCommit != 0 {
		return fmt.Errorf("snapshot %d reads %d rows, its manifest has %d", s.Version(), len(list), want)
	}
	return nil
}
