package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/predicate"
)

func where(domains ...predicate.Domain) predicate.Predicate {
	return predicate.Predicate{Domains: domains}
}

func equal(path string, values ...any) predicate.Domain {
	d := predicate.Domain{Path: path}
	for _, v := range values {
		d.Ranges = append(d.Ranges, point(v))
	}
	return d
}

func between(from, to time.Time) predicate.Domain {
	return predicate.Domain{Path: "eventtime", Ranges: []predicate.Range{
		{Low: from.UnixMilli(), High: to.UnixMilli(), LowIncl: true, HighIncl: true}}}
}

// pruningLake holds three days. Day 1 has two segments; the first one has three row groups in which
// eventname goes from a to c, and the row with the ARN of a needle. Day 3 has no eventname.
func pruningLake(t *testing.T) *Lake {
	l := openLake(t, prunedFolder.Copy(t, func(dir string) {
		l := openLake(t, dir, nil)
		putStore(t, l)
		fillToPrune(t, l)
		require.NoError(t, l.Close())
	}), nil)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

var prunedFolder material.Made

func fillToPrune(t *testing.T, l *Lake) {
	yes, no := true, false
	first := secondsApart(day(1), 20_000)
	for i := range first {
		first[i].name = string(rune('a' + i/8192))
		first[i].arn = fmt.Sprintf("arn:aws:iam::%012d:user/%d", i*7919%10_000, i*7919%10_000)
		first[i].readOnly = &no
	}
	first[10_000].arn = "arn:aws:iam::000000000500:user/needle"
	commit(t, l, first...)
	second := secondsApart(day(1).Add(time.Second/2), 10)
	for i := range second {
		second[i].name, second[i].readOnly = strings.Repeat("x", 2000)+fmt.Sprint(i), &yes
	}
	commit(t, l, second...)
	third := secondsApart(day(2), 10)
	for i := range third {
		third[i].name = "z"
	}
	commit(t, l, third...)
	fourth := secondsApart(day(3), 10)
	for i := range fourth {
		fourth[i].name = ""
	}
	commit(t, l, fourth...)
}

func TestPruning(t *testing.T) {
	long := strings.Repeat("x", 2000)
	l := pruningLake(t)
	s := snapshot(t, l)
	key := "bucket"
	for _, tt := range []struct {
		name       string
		where      predicate.Predicate
		partitions int64 // pruned, of 3
		segments   int64 // pruned, of 4
		groups     int   // left, of 6
	}{
		{"nothing asked", where(), 0, 0, 6},
		{"one day", where(between(day(2), day(3).Add(-1))), 2, 3, 1},
		{"seconds of the first row group", where(between(day(1), day(1).Add(400*time.Millisecond))), 2, 3, 1},
		{"between two rows", where(between(day(1).Add(100*time.Millisecond), day(1).Add(200*time.Millisecond))), 2, 3, 1},
		{"between two days", where(between(day(2).Add(time.Hour), day(3).Add(-1))), 3, 4, 0},
		{"before all", where(between(day(0), day(1).Add(-1))), 3, 4, 0},
		{"two days of a set of ranges", where(predicate.Domain{Path: "eventtime", Ranges: []predicate.Range{
			{High: day(1).UnixMilli()}, {Low: day(2).UnixMilli(), LowIncl: true}}}), 1, 2, 2},
		{"name in the second row group", where(equal("eventname", "b")), 0, 3, 1},
		{"names in two segments", where(equal("eventname", "c", "z")), 0, 2, 2},
		{"long name", where(equal("eventname", long+"5")), 0, 3, 1},
		{"long name that is not there but between the cut bounds", where(equal("eventname", long+"55")), 0, 3, 0}, // bloom filter
		{"range behind long names", where(predicate.Domain{Path: "eventname", Ranges: []predicate.Range{{Low: long + "9", High: "y"}}}), 0, 3, 1},
		{"absent name", where(equal("eventname", "bb")), 0, 3, 0},
		{"name is NULL", where(predicate.Domain{Path: "eventname", NullMatches: true}), 0, 3, 1},
		{"name is not NULL", where(predicate.Domain{Path: "eventname", Ranges: []predicate.Range{{}}}), 0, 1, 5},
		{"name is NULL or a", where(predicate.Domain{Path: "eventname", Ranges: []predicate.Range{point("a")}, NullMatches: true}), 0, 2, 2},
		{"no name at all", where(predicate.Domain{Path: "eventname"}), 3, 4, 0},
		{"read-only", where(equal("readonly", true)), 0, 3, 1},
		{"not read-only", where(equal("readonly", false)), 0, 3, 3},
		{"read-only is NULL", where(predicate.Domain{Path: "readonly", NullMatches: true}), 0, 2, 2},
		{"field of a struct, by bloom filter", where(equal("useridentity.arn", "arn:aws:iam::000000000500:user/needle")), 0, 3, 1},
		{"two columns", where(equal("eventname", "a"), equal("useridentity.arn", "arn:aws:iam::000000000500:user/needle")), 0, 3, 0},
		{"time and name", where(between(day(1), day(1).Add(time.Hour)), equal("eventname", "c")), 2, 3, 0},
		{"map entry where no map has any", where(predicate.Domain{Path: "requestparameters", MapKey: &key, Ranges: []predicate.Range{point("q")}}), 0, 4, 0},
		{"map entry or none: not pruned", where(predicate.Domain{Path: "requestparameters", MapKey: &key, NullMatches: true}), 0, 0, 6},
		{"computed column: not pruned", where(equal("eventjsonchecksum", "q")), 0, 0, 6},
		{"text asked of a bool: not pruned", where(equal("readonly", "true")), 0, 2, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sc := startScan(t, s, ScanRequest{Where: tt.where})
			groups := collectGroups(t, sc)
			stats := sc.Stats()
			require.Len(t, groups, tt.groups)
			require.Equal(t, tt.partitions, stats.PartitionsPruned)
			require.EqualValues(t, 3, stats.PartitionsTotal)
			require.EqualValues(t, 4, stats.SegmentsTotal)
			require.EqualValues(t, tt.groups, stats.RowGroupsTotal-stats.RowGroupsPruned)
			require.Equal(t, tt.segments, stats.SegmentsPruned)
		})
	}
}

