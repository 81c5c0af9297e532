package catalog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	mainID  = "11111111-2222-4333-8444-555555555555"
	otherID = "aaaaaaaa-2222-4333-8444-555555555555"
)

func open(t *testing.T, dir string) *Catalog {
	t.Helper()
	c, err := Open(dir, Options{})
	require.NoError(t, err)
	return c
}

func update(t *testing.T, c *Catalog, fn func(*Tx) error) {
	t.Helper()
	require.NoError(t, c.Update(context.Background(), fn))
}

func store(id, name string) *Store {
	value := "red"
	return &Store{
		ID: id, Name: name, Partition: "aws", Region: "us-east-1", AccountID: "000000000000",
		Category:    "Management",
		Selectors:   []AdvancedEventSelector{{Name: "all", FieldSelectors: []FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}}},
		BillingMode: ExtendableRetention, RetentionDays: 366, Tags: []Tag{{Key: "team", Value: &value}, {Key: "bare"}},
		Status: StoreEnabled, FederationStatus: FederationDisabled, EventJSON: EventJSONText,
		CreatedAt: time.Date(2025, 3, 4, 5, 6, 7, 8_000_000, time.UTC), UpdatedAt: time.Date(2025, 3, 5, 0, 0, 0, 0, time.UTC),
	}
}

func all[R any](t *testing.T, records iter.Seq2[*R, error]) []*R {
	t.Helper()
	list, err := collect(records)
	require.NoError(t, err)
	return list
}

func TestStoreSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })
	require.NoError(t, c.Close())

	c = open(t, dir)
	defer c.Close()
	require.NoError(t, c.View(func(tx *Tx) error {
		got, err := tx.StoreByName("main")
		require.NoError(t, err)
		require.Equal(t, store(mainID, "main"), got)
		require.Equal(t, "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/"+mainID, got.ARN())
		_, err = tx.Store(otherID)
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorContains(t, err, otherID)
		return nil
	}))
}

func TestStoreNamesAreUnique(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	ctx := context.Background()
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })

	err := c.Update(ctx, func(tx *Tx) error { return tx.PutStore(store(otherID, "main")) })
	require.ErrorIs(t, err, ErrNameTaken)
	err = c.Update(ctx, func(tx *Tx) error { return tx.AddTable(&Table{Name: "main"}) })
	require.ErrorIs(t, err, ErrNameTaken)

	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "renamed")) })
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(otherID, "main")) })
	update(t, c, func(tx *Tx) error { return tx.DeleteStore(otherID) })
	require.NoError(t, c.View(func(tx *Tx) error {
		_, err := tx.StoreByName("main")
		require.ErrorIs(t, err, ErrNotFound)
		stores, err := tx.Stores()
		require.NoError(t, err)
		require.Len(t, stores, 1)
		require.Equal(t, "renamed", stores[0].Name)
		return nil
	}))
}

func TestStoresVersionChangesWithStores(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	version := c.StoresVersion()
	changes := func(fn func(tx *Tx) error) bool {
		t.Helper()
		update(t, c, fn)
		before := version
		version = c.StoresVersion()
		return version != before
	}
	put := func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) }
	require.True(t, changes(put))
	require.False(t, changes(func(tx *Tx) error { return tx.PutQuery(&Query{ID: "q"}) }))
	require.True(t, changes(put))
	require.True(t, changes(func(tx *Tx) error { return tx.DeleteStore(mainID) }))
}

func TestStoreIDMustBeUUID(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	for _, id := range []string{"", "../../etc", strings.ToUpper(otherID), "{" + mainID + "}"} {
		err := c.Update(context.Background(), func(tx *Tx) error { return tx.PutStore(store(id, "main")) })
		require.Error(t, err, id)
	}
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	failed := fmt.Errorf("no")
	err := c.Update(context.Background(), func(tx *Tx) error {
		require.NoError(t, tx.PutStore(store(mainID, "main")))
		return failed
	})
	require.ErrorIs(t, err, failed)
	require.NoError(t, c.View(func(tx *Tx) error {
		stores, err := tx.Stores()
		require.Empty(t, stores)
		return err
	}))
}

func TestTransactionTooLarge(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	err := c.Update(context.Background(), func(tx *Tx) error {
		change := ImportChange{Files: make([]ImportedFile, 50_000)}
		for i := range change.Files {
			change.Files[i] = ImportedFile{StoreID: mainID, ContentSHA256: hash(fmt.Sprint(i))}
		}
		return tx.PutImportChange(&change)
	})
	require.ErrorIs(t, err, ErrTooLarge)
	require.NoError(t, c.View(func(tx *Tx) error {
		require.Empty(t, all(t, tx.Files(mainID)))
		return nil
	}))
}

