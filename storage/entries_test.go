package storage

import (
	"errors"
	"io"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"
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
	require.NoError(t, l.Push(ctx, testStore(), textsOf(events), record(t, events)))
	return l
}

func textsOf(events []event) [][]byte {
	var texts [][]byte
	for _, e := range events {
		texts = append(texts, pushedText(e))
	}
	return texts
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

func TestMapEntriesAndKeys(t *testing.T) {
	l := entriesLake(t)
	groups := 0
	for _, sel := range [][]int32{nil, {1, 4, 5}} {
		rows := sel
		if sel == nil {
			rows = []int32{0, 1, 2, 3, 4, 5}
		}
		eachGroup(t, l, []string{"requestparameters['bucketName','none']", "requestparameters.key", "requestparameters[]"}, sel, func(arrays []arrow.Array) {
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
				keys := map[string]bool{}
				start, end := lists.ValueOffsets(i)
				for j := start; j < end; j++ {
					keys[lists.ListValues().(*array.String).Value(int(j))] = true
				}
				require.Len(t, keys, len(want))
				for key := range want {
					require.True(t, keys[key])
				}
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

func TestEntriesAreOfMaps(t *testing.T) {
	l := entriesLake(t)
	sc := startScan(t, snapshot(t, l), ScanRequest{Horizon: ever})
	g, err := sc.Next(ctx)
	require.NoError(t, err)
	for _, path := range []string{"eventname['a']", "eventname.key", "requestparameters.value", "requestparameters.key['a']", "resources.element", "nothing['a']", "['a']"} {
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
		"requestparameters.key", "requestparameters[]"} {
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