func collectGroups(t *testing.T, sc *Scan) []*RowGroup {
	t.Helper()
	var groups []*RowGroup
	for {
		g, err := sc.Next(ctx)
		if errors.Is(err, io.EOF) {
			return groups
		}
		require.NoError(t, err)
		require.Equal(t, len(groups), g.Ordinal())
		groups = append(groups, g)
	}
}

func TestScanOrder(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: day(2), name: "4"})
	commit(t, l, event{at: day(1).Add(time.Hour), name: "3"}, event{at: day(3), name: "5"})
	commit(t, l, event{at: day(1), name: "1"}, event{at: day(1).Add(2 * time.Hour), name: "2"})
	require.Equal(t, []string{"1", "2", "3", "4", "5"}, names(t, snapshot(t, l), ScanRequest{}))
}

func TestScanRefuses(t *testing.T) {
	s := snapshot(t, newLake(t))
	var unknown *UnknownPathError
	_, err := s.Scan(ScanRequest{StoreID: storeID, Where: where(equal("evntname", "a"))})
	require.ErrorAs(t, err, &unknown)
	_, err = s.Scan(ScanRequest{StoreID: storeID, Where: where(equal("resources.element", "a"))})
	require.ErrorAs(t, err, &unknown)
	_, err = s.Estimate(ctx, ScanRequest{StoreID: storeID, Columns: []string{"nosuch"}})
	require.ErrorAs(t, err, &unknown)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = startScan(t, s, ScanRequest{}).Next(cancelled)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, collectGroups(t, startScan(t, s, ScanRequest{})))
}