func TestTransactionHoldsFilesPerCommit(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	change := ImportChange{Files: make([]ImportedFile, FilesPerCommit), Locations: make([]ImportedLocation, FilesPerCommit)}
	for i := range change.Files {
		sum, location := hash(fmt.Sprint(i)), "s3://bucket/"+strings.Repeat("x", 150)+fmt.Sprint(i)
		change.Files[i] = ImportedFile{StoreID: mainID, ContentSHA256: sum, PrefixSHA256: sum, Location: location,
			Admissions: make([]Admission, 2)}
		change.Locations[i] = ImportedLocation{StoreID: mainID, Location: location, ContentSHA256: sum}
	}
	update(t, c, func(tx *Tx) error { return tx.PutImportChange(&change) })
	require.NoError(t, c.View(func(tx *Tx) error {
		require.Len(t, all(t, tx.Files(mainID)), FilesPerCommit)
		return nil
	}))
}

func TestManifest(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	a := &Segment{StoreID: mainID, Day: 19000, Name: "a", Rows: 3, Bytes: 40, MinTime: -5, MaxTime: 7, SHA256: "00"}
	b := &Segment{StoreID: mainID, Day: 18999, Name: "b"}
	foreign := &Segment{StoreID: otherID, Day: 19000, Name: "c"}
	update(t, c, func(tx *Tx) error { _, err := tx.ChangeSegments([]*Segment{a, b, foreign}, nil); return err })

	before := c.Begin()
	defer before.Discard()
	update(t, c, func(tx *Tx) error {
		version, err := tx.ChangeSegments(nil, []*Segment{b})
		require.EqualValues(t, 2, version)
		return err
	})
	require.Equal(t, []*Segment{b, a}, all(t, before.Segments(mainID)), "an open transaction keeps its state")
	require.NoError(t, c.View(func(tx *Tx) error {
		require.Equal(t, []*Segment{a}, all(t, tx.Segments(mainID)))
		require.Len(t, all(t, tx.AllSegments()), 2)
		return nil
	}))
}

func TestLedgerAndImports(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	file := ImportedFile{StoreID: mainID, ContentSHA256: hash("x"), Records: 9,
		Admissions: []Admission{{FromMillis: -1 << 63, ToMillis: 1<<63 - 1, HorizonMillis: 12}}}
	location := ImportedLocation{StoreID: mainID, Location: "/logs/a.json.gz", ContentSHA256: hash("x"), StoredBytes: 100}
	change := ImportChange{
		Import:    &Import{ID: otherID, StoreID: mainID, Status: ImportInProgress},
		Files:     []ImportedFile{file},
		Locations: []ImportedLocation{location},
		Usage:     []Usage{{StoreID: mainID, Day: 5, IngestedBytes: 10, IngestedEvents: 1}},
	}
	update(t, c, func(tx *Tx) error { return tx.PutImportChange(&change) })
	require.NoError(t, c.View(func(tx *Tx) error {
		gotFile, err := tx.File(mainID, hash("x"))
		require.NoError(t, err)
		require.Equal(t, &file, gotFile)
		gotLocation, err := tx.Location(mainID, "/logs/a.json.gz")
		require.NoError(t, err)
		require.Equal(t, &location, gotLocation)
		_, err = tx.Location(otherID, "/logs/a.json.gz")
		require.ErrorIs(t, err, ErrNotFound, "the ledger is per store")
		imports, err := tx.Imports()
		require.Equal(t, []*Import{change.Import}, imports)
		return err
	}))
}

func TestFailuresAreOrderedAndReplaced(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	put := func(record int64, message string) {
		update(t, c, func(tx *Tx) error {
			return tx.PutFailure(&Failure{ImportID: otherID, File: "f", Record: record, Message: message})
		})
	}
	put(10, "ten")
	put(9, "nine")
	put(-1, "file")
	put(10, "ten again")
	require.NoError(t, c.View(func(tx *Tx) error {
		var messages []string
		for _, f := range all(t, tx.Failures(otherID)) {
			messages = append(messages, f.Message)
		}
		require.Equal(t, []string{"file", "nine", "ten again"}, messages)
		return nil
	}))
}

func TestUsageAddsUp(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	for _, u := range []Usage{
		{StoreID: mainID, Day: 5, IngestedBytes: 10},
		{StoreID: mainID, Day: 5, IngestedBytes: 5, ScannedBytes: 3, Queries: 1},
		{StoreID: mainID, Day: 6, ScannedBytes: 1},
		{StoreID: mainID, Day: 7, ScannedBytes: 1},
		{StoreID: otherID, Day: 5, ScannedBytes: 1},
	} {
		update(t, c, func(tx *Tx) error { return tx.AddUsage(u) })
	}
	require.NoError(t, c.View(func(tx *Tx) error {
		require.Equal(t, []*Usage{
			{StoreID: mainID, Day: 5, IngestedBytes: 15, ScannedBytes: 3, Queries: 1},
			{StoreID: mainID, Day: 6, ScannedBytes: 1},
		}, all(t, tx.Usage(mainID, 5, 6)))
		return nil
	}))
}

