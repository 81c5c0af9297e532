package importer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/storage/catalog"
)

// TestFutureEvents: an event of the future is a failure, and taken by a run that the clock has passed it in.
func TestFutureEvents(t *testing.T) {
	far := `{"eventTime":"9998-12-31T23:59:59Z","eventID":"far"}`
	for _, tt := range []struct {
		name    string
		padding int // events before those of the future
		options Options
	}{
		{"a small file", 0, Options{}},
		{"a file in parts", 3000, Options{batchBytes: 16 << 10, setBytes: 64 << 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLake(t, 100)
			var past []string
			for i := range tt.padding {
				past = append(past, event(fmt.Sprint("past", i), 2+i%3))
			}
			past = append(past, event("1", 1))
			content := logFile(append(past, event("tomorrow", -1), event("soon", -3), far)...)
			source := objects(map[string]string{"a.json": content, "b.json": logFile(event("2", 2))})
			taken := int64(len(past)) + 2 // that of tomorrow, and that of b.json
			run := func(after time.Duration, events int64, failed ...string) {
				t.Helper()
				o := tt.options
				o.Now = now.Add(after)
				r, files := l.run(t, source, o)
				require.Equal(t, events, r.Import.Counts.Events)
				require.EqualValues(t, len(failed), r.Import.Counts.FailedRecords)
				require.Equal(t, len(failed) > 0, r.Import.Status == catalog.ImportFailed)
				if len(failed) > 0 {
					require.Equal(t, map[string]int64{string(ingest.InFuture): int64(len(failed))}, r.Reasons)
				}
				require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
					i := 0
					for f, err := range tx.Failures(r.Import.ID) {
						require.NoError(t, err)
						require.Equal(t, "IN_FUTURE", f.Code)
						require.Contains(t, f.Message, "more than a day ahead")
						require.True(t, strings.HasPrefix(content[f.Offset:], failed[i]), "offset %d", f.Offset)
						i++
					}
					require.Equal(t, len(failed), i)
					return nil
				}))
				require.True(t, events == taken || files[1].Unchanged, "the other file need not be read again")
			}
			run(0, taken, event("soon", -3), far)
			run(0, 0, event("soon", -3), far)
			run(time.Hour, 0, event("soon", -3), far)
			run(49*time.Hour, 1, far)
			run(50*time.Hour, 0, far)
			l.reopen(t)
			run(72*time.Hour, 0, far)
			require.EqualValues(t, taken+1, l.rows(t))
		})
	}
}

// TestOldestEvent: an event of the first instant that there is needs more days than any store keeps.
func TestOldestEvent(t *testing.T) {
	l := newLake(t, 10)
	source := objects(map[string]string{"a.json": logFile(event("1", 1), `{"eventTime":"1970-01-01T00:00:00Z","eventID":"0"}`, event("11", 11))})
	for range 2 { // the second run does not read the file
		r, _ := l.run(t, source, Options{})
		require.EqualValues(t, 2, r.Import.Counts.SkippedRetention)
		require.Equal(t, 20158, r.RetentionDaysNeeded)
	}
}
