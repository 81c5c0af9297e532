package storage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// keepAs makes the test's store keep eventjson in a form.
func keepAs(t *testing.T, l *Lake, form catalog.EventJSONForm) *catalog.Store {
	t.Helper()
	store := testStore()
	store.EventJSON = form
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(store) }))
	return store
}

// commitTo commits events with the texts that text gives.
func commitTo(t *testing.T, l *Lake, store *catalog.Store, events []event, text func(i int) string) {
	t.Helper()
	w, err := l.NewWriter(store)
	require.NoError(t, err)
	defer w.Abort()
	rec := record(t, events)
	columns := rec.Columns()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range events {
		if s := text(i); s != "" {
			b.Append(s)
		} else {
			b.AppendNull()
		}
	}
	columns[rec.Schema().FieldIndices(jsonColumn)[0]] = b.NewArray()
	require.NoError(t, w.Append(array.NewRecord(rec.Schema(), columns, rec.NumRows())))
	require.NoError(t, w.Commit(ctx, catalog.ImportChange{}))
}

// oddTexts are texts of an event, every other of which cannot be rebuilt.
func oddTexts(events []event) func(i int) string {
	return func(i int) string {
		name := events[i].name
		switch i % 5 {
		case 0:
			return `{"eventName":"` + name + `"}`
		case 1:
			return `{"other":"` + strings.Repeat("x", 50+i%90) + `"}`
		case 2:
			return `{ "eventTime" : "` + events[i].at.Format("2006-01-02T15:04:05Z") + `", "eventName":"` + name + `","x":1}`
		case 3:
			return "no JSON at all"
		}
		return ""
	}
}

// storedTexts counts what segments hold of texts and shapes.
func storedTexts(t *testing.T, l *Lake) (texts, shapes int64) {
	t.Helper()
	for _, s := range segmentsOf(t, l) {
		reader, err := l.readTail(l.cache, l.SegmentPath(s), s)
		require.NoError(t, err)
		stats, err := reader.Statistics(orc.Column(jsonColumn))
		require.NoError(t, err)
		texts += stats.Values
		if reader.Schema().HasField(schema.Shape.Name) {
			stats, err = reader.Statistics(orc.Column(schema.Shape.Name))
			require.NoError(t, err)
			shapes += stats.Values
			attributes, err := reader.Attributes(orc.Column(schema.Shape.Name))
			require.NoError(t, err)
			require.Equal(t, "1000", attributes["iceberg.id"])
		}
	}
	return texts, shapes
}

// TestRebuiltReadsAsText: two lakes with the same events answer the same, as committed, as compacted
// and as opened again.
func TestRebuiltReadsAsText(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	text, rebuilt := newLake(t), newLake(t)
	forms := map[*Lake]*catalog.Store{text: testStore(), rebuilt: keepAs(t, rebuilt, catalog.EventJSONRebuilt)}
	total := 0
	for range 4 {
		events := randomEvents(r, 500, 3)
		total += len(events)
		for l, store := range forms {
			commitTo(t, l, store, events, oddTexts(events))
		}
	}
	check := func(step string) {
		want, got := snapshot(t, text), snapshot(t, rebuilt)
		defer want.Close()
		defer got.Close()
		requireRows(t, rowsByTime(t, want, true), rowsByTime(t, got, true))
		texts, shapes := storedTexts(t, rebuilt)
		require.EqualValues(t, total*2/5, texts, step)
		require.EqualValues(t, total*2/5, shapes, step)
	}
	check("committed")
	for l := range forms {
		require.Equal(t, 12, compact(t, l).Merged)
	}
	check("compacted")
	for l := range forms {
		require.Empty(t, problems(t, l, ChainTrust{}))
	}
}

// TestFormsInOneStore: segments of both forms are read and merged together.
func TestFormsInOneStore(t *testing.T) {
	l := newLake(t)
	events := randomEvents(rand.New(rand.NewPCG(5, 5)), 90, 1)
	textOf := func(from int) func(i int) string {
		return func(i int) string { return fmt.Sprintf(`{"eventName":%q}`, events[from+i].name) }
	}
	commitTo(t, l, testStore(), events[:30], textOf(0))
	commitTo(t, l, keepAs(t, l, catalog.EventJSONRebuilt), events[30:60], textOf(30))
	texts, shapes := storedTexts(t, l)
	require.Equal(t, []int64{30, 30}, []int64{texts, shapes})
	requireNamesInTexts(t, l, 60)
	requireTextsHowever(t, l)
	require.Equal(t, 2, compact(t, l).Merged)
	requireNamesInTexts(t, l, 60)
	texts, shapes = storedTexts(t, l)
	require.Equal(t, []int64{0, 60}, []int64{texts, shapes}, "a merge takes the texts' shapes")

	// A store does not become one of texts again; if it did, no text would be lost.
	commitTo(t, l, keepAs(t, l, catalog.EventJSONText), events[60:], textOf(60))
	require.Equal(t, 2, compact(t, l).Merged)
	requireNamesInTexts(t, l, 90)
	requireTextsHowever(t, l)
	texts, shapes = storedTexts(t, l)
	require.EqualValues(t, 90, texts+shapes)
}

// requireNamesInTexts: the text of each event is the one with its name.
func requireNamesInTexts(t *testing.T, l *Lake, rows int) {
	t.Helper()
	s := snapshot(t, l)
	defer s.Close()
	seen := 0
	for _, g := range collectGroups(t, startScan(t, s, ScanRequest{})) {
		both, err := g.Read(ctx, []string{"eventjson", "eventname"}, nil)
		require.NoError(t, err)
		for i := range g.Rows() {
			text, _ := textAt(both[0], i)
			name, _ := textAt(both[1], i)
			require.Equal(t, fmt.Sprintf(`{"eventName":%q}`, name), text)
			seen++
		}
	}
	require.Equal(t, rows, seen)
}

