package importer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

func newDedupeLake(t *testing.T) *testLake {
	l := newLake(t, 200)
	l.store.DedupeEventID = true
	l.retain(t, 200)
	return l
}

// ofAccount gives a record an account.
func ofAccount(record, account string) string {
	return strings.Replace(record, "}", `,"recipientAccountId":"`+account+`"}`, 1)
}

func TestRepeatedEventsAreDropped(t *testing.T) {
	a, b, c := event("a", 1), event("b", 1), event("c", 2)
	other := strings.Replace(a, "}", `,"awsRegion":"eu-west-1"}`, 1)
	spaced := strings.Replace(a, ",", ", ", 1)
	withoutID := `{"eventTime":"2025-03-09T12:00:00Z","eventName":"x"}`
	nullID := `{"eventTime":"2025-03-09T12:00:00Z","eventID":null}`
	for name, c := range map[string]struct {
		files                           []string // each imported by itself, and all together
		want                            []string
		repeated, otherBytes, withoutID int64
	}{
		"in one file":               {[]string{ndjson(a, b, a, a)}, []string{a, b}, 2, 0, 0},
		"in two files":              {[]string{ndjson(a, b), logFile(c, b)}, []string{a, b, c}, 1, 0, 0},
		"of another form":           {[]string{logFile(a), zipped(ndjson(a, c))}, []string{a, c}, 1, 0, 0},
		"other bytes":               {[]string{ndjson(a, other), ndjson(other, a, spaced)}, []string{a, other, spaced}, 2, 2, 0},
		"no id":                     {[]string{ndjson(withoutID, nullID), ndjson(withoutID, nullID, a)}, []string{withoutID, nullID, withoutID, nullID, a}, 0, 0, 4},
		"empty id":                  {[]string{ndjson(event("", 1), event("", 1), a)}, []string{event("", 1), event("", 1), a}, 0, 0, 2},
		"accounts":                  {[]string{ndjson(ofAccount(a, "1"), ofAccount(a, "2"), a), ndjson(ofAccount(a, "2"))}, []string{ofAccount(a, "1"), ofAccount(a, "2"), a}, 1, 0, 0},
		"another day":               {[]string{ndjson(event("x", 1)), ndjson(event("x", 2), event("x", 1))}, []string{event("x", 1), event("x", 2)}, 1, 0, 0},
		"another time of that day":  {[]string{ndjson(a), ndjson(strings.Replace(a, "T12:", "T13:", 1), a)}, []string{a, strings.Replace(a, "T12:", "T13:", 1)}, 1, 1, 0},
		"nothing stays of the file": {[]string{ndjson(a, b), ndjson(b, a) + "\n"}, []string{a, b}, 2, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			check := func(l *testLake, n catalog.ImportCounts) {
				require.Equal(t, sorted(c.want...), l.texts(t))
				require.Equal(t, []int64{c.repeated, c.otherBytes, c.withoutID}, []int64{n.SkippedRepeated, n.KeptOtherBytes, n.KeptWithoutID})
				bytes := 0
				for _, text := range c.want {
					bytes += len(text)
				}
				require.EqualValues(t, bytes, n.EventBytes)
			}
			one := newDedupeLake(t)
			var total catalog.ImportCounts
			contents := map[string]string{}
			for i, file := range c.files {
				contents[fmt.Sprint(i)] = file
				r, _ := one.run(t, objects(map[string]string{fmt.Sprint(i): file}), Options{})
				total = add(total, r.Import.Counts)
				one.reopen(t)
			}
			check(one, total)
			again, _ := one.run(t, objects(contents), Options{Now: now.Add(time.Hour)})
			require.Zero(t, again.Import.Counts.Events)
			require.Zero(t, again.Import.Counts.SkippedRepeated, "the ledger knows them")

			all := newDedupeLake(t)
			dry, _ := all.run(t, objects(contents), Options{DryRun: true})
			r, _ := all.run(t, objects(contents), Options{})
			check(all, r.Import.Counts)
			require.Equal(t, r.Import.Counts, dry.Import.Counts)
		})
	}
}

// TestRepeatedEventsOfManyFiles delivers each event in two of many files, large
// and small, in sets of commits, with memory for few days.
func TestRepeatedEventsOfManyFiles(t *testing.T) {
	t.Parallel()
	events := many(6000)
	contents := map[string]string{"large-1.ndjson": ndjson(events[:4000]...), "large-2.ndjson": ndjson(events[2000:]...)}
	for i := range 40 {
		contents[fmt.Sprintf("small-%02d.json", i)] = logFile(events[i*50 : i*50+100]...)
	}
	l := newDedupeLake(t)
	dry, _ := l.run(t, objects(contents), Options{DryRun: true, batchBytes: 50 << 10, setBytes: 100 << 10, Workers: 2})
	r, _ := l.run(t, objects(contents), Options{BufferBytes: 300 << 10, batchBytes: 50 << 10, Workers: 2})
	require.Equal(t, r.Import.Counts, dry.Import.Counts)
	require.Equal(t, sorted(events...), l.texts(t))
	require.EqualValues(t, 2000+4000, r.Import.Counts.SkippedRepeated)
	r, _ = l.run(t, objects(map[string]string{"later.ndjson": ndjson(slices.Concat(events[:500], []string{event("new", 3)})...)}), Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.EqualValues(t, 500, r.Import.Counts.SkippedRepeated)
}

// TestDaysAreForgotten: with memory for one day, days are read again.
// TestRepeatsWithoutText: where no text is kept there is nothing to compare.
func TestRepeatsWithoutText(t *testing.T) {
	l := newLake(t, 100)
	l.store.Category, l.store.DedupeEventID = "Insight", true
	l.retain(t, 100)
	_, err := Run(t.Context(), l.Lake, l.store, objects(nil), Options{Now: now})
	require.ErrorContains(t, err, "without a text to compare")
}

func TestDaysAreForgotten(t *testing.T) {
	l := newDedupeLake(t)
	var events []string
	for day := range 5 {
		for i := range 10 {
			events = append(events, event(fmt.Sprint(day, "-", i), day))
		}
	}
	l.run(t, objects(map[string]string{"a": ndjson(events...)}), Options{})
	table, ok := schema.ForCategory(l.store.Category)
	require.True(t, ok)
	d := newDedupe(l.Lake, l.store.ID, table.Arrow(), false)
	d.maxKeys = 15
	for range 2 {
		for day := range 5 {
			k, err := d.day(t.Context(), catalog.DayOf(now.AddDate(0, 0, -day).UnixMilli()))
			require.NoError(t, err)
			require.Len(t, k.hashes, 10)
			require.Equal(t, 10, d.keys)
			require.Len(t, d.days, 1)
		}
	}
}

// TestRepeatsAfterExpiry: once its twin has expired, an event comes in again.
func TestRepeatsAfterExpiry(t *testing.T) {
	l := newDedupeLake(t)
	source := objects(map[string]string{"a": ndjson(event("1", 50), event("2", 1)), "b": ndjson(event("1", 50), event("3", 1))})
	l.run(t, source, Options{})
	l.retain(t, 10)
	require.EqualValues(t, 1, l.expire(t, now))
	l.retain(t, 100)
	r, _ := l.run(t, source, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.EqualValues(t, 1, r.Import.Counts.SkippedRepeated)
	require.Equal(t, sorted(event("1", 50), event("2", 1), event("3", 1)), l.texts(t))
}