func TestDeleteStoreRecords(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	update(t, c, func(tx *Tx) error {
		for day := range Day(5) {
			require.NoError(t, tx.AddUsage(Usage{StoreID: mainID, Day: day}))
		}
		return tx.AddUsage(Usage{StoreID: otherID, Day: 1})
	})
	rounds := 0
	for left := true; left; rounds++ {
		update(t, c, func(tx *Tx) (err error) { left, err = tx.DeleteStoreRecords(mainID, 2); return err })
	}
	require.Equal(t, 3, rounds)
	require.NoError(t, c.View(func(tx *Tx) error {
		require.Empty(t, all(t, tx.Usage(mainID, 0, 100)))
		require.Len(t, all(t, tx.Usage(otherID, 0, 100)), 1)
		return nil
	}))
}

func TestSecondOpenIsLocked(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	defer c.Close()
	_, err := Open(dir, Options{})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, dir)
}

// A lock that cannot be had is not one that another process holds: nobody would ever give it away.
func TestLockThatCannotBeHad(t *testing.T) {
	held := `Cannot acquire directory lock on "/x".  Another process is using this Badger database. error: `
	require.True(t, isHeld(errors.New(held+syscall.EWOULDBLOCK.Error())))
	for _, cause := range []syscall.Errno{syscall.ENOLCK, syscall.EINVAL, syscall.ENOSYS, syscall.EBADF} {
		require.False(t, isHeld(errors.New(held+cause.Error())), cause)
	}
	require.False(t, isHeld(syscall.EWOULDBLOCK))
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	update(t, c, func(tx *Tx) error { return tx.setRaw(formatKey, binary.BigEndian.AppendUint32(nil, FormatVersion+1)) })
	require.NoError(t, c.Close())
	_, err := Open(dir, Options{})
	var version *VersionError
	require.ErrorAs(t, err, &version)
	require.EqualValues(t, FormatVersion+1, version.Found)
	_, err = Open(dir, Options{})
	require.NotErrorIs(t, err, ErrLocked, "the refused catalog was closed")
}

func TestDamagedRecordIsAnError(t *testing.T) {
	c := open(t, t.TempDir())
	defer c.Close()
	for name, value := range map[string][]byte{"empty": {}, "unknown format": {9, '{', '}'}, "torn": {1, '{', '"'}} {
		t.Run(name, func(t *testing.T) {
			update(t, c, func(tx *Tx) error { return tx.setRaw(storeKey(mainID), value) })
			require.NoError(t, c.View(func(tx *Tx) error {
				_, err := tx.Store(mainID)
				require.ErrorContains(t, err, storeKey(mainID))
				_, err = tx.Stores()
				require.Error(t, err)
				return nil
			}))
		})
	}
}

func TestFullDiskRefusesToBegin(t *testing.T) {
	free := int64(MinFreeBytes)
	c, err := Open(t.TempDir(), Options{FreeBytes: func() (int64, error) { return free, nil }})
	require.NoError(t, err)
	defer c.Close()
	free--
	err = c.Update(context.Background(), func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })
	require.ErrorIs(t, err, syscall.ENOSPC)
	free++
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })
}

func TestFailedCommitIsFinal(t *testing.T) {
	c := open(t, t.TempDir())
	ctx := context.Background()
	err := c.Update(ctx, func(tx *Tx) error {
		require.NoError(t, tx.PutStore(store(mainID, "main")))
		return c.db.Close() // so that the commit fails
	})
	var failed *CommitError
	require.ErrorAs(t, err, &failed)
	err = c.Update(ctx, func(*Tx) error {
		t.Error("a transaction began after a failed commit")
		return nil
	})
	require.ErrorAs(t, err, &failed)
}

func TestDay(t *testing.T) {
	for _, tt := range []struct {
		name   string
		millis int64
		day    Day
		text   string
	}{
		{"epoch", 0, 0, "1970-01-01"},
		{"last millisecond", millisPerDay - 1, 0, "1970-01-01"},
		{"next day", millisPerDay, 1, "1970-01-02"},
		{"before the epoch", -1, -1, "1969-12-31"},
		{"leap day", time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC).UnixMilli(), 19782, "2024-02-29"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.day, DayOf(tt.millis))
			require.Equal(t, tt.text, tt.day.String())
			parsed, err := ParseDay(tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.day, parsed)
			require.Equal(t, tt.day, DayOf(tt.day.Start()))
			require.Equal(t, tt.day, DayOf(tt.day.End()-1))
		})
	}
	_, err := ParseDay("2024-2-9")
	require.Error(t, err)
}

// A catalog that was not closed, as after a kill, has all that was committed.
func TestCommittedWithoutClose(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	update(t, c, func(tx *Tx) error { return tx.PutStore(store(mainID, "main")) })
	copied := t.TempDir()
	copyFolder(t, dir, copied)
	require.NoError(t, c.Close())

	c = open(t, copied)
	defer c.Close()
	require.NoError(t, c.View(func(tx *Tx) error { _, err := tx.Store(mainID); return err }))
}