// run reads the columns of every row group with some workers, and of every third row group one
// column more for some of its rows, as late materialisation does.
func run(t *testing.T, s *Snapshot, req ScanRequest, workers int) ScanStats {
	t.Helper()
	sc := startScan(t, s, req)
	groups := make(chan *RowGroup)
	var done sync.WaitGroup
	for range workers {
		done.Add(1)
		go func() {
			defer done.Done()
			for g := range groups {
				if err := readGroup(g, req.Columns); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	for _, g := range collectGroups(t, sc) {
		groups <- g
	}
	close(groups)
	done.Wait()
	return sc.Stats()
}

func readGroup(g *RowGroup, columns []string) error {
	live, err := g.Live(ctx)
	if err != nil {
		return err
	}
	if _, err := g.Read(ctx, columns[:1], live); err != nil {
		return err
	}
	var sel []int32
	switch g.Ordinal() % 3 {
	case 1:
		sel = []int32{int32(g.Rows() - 1)}
	case 2:
		return nil
	}
	_, err = g.Read(ctx, columns[1:], sel)
	return err
}

func TestBytesScannedDoNotDependOnTiming(t *testing.T) {
	l := pruningLake(t)
	s := snapshot(t, l)
	for _, tt := range []struct {
		name string
		req  ScanRequest
	}{
		{"two columns", ScanRequest{Columns: []string{"eventname", "eventjson"}}},
		{"struct field", ScanRequest{Columns: []string{"useridentity.arn", "requestparameters"}}},
		{"by time", ScanRequest{Columns: []string{"eventtime", "eventname"}, Where: where(between(day(1), day(1).Add(time.Hour)))}},
		{"by needle", ScanRequest{Columns: []string{"useridentity.arn", "eventjson"}, Where: where(equal("useridentity.arn", "arn:aws:iam::000000000500:user/needle"))}},
		{"behind a horizon", ScanRequest{Columns: []string{"eventname", "eventjson"}, Horizon: day(1).Add(3 * time.Hour)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.req.StoreID = storeID
			first := run(t, s, tt.req, 1)
			require.Positive(t, first.BytesScanned)
			require.Positive(t, first.EventsScanned)
			require.Less(t, first.BytesScanned, first.BytesStored)
			for workers := 1; workers <= 4; workers++ {
				again := run(t, s, tt.req, workers)
				again.BytesRead = first.BytesRead
				require.Equal(t, first, again, "%d workers", workers)
			}
			other := snapshot(t, l)
			require.Equal(t, first.BytesScanned, run(t, other, tt.req, 2).BytesScanned, "another snapshot of the same state")

			estimate, err := s.Estimate(ctx, tt.req)
			require.NoError(t, err)
			require.LessOrEqual(t, estimate.LowBytes, first.BytesScanned)
			require.GreaterOrEqual(t, estimate.HighBytes, first.BytesScanned)
			require.LessOrEqual(t, estimate.HighBytes, first.BytesStored)
		})
	}
}

// A scan that reads its columns whole costs what the estimate says, but for some row indexes.
func TestEstimateOfFullScan(t *testing.T) {
	s := snapshot(t, pruningLake(t))
	for _, tt := range []struct {
		columns []string
		slack   int64 // of the estimate in bytes, on each side
	}{
		{[]string{"eventname"}, 200},
		{[]string{"eventtime"}, 200},
		{[]string{"readonly"}, 100},
		{[]string{"useridentity.arn"}, 200},
		{[]string{"requestparameters"}, 100},
		{[]string{"eventjson"}, 200},
		{[]string{"eventjsonchecksum"}, 200},
		{[]string{"eventjson", "eventjsonchecksum"}, 200},
		{[]string{"eventname", "eventtime", "useridentity.arn"}, 500},
		{[]string{}, 0},
	} {
		for _, domains := range [][]predicate.Domain{nil, {equal("eventname", "a", "b", "c")}} {
			t.Run(fmt.Sprint(tt.columns, len(domains)), func(t *testing.T) {
				req := ScanRequest{StoreID: storeID, Columns: tt.columns, FilterColumns: tt.columns, Where: where(domains...)}
				sc := startScan(t, s, req)
				for _, g := range collectGroups(t, sc) {
					_, err := g.Read(ctx, tt.columns, nil)
					require.NoError(t, err)
				}
				estimate, err := s.Estimate(ctx, req)
				require.NoError(t, err)
				actual := sc.Stats()
				require.LessOrEqual(t, estimate.LowBytes, actual.BytesScanned)
				require.GreaterOrEqual(t, estimate.LowBytes, actual.BytesScanned-tt.slack)
				require.GreaterOrEqual(t, estimate.HighBytes, actual.BytesScanned)
				require.LessOrEqual(t, estimate.HighBytes, actual.BytesScanned+tt.slack)
				require.Equal(t, actual.EventsScanned, estimate.Scan.EventsScanned)
			})
		}
	}
}

// A stronger predicate never raises the estimate.
func TestEstimateFallsWithPredicates(t *testing.T) {
	s := snapshot(t, pruningLake(t))
	var domains []predicate.Domain
	last := int64(math.MaxInt64)
	for _, d := range []predicate.Domain{
		between(day(1), day(2)), between(day(1), day(1).Add(time.Hour)), equal("eventname", "a", "b"), equal("eventname", "a"),
	} {
		domains = append(domains, d)
		e, err := s.Estimate(ctx, ScanRequest{StoreID: storeID, Columns: []string{"eventname", "eventtime", "eventjson"}, Where: where(domains...)})
		require.NoError(t, err)
		require.LessOrEqual(t, e.LowBytes, e.HighBytes)
		require.LessOrEqual(t, e.HighBytes, last)
		last = e.HighBytes
	}
}

func TestEachByteCountsOncePerScan(t *testing.T) {
	s := snapshot(t, pruningLake(t))
	sc := startScan(t, s, ScanRequest{})
	groups := collectGroups(t, sc)
	read := func(paths ...string) int64 {
		before := sc.Stats().BytesScanned
		for _, g := range groups {
			_, err := g.Read(ctx, paths, nil)
			require.NoError(t, err)
		}
		return sc.Stats().BytesScanned - before
	}
	require.Positive(t, read("eventname"))
	require.Zero(t, read("eventname"))
	arn := read("useridentity.arn")
	require.Positive(t, arn)
	require.Positive(t, read("useridentity"), "the other fields of the struct")
	require.Zero(t, read("useridentity.username"), "read with the whole struct")
	require.Positive(t, read("eventjsonchecksum"))
	require.Zero(t, read("eventjson"), "the checksum was computed from it")
}

func TestStatsThroughCountsAPrefix(t *testing.T) {
	s := snapshot(t, pruningLake(t))
	columns := []string{"eventname", "eventjson"}
	// What a run that stops after n row groups scans, for every n.
	prefix := func(n int) ScanStats {
		sc := startScan(t, s, ScanRequest{Where: where(predicate.Domain{Path: "eventname", Ranges: []predicate.Range{{}}})})
		for range n {
			g, err := sc.Next(ctx)
			require.NoError(t, err)
			_, err = g.Read(ctx, columns, nil)
			require.NoError(t, err)
		}
		return sc.Stats()
	}
	sc := startScan(t, s, ScanRequest{Where: where(predicate.Domain{Path: "eventname", Ranges: []predicate.Range{{}}})})
	groups := collectGroups(t, sc)
	for i := len(groups) - 1; i >= 0; i-- { // read out of order
		_, err := groups[i].Read(ctx, columns, nil)
		require.NoError(t, err)
	}
	require.Len(t, groups, 5)
	for n := range len(groups) + 1 {
		got, want := sc.StatsThrough(n-1), prefix(n)
		require.Equal(t, want.BytesScanned, got.BytesScanned, "%d row groups", n)
		require.Equal(t, want.EventsScanned, got.EventsScanned, "%d row groups", n)
	}
}

func TestReadIsCancelled(t *testing.T) {
	l := newLake(t)
	commit(t, l, secondsApart(day(1), 10)...)
	g, err := startScan(t, snapshot(t, l), ScanRequest{}).Next(ctx)
	require.NoError(t, err)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = g.Read(cancelled, []string{"eventname"}, nil)
	require.ErrorIs(t, err, context.Canceled)
	var arrays []arrow.Array
	arrays, err = g.Read(ctx, []string{"eventname"}, nil)
	require.NoError(t, err)
	require.Equal(t, 10, arrays[0].Len())
}
