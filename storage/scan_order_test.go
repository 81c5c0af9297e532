package storage

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/predicate"
)

// orderedLake holds segments of several days whose times overlap, and pushed events among and after them.
func orderedLake(t *testing.T) *Lake {
	l := withoutBackground(newLake(t))
	random := rand.New(rand.NewPCG(1, 2))
	commit(t, l, secondsApart(day(1), 17_000)...)
	commit(t, l, secondsApart(day(1).Add(3*time.Hour), 8200)...)
	for n := range 3 {
		var events []event
		for i := range 50 {
			at := day(1).Add(time.Duration(random.IntN(3*24*60)) * time.Minute)
			events = append(events, event{at: at, name: fmt.Sprint("scattered-", n, "-", i)})
		}
		if n < 2 {
			commit(t, l, events...)
		} else {
			push(t, l, events...)
		}
	}
	push(t, l, event{at: day(3).Add(23 * time.Hour), name: "last"}, event{at: day(3).Add(22 * time.Hour), name: "before"})
	return l
}

// groupTimes reads the least and the greatest eventtime of a row group.
func groupTimes(t *testing.T, g *RowGroup) (least, greatest int64) {
	t.Helper()
	arrays, err := g.Read(ctx, []string{timeColumn}, nil)
	require.NoError(t, err)
	times := arrays[0].(*array.Timestamp).TimestampValues()
	return int64(slices.Min(times)), int64(slices.Max(times))
}

func TestOrderedScanGivesEveryRowGroup(t *testing.T) {
	s := snapshot(t, orderedLake(t))
	inOrder := collectGroups(t, startScan(t, s, ScanRequest{}))
	for i := range inOrder[1:] {
		require.GreaterOrEqual(t, inOrder[i+1].Position(), inOrder[i].Position()+int64(inOrder[i].Rows()))
	}
	for _, tt := range []struct {
		name  string
		order Order
	}{{"newest first", NewestFirst}, {"oldest first", OldestFirst}} {
		t.Run(tt.name, func(t *testing.T) {
			groups := collectGroups(t, startScan(t, s, ScanRequest{Order: tt.order}))
			require.Len(t, groups, len(inOrder))
			last := int64(0)
			for i, g := range groups {
				least, greatest := groupTimes(t, g)
				reach := tt.order.reach(least, greatest)
				if i > 0 {
					require.LessOrEqual(t, reach, last, "row group %d", i)
				}
				last = reach
			}
			slices.SortFunc(groups, func(a, b *RowGroup) int { return int(a.Position() - b.Position()) })
			for i, g := range groups {
				require.Equal(t, inOrder[i].Position(), g.Position())
				require.Equal(t, inOrder[i].Rows(), g.Rows())
			}
		})
	}
}

// Until ends a scan, never before a row group that has a row within the bound; what lies beyond costs nothing.
func TestScanUntil(t *testing.T) {
	s := snapshot(t, orderedLake(t))
	for _, tt := range []struct {
		name  string
		order Order
		until time.Time
	}{
		{"newest first", NewestFirst, day(1).Add(5 * time.Hour)},
		{"newest first, all of it", NewestFirst, day(0)},
		{"newest first, nothing", NewestFirst, day(9)},
		{"oldest first", OldestFirst, day(1).Add(time.Hour)},
		{"oldest first, nothing", OldestFirst, day(0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bound := tt.until.UnixMilli()
			wanted := 0
			for _, g := range collectGroups(t, startScan(t, s, ScanRequest{})) {
				if least, greatest := groupTimes(t, g); tt.order.reach(least, greatest) >= tt.order.reach(bound, bound) {
					wanted++
				}
			}
			sc := startScan(t, s, ScanRequest{Order: tt.order})
			sc.Until(bound)
			require.Len(t, collectGroups(t, sc), wanted)
			stats := sc.Stats()
			require.LessOrEqual(t, stats.SegmentsPruned, stats.SegmentsTotal)
			require.Equal(t, wanted == 0, stats.BytesScanned == 0)

			ahead := startScan(t, s, ScanRequest{Order: tt.order})
			groups := collectGroups(t, ahead)
			ahead.Until(bound)
			for i, g := range groups {
				require.Equal(t, i >= wanted, g.Unwanted(), "row group %d", i)
			}
			require.Equal(t, stats.SegmentsPruned, ahead.Stats().SegmentsPruned)
		})
	}
	sc := startScan(t, s, ScanRequest{})
	all := len(collectGroups(t, startScan(t, s, ScanRequest{})))
	sc.Until(day(2).UnixMilli())
	require.Len(t, collectGroups(t, sc), all, "in scan order there is no bound")
}

// An ordered scan that reads everything lies within the estimate, too.
func TestEstimateOfOrderedScan(t *testing.T) {
	s := snapshot(t, orderedLake(t))
	for _, order := range []Order{NewestFirst, OldestFirst} {
		for name, asked := range map[string]predicate.Predicate{
			"everything": {},
			"by name":    where(equal("eventname", "scattered-1-7")),
			"by time":    where(between(day(1), day(1).Add(4*time.Hour))),
		} {
			req := ScanRequest{StoreID: storeID, Order: order, Where: asked, Columns: []string{"eventtime", "eventname"}}
			estimate, err := s.Estimate(ctx, req)
			require.NoError(t, err)
			stats := run(t, s, req, 2)
			require.LessOrEqual(t, estimate.LowBytes, stats.BytesScanned, name)
			require.GreaterOrEqual(t, estimate.HighBytes, stats.BytesScanned, name)
		}
	}
}

// What cannot be opened is an error of the place where it lies, however far the scan went ahead.
func TestOrderedScanMeetsDamage(t *testing.T) {
	l := newLake(t)
	commit(t, l, event{at: day(1), name: "old"})
	commit(t, l, event{at: day(2), name: "new"})
	s := snapshot(t, l)
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(l.SegmentPath(segments[0]), 10))

	groups := collectGroups(t, startScan(t, s, ScanRequest{Order: NewestFirst}))
	require.Len(t, groups, 2)
	_, err = groups[0].Live(ctx)
	require.NoError(t, err)
	var damaged *DamagedError
	_, err = groups[1].Live(ctx)
	require.ErrorAs(t, err, &damaged)
	require.Zero(t, groups[1].Rows())
}
