package storage

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/predicate"
)

// parameters are those of the events of a lake with a segment and pushed events.
var parameters = []map[string]string{
	{"bucketName": "b0", "key": "k0"}, nil, {}, {"key": "k3"}, {"bucketName": "it's"}, {"other": "o", "bucketName": "b5"},
}

func entriesLake(t *testing.T) *Lake {
	l := newLake(t)
	events := secondsApart(day(1), len(parameters))
	for i := range events {
		events[i].name, events[i].params = "n", parameters[i]
	}
	commit(t, l, events...)
	for i := range events {
		events[i].at = events[i].at.AddDate(0, 0, 1)
	}
	push(t, l, events...)
	return l
}

// eachGroup reads paths of all row groups of a store.
func eachGroup(t *testing.T, l *Lake, paths []string, sel []int32, visit func(arrays []arrow.Array)) {
	t.Helper()
	sc := startScan(t, snapshot(t, l), ScanRequest{Horizon: ever})
	for {
		g, err := sc.Next(ctx)
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		arrays, err := g.Read(ctx, paths, sel)
		require.NoError(t, err)
		visit(arrays)
	}
}

// listedText is a text of an array with or without a dictionary.
func listedText(a arrow.Array, i int64) string {
	if d, ok := a.(*array.Dictionary); ok {
		return d.Dictionary().(*array.String).Value(d.GetValueIndex(int(i)))
	}
	return a.(*array.String).Value(int(i))
}

func TestMapEntriesAndKeys(t *testing.T) {
	l := entriesLake(t)
	groups := 0
	for _, sel := range [][]int32{nil, {1, 4, 5}} {
		rows := sel
		if sel == nil {
			rows = []int32{0, 1, 2, 3, 4, 5}
		}
		eachGroup(t, l, []string{"requestparameters['bucketName','none']", "requestparameters.key", "requestparameters[]", "requestparameters.value"}, sel, func(arrays []arrow.Array) {
			groups++
			maps, lists, empty := arrays[0].(*array.Map), arrays[1].(*array.List), arrays[2].(*array.Map)
			for i, row := range rows {
				want := parameters[row]
				require.Equal(t, want == nil, maps.IsNull(i))
				require.Equal(t, want == nil, lists.IsNull(i))
				require.Equal(t, want == nil, empty.IsNull(i))
				if want == nil {
					continue
				}
				values := arrays[3].(*array.List)
				entries := map[string]string{}
				start, end := lists.ValueOffsets(i)
				from, to := values.ValueOffsets(i)
				require.Equal(t, end-start, to-from)
				for j := range end - start {
					entries[listedText(lists.ListValues(), start+j)] = listedText(values.ListValues(), from+j)
				}
				require.Equal(t, want, entries)
				found := ""
				start, end = maps.ValueOffsets(i)
				for j := int(start); j < int(end); j++ {
					if maps.Keys().(*array.String).Value(j) == "bucketName" {
						found = maps.Items().(*array.String).Value(j)
					}
				}
				require.Equal(t, want["bucketName"], found)
			}
		})
	}
	require.Equal(t, 4, groups)
}

// TestPresenceOfRows: whether there is an identity is read by itself, of segments and of pushed events.
func TestPresenceOfRows(t *testing.T) {
	l := newLake(t)
	events := secondsApart(day(1), 6)
	for i := range events {
		if events[i].name, events[i].arn = "n", ""; i%3 == 0 {
			events[i].name, events[i].arn = "", ""
		}
	}
	commit(t, l, events...)
	for i := range events {
		events[i].at = events[i].at.AddDate(0, 0, 1)
	}
	push(t, l, events...)
	groups := 0
	eachGroup(t, l, []string{"useridentity", "useridentity[]", "useridentity.sessioncontext[]", "resources[]", "resources"}, []int32{0, 2, 3, 5}, func(arrays []arrow.Array) {
		groups++
		for row := range 4 {
			require.Equal(t, arrays[0].IsNull(row), arrays[1].IsNull(row))
			require.True(t, arrays[1].IsNull(row) || arrays[1].(*array.Boolean).Value(row))
			require.True(t, arrays[2].IsNull(row))
			require.Equal(t, arrays[4].IsNull(row), arrays[3].IsNull(row))
		}
		require.Less(t, 0, arrays[1].NullN())
		require.Less(t, arrays[1].NullN(), 4)
	})
	require.Equal(t, 2, groups)
}

