package importer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest/selector"
	"github.com/auditlake/auditlake/storage/catalog"
)

// read is a record that reads or writes.
func read(id string, daysAgo int, readOnly bool) string {
	return strings.Replace(event(id, daysAgo), "}", fmt.Sprintf(`,"readOnly":%t}`, readOnly), 1)
}

func (l *testLake) selectReadOnly(t *testing.T, value string) {
	t.Helper()
	l.store.Selectors = []catalog.AdvancedEventSelector{{FieldSelectors: []catalog.FieldSelector{
		{Field: "eventCategory", Equals: []string{"Management"}}, {Field: "readOnly", Equals: []string{value}},
	}}}
	l.retain(t, l.store.RetentionDays)
}

// TestSelectorsAreApplied changes selectors and windows from import to import:
// each adds exactly what none before it has added.
func TestSelectorsAreApplied(t *testing.T) {
	var all []string
	for i := range 20 {
		all = append(all, read(fmt.Sprint(i), i, i%2 == 0))
	}
	all = append(all, `{"eventTime":"broken","readOnly":true}`, `{"eventTime":"broken","readOnly":false}`, `{`+"\x01"+`}`)
	source := objects(map[string]string{"a.ndjson": ndjson(all...)})
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days).Add(-time.Hour) }
	l := newLake(t, 100)
	for i, step := range []struct {
		selects, name                    string
		from                             time.Time
		added, known, window, unselected int64
	}{
		{"true", "reads of ten days", ago(9), 5, 0, 5, 11},
		{"true", "again", ago(9), 0, 7, 5, 11},
		{"true", "fewer days", ago(4), 0, 7, 5, 11}, // unchanged: as the run that read it counted
		{"false", "writes of five days", ago(4), 2, 0, 8, 11},
		{"", "all of seven days", ago(6), 1, 7, 12, 0},
		{"true", "reads of all days", time.Time{}, 5, 5, 0, 11},
		{"", "all", time.Time{}, 7, 13, 0, 0},
		{"false", "writes, which all holds", time.Time{}, 0, 23, 0, 0},
	} {
		t.Run(step.name, func(t *testing.T) {
			if step.selects != "" {
				l.selectReadOnly(t, step.selects)
			}
			l.reopen(t)
			r, _ := l.run(t, source, Options{From: step.from, ApplySelectors: step.selects != ""})
			n := r.Import.Counts
			require.Equal(t, step.added, n.Events, i)
			require.Equal(t, step.unselected, n.SkippedSelector)
			require.Equal(t, step.known, n.SkippedKnown)
			require.Equal(t, step.window, n.SkippedWindow)
			require.Equal(t, step.selects != "", r.Import.UseSelectors)
		})
	}
	require.Equal(t, sorted(all[:20]...), l.texts(t))
}

// TestSelectorsAndExpiry: what expired comes back with the selectors that took it in.
func TestSelectorsAndExpiry(t *testing.T) {
	l := newLake(t, 100)
	l.selectReadOnly(t, "true")
	source := objects(map[string]string{"a": ndjson(read("1", 1, true), read("2", 50, true), read("3", 50, false))})
	l.run(t, source, Options{ApplySelectors: true})
	l.retain(t, 10)
	require.EqualValues(t, 1, l.expire(t, now))
	l.retain(t, 100)
	r, _ := l.run(t, source, Options{ApplySelectors: true})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	r, _ = l.run(t, source, Options{})
	require.EqualValues(t, 1, r.Import.Counts.Events)
	require.Equal(t, sorted(read("1", 1, true), read("2", 50, true), read("3", 50, false)), l.texts(t))
}

func TestInvalidSelectors(t *testing.T) {
	l := newLake(t, 100)
	l.store.Selectors = nil
	_, err := Run(t.Context(), l.Lake, l.store, objects(nil), Options{Now: now, ApplySelectors: true})
	require.ErrorIs(t, err, selector.ErrInvalid)
	require.ErrorContains(t, err, "main")
}

func TestDroppedStoreForgetsSelectors(t *testing.T) {
	l := newLake(t, 100)
	l.selectReadOnly(t, "true")
	l.run(t, objects(map[string]string{"a": read("1", 1, true)}), Options{ApplySelectors: true})
	s, err := selector.Compile(l.store.Selectors)
	require.NoError(t, err)
	_, err = ledger{catalog: l.Catalog(), storeID: l.store.ID}.selectors(s.Hash())
	require.NoError(t, err)
	require.NoError(t, l.DropStore(t.Context(), l.store.ID))
	_, err = ledger{catalog: l.Catalog(), storeID: l.store.ID}.selectors(s.Hash())
	require.ErrorIs(t, err, catalog.ErrNotFound)
}