// requireTextsHowever: texts are the same read by themselves, with other columns and of some rows, and
// checksums are theirs.
func requireTextsHowever(t *testing.T, l *Lake) {
	t.Helper()
	s := snapshot(t, l)
	defer s.Close()
	for _, g := range collectGroups(t, startScan(t, s, ScanRequest{})) {
		read := func(sel []int32, paths ...string) []arrow.Array {
			arrays, err := g.Read(ctx, paths, sel)
			require.NoError(t, err)
			return arrays
		}
		all := read(nil, "useridentity.arn", "eventjson", "eventjsonchecksum", "useridentity")
		alone := arrowtest.Plain(t, read(nil, "eventjson")[0])
		requireEqualArrays(t, arrowtest.Plain(t, all[1]), alone, "eventjson")
		requireEqualArrays(t, checksums(alone), all[2], "eventjsonchecksum")
		requireEqualArrays(t, all[2], read(nil, "eventjsonchecksum")[0], "eventjsonchecksum")
		last := int32(g.Rows() - 1)
		requireEqualArrays(t, array.NewSlice(alone, int64(last), int64(last)+1), arrowtest.Plain(t, read([]int32{last}, "eventjson")[0]), "the last text")
	}
}

func TestFlushTakesShapes(t *testing.T) {
	l := withoutBackground(newLake(t))
	keepAs(t, l, catalog.EventJSONRebuilt)
	var events []event
	for i := range 20 {
		events = append(events, event{at: day(1).Add(time.Duration(i) * time.Second), name: fmt.Sprint("n", i)})
	}
	push(t, l, events...)
	requireNamesInTexts(t, l, 20)
	require.NoError(t, l.Flush(ctx))
	texts, shapes := storedTexts(t, l)
	require.Equal(t, []int64{0, 20}, []int64{texts, shapes})
	requireNamesInTexts(t, l, 20)
}

// TestRebuiltBytesScanned: eventjson costs the columns it is rebuilt of, once, as estimated.
func TestRebuiltBytesScanned(t *testing.T) {
	l := newLake(t)
	events := randomEvents(rand.New(rand.NewPCG(6, 6)), 20_000, 1)
	commitTo(t, l, keepAs(t, l, catalog.EventJSONRebuilt), events, func(i int) string {
		return fmt.Sprintf(`{"eventName":%q,"zone":%d}`, events[i].name, i%7)
	})
	s := snapshot(t, l)
	cost := func(columns ...string) int64 {
		req := ScanRequest{StoreID: storeID, Columns: columns, FilterColumns: columns}
		sc := startScan(t, s, req)
		for _, g := range collectGroups(t, sc) {
			for range 2 { // a second time costs nothing
				_, err := g.Read(ctx, columns, nil)
				require.NoError(t, err)
			}
		}
		first := sc.Stats()
		e, err := s.Estimate(ctx, req)
		require.NoError(t, err)
		require.LessOrEqual(t, e.LowBytes, first.BytesScanned)
		require.GreaterOrEqual(t, e.HighBytes, first.BytesScanned)
		return first.BytesScanned
	}
	var everything []string
	for _, c := range startScan(t, s, ScanRequest{}).table.Stored() {
		everything = append(everything, c.Name)
	}
	text := cost("eventjson")
	require.Greater(t, text, cost("eventname", "useridentity.arn"))
	require.Equal(t, text, cost("eventjson", "eventjsonchecksum"))
	require.Equal(t, text, cost("eventjson", "eventname", "requestparameters"))
	require.Equal(t, text, cost(everything...))
}

// TestTextDomainsPruneNoRebuiltText: segments say that eventjson is NULL where it is not.
func TestTextDomainsPruneNoRebuiltText(t *testing.T) {
	l := newLake(t)
	keepAs(t, l, catalog.EventJSONRebuilt)
	store := testStore()
	store.EventJSON = catalog.EventJSONRebuilt
	events := []event{{at: day(1), name: "a"}}
	commitTo(t, l, store, events, oddTexts(events))
	for name, d := range map[string]predicate.Domain{
		"equal":    equal("eventjson", `{"eventName":"a"}`),
		"not null": {Path: "eventjson", Ranges: []predicate.Range{{}}},
		"checksum": equal("eventjsonchecksum", "x"),
	} {
		t.Run(name, func(t *testing.T) {
			sc := startScan(t, snapshot(t, l), ScanRequest{Where: where(d)})
			groups := collectGroups(t, sc)
			require.Len(t, groups, 1)
			require.False(t, groups[0].Settled(d.Path))
		})
	}
}

// TestShapesThatFitNoRow: what no writer of ours writes is damage.
func TestShapesThatFitNoRow(t *testing.T) {
	table, _ := schema.ForCategory("Management")
	rec := record(t, []event{{at: day(1), name: "a"}, {at: day(1)}})
	for shape, want := range map[string]string{
		`{"eventName":$}`:  "shape: no value for the hole at byte 13",
		`{"eventName":$x}`: "shape: an unknown code at byte 15",
	} {
		for _, asDictionary := range []bool{true, false} {
			b := newShapeBuilder(2)
			b.setShape(0, shape)
			b.setShape(1, shape)
			shapes := arrow.Array(b.array())
			if !asDictionary {
				shapes = arrowtest.Plain(t, shapes)
			}
			_, err := newRebuilder(table).rebuild(func(path string) arrow.Array {
				if path == schema.Shape.Name {
					return shapes
				}
				return rec.Column(rec.Schema().FieldIndices(path)[0])
			})
			require.EqualError(t, err, want)
		}
	}
}