func TestEntriesAreOfMaps(t *testing.T) {
	l := entriesLake(t)
	sc := startScan(t, snapshot(t, l), ScanRequest{Horizon: ever})
	g, err := sc.Next(ctx)
	require.NoError(t, err)
	for _, path := range []string{"eventname['a']", "eventname.key", "requestparameters.values", "requestparameters.key['a']", "requestparameters.value['a']", "resources.element", "resources['a']", "eventname[]", "useridentity.arn[]", "nothing['a']", "['a']"} {
		_, err := g.Read(ctx, []string{path}, nil)
		var unknown *UnknownPathError
		require.ErrorAs(t, err, &unknown, path)
	}
}

// TestEntriesStayInsideTheEstimate reads few and many values of maps.
func TestEntriesStayInsideTheEstimate(t *testing.T) {
	l := newLake(t)
	events := secondsApart(day(1), 20_000)
	for i := range events {
		events[i].params = map[string]string{"often": events[i].at.String()}
		if i == 9000 {
			events[i].params["once"] = "x"
		}
	}
	commit(t, l, events...)
	for _, path := range []string{"requestparameters", "requestparameters['often']", "requestparameters['once']", "requestparameters['none']",
		"requestparameters.key", "requestparameters.value", "requestparameters[]", "useridentity[]", "resources[]"} {
		s := snapshot(t, l)
		req := ScanRequest{StoreID: storeID, Horizon: ever, Columns: []string{path}, FilterColumns: []string{path}}
		estimate, err := s.Estimate(ctx, req)
		require.NoError(t, err)
		sc := startScan(t, s, req)
		for {
			g, err := sc.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			_, err = g.Read(ctx, []string{path}, nil)
			require.NoError(t, err)
		}
		scanned := sc.Stats().BytesScanned
		require.LessOrEqual(t, estimate.LowBytes, scanned, path)
		require.LessOrEqual(t, scanned, estimate.HighBytes, path)
	}
}

// TestPruningByMapValues finds values under one key while other keys have them too, few and many.
func TestPruningByMapValues(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	random := rand.New(rand.NewPCG(71, 72))
	l := newLake(t)
	events := secondsApart(day(1), 30_000)
	for i := range events {
		events[i].name = fmt.Sprint(i)
		switch random.IntN(4) {
		case 0:
		case 1:
			events[i].params = map[string]string{}
		default:
			events[i].params = map[string]string{"k": fmt.Sprint(random.IntN(40_000)), "other": fmt.Sprint(random.IntN(40_000))}
		}
	}
	commit(t, l, events...)
	s := snapshot(t, l)
	for _, c := range []struct {
		key       string
		stays     func(value string) bool
		ranges    []predicate.Range
		mayReadOf int // row groups of 4
	}{
		{"k", func(v string) bool { return v == "77" || v == "39999" }, []predicate.Range{point("39999"), point("77")}, 4},
		{"k", func(v string) bool { return v == "absent" }, []predicate.Range{point("absent")}, 0},
		{"k", func(v string) bool { return v == "5 or so" }, []predicate.Range{point("5 or so")}, 1},
		{"k", func(v string) bool { return v > "a" }, []predicate.Range{{Low: "a"}}, 0},
		{"k", func(v string) bool { return v < "2" }, []predicate.Range{{High: "2"}}, 4},
		{"none", func(string) bool { return false }, []predicate.Range{{}}, 4},
	} {
		var want []string
		for _, e := range events {
			if v, ok := e.params[c.key]; ok && c.stays(v) {
				want = append(want, e.name)
			}
		}
		sc := startScan(t, s, ScanRequest{Where: where(predicate.Domain{Path: "requestparameters", MapKey: &c.key, Ranges: c.ranges})})
		left := 0
		found := map[string]bool{} // require.Subset takes the square of the names
		for {
			g, err := sc.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			left++
			require.False(t, g.Settled("requestparameters"), "other keys have values too")
			arrays, err := g.Read(ctx, []string{"eventname"}, nil)
			require.NoError(t, err)
			for i := range arrays[0].Len() {
				name, _ := textAt(arrays[0], i)
				found[name] = true
			}
		}
		for _, name := range want {
			if !found[name] {
				require.Fail(t, "an event is missing", "%s %v: %s", c.key, c.ranges, name)
			}
		}
		require.LessOrEqual(t, left, c.mayReadOf, "%s %v", c.key, c.ranges)
	}
}
