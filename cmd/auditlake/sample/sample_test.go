package sample

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
)

type record struct {
	EventID, EventName, EventTime, AWSRegion, RecipientAccountID, ErrorCode string
	UserIdentity                                                            struct {
		Type           string
		SessionContext struct {
			Attributes struct{ CreationDate string }
		}
	}
	ResponseElements struct{ ConsoleLogin string }
}

func TestFilesHoldTheSample(t *testing.T) {
	records := readAll(t, Files())
	require.Len(t, records, Events)
	requireSpan(t, records, end)
	days := map[string]bool{}
	for _, r := range records {
		days[r.EventTime[:len("2006-01-02")]] = true
	}
	require.Len(t, days, Days, "no day is empty")
}

// The demo asks about these; an empty answer would say nothing.
func TestSampleHasSomethingToFind(t *testing.T) {
	found := map[string]int{}
	for _, r := range readAll(t, Files()) {
		found[r.EventName]++
		found[r.UserIdentity.Type]++
		found[r.ErrorCode]++
		found[r.ResponseElements.ConsoleLogin]++
	}
	for _, what := range []string{"Root", "AccessDenied", "DeleteObject", "StopLogging", "CreateAccessKey", "AttachUserPolicy", "Success", "Failure", "AssumeRole"} {
		require.NotZero(t, found[what], what)
	}
}

func TestWriteToMovesTheSample(t *testing.T) {
	stored := map[string]record{}
	for _, r := range readAll(t, Files()) {
		stored[r.EventID] = r
	}
	for name, newEnd := range map[string]time.Time{
		"later":         time.Date(2031, 3, 4, 0, 0, 0, 0, time.UTC),
		"earlier":       time.Date(2019, 7, 30, 0, 0, 0, 0, time.UTC),
		"within a day":  time.Date(2026, 2, 3, 17, 42, 11, 0, time.UTC),
		"another zone":  time.Date(2026, 2, 3, 0, 0, 0, 0, time.FixedZone("", 3*3600)),
		"not at all":    end,
		"with fraction": end.Add(1500 * time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, WriteTo(dir, newEnd))
			records := readAll(t, os.DirFS(dir))
			require.Len(t, records, Events)
			requireSpan(t, records, newEnd)
			by := newEnd.Sub(end).Truncate(time.Second)
			for _, r := range records {
				old := stored[r.EventID]
				require.Equal(t, by, instant(t, r.EventTime).Sub(instant(t, old.EventTime)))
				if issued := r.UserIdentity.SessionContext.Attributes.CreationDate; issued != "" {
					require.Equal(t, by, instant(t, issued).Sub(instant(t, old.UserIdentity.SessionContext.Attributes.CreationDate)))
				}
			}
		})
	}
}

func TestShiftText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"time":           {`"eventTime":"2025-12-31T23:59:59Z"`, `"eventTime":"2026-01-02T00:59:59Z"`},
		"in words":       {`"expiration":"Dec 31, 2025 11:30:00 PM"`, `"expiration":"Jan 2, 2026 12:30:00 AM"`},
		"milliseconds":   {`"launchTime":1764718514000,"x":1`, `"launchTime":1764808514000,"x":1`},
		"not a time":     {`"v":"2025-99-31T23:59:59Z"`, `"v":"2025-99-31T23:59:59Z"`},
		"account number": {`"accountId":"111122223333"`, `"accountId":"111122223333"`},
		"longer number":  {`"n":17647185140001`, `"n":17647185140001`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, string(shiftText([]byte(c.text), 25*time.Hour)))
		})
	}
}

// requireSpan checks that the records fill the days before the end.
func requireSpan(t *testing.T, records []record, end time.Time) {
	t.Helper()
	first, last := end, time.Time{}
	for _, r := range records {
		at := instant(t, r.EventTime)
		if at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	require.True(t, last.Before(end))
	require.WithinDuration(t, end, last, time.Hour)
	require.WithinDuration(t, end.AddDate(0, 0, -Days), first, 6*time.Hour)
}

// readAll reads all records, and checks that they lie under their own keys.
func readAll(t *testing.T, files fs.FS) []record {
	t.Helper()
	var all []record
	require.NoError(t, fs.WalkDir(files, ".", func(key string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := files.Open(key)
		require.NoError(t, err)
		defer f.Close()
		zip, err := gzip.NewReader(f)
		require.NoError(t, err, key)
		text, err := io.ReadAll(zip)
		require.NoError(t, err, key)
		var file struct{ Records []record }
		require.NoError(t, json.Unmarshal(text, &file), key)

		stamp, err := time.Parse("20060102T1504Z", strings.Split(path.Base(key), "_")[3])
		require.NoError(t, err, key)
		for _, r := range file.Records {
			require.Equal(t, "AWSLogs/"+r.RecipientAccountID+"/CloudTrail/"+r.AWSRegion+stamp.Format("/2006/01/02"), path.Dir(key))
		}
		all = append(all, file.Records...)
		return nil
	}))
	return all
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(iso, text)
	require.NoError(t, err)
	return at
}
