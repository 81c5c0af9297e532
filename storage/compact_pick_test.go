package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

func TestWorthMerging(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sizes []int64 // rows of the day's segments, a byte each
		fit   int     // segments of 100 rows that memory holds
		want  []int64 // rows of those merged
	}{
		{"none", nil, 10, nil},
		{"one", []int64{100}, 10, nil},
		{"equal ones", []int64{100, 100, 100}, 10, []int64{100, 100, 100}},
		{"a few late rows", []int64{10_000, 30}, 1000, nil},
		{"some late rows", []int64{10_000, 2_500}, 1000, []int64{10_000, 2_500}},
		{"late rows again and again", []int64{10_000, 30, 40, 50}, 1000, []int64{30, 40, 50}},
		{"together enough for the large one", []int64{10_000, 500, 600, 700, 800}, 1000, []int64{10_000, 500, 600, 700, 800}},
		{"tiers that are too far apart", []int64{100_000, 10_000, 1_000, 100}, 10_000, nil},
		{"more than memory holds", []int64{100, 100, 100, 100, 100}, 3, []int64{100, 100, 100}},
		{"two at least", []int64{100, 100, 100}, 0, []int64{100, 100}},
		{"the smallest are alone, memory for two", []int64{10, 1000, 1000, 1000}, 20, []int64{1000, 1000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &Lake{segmentBytes: maxSegmentBytes, mergeBytes: int64(tt.fit) * 100 * decodedPerStored}
			var segments []*catalog.Segment
			for i, size := range tt.sizes {
				segments = append(segments, &catalog.Segment{Name: fmt.Sprint(i), MinTime: int64(i), Rows: size, Bytes: size})
			}
			var got []int64
			for _, s := range l.worthMerging(segments) {
				got = append(got, s.Rows)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// A day that gets late rows again and again keeps few segments, and writes a row a few times only.
func TestCompactionConverges(t *testing.T) {
	rnd := rand.New(rand.NewPCG(41, 42))
	l := &Lake{segmentBytes: maxSegmentBytes, mergeBytes: maxMergeBytes}
	const rounds, rowBytes = 2000, 340
	var segments []*catalog.Segment
	var stored, written int64
	for round := range rounds {
		late := 1 + rnd.Int64N(100)
		segments = append(segments, &catalog.Segment{Name: fmt.Sprint(round), Rows: late, Bytes: late * rowBytes})
		stored += late
		for batch := l.worthMerging(segments); batch != nil; batch = l.worthMerging(segments) {
			merged := &catalog.Segment{Name: batch[0].Name}
			for _, s := range batch {
				merged.Rows += s.Rows
				merged.Bytes += s.Bytes
			}
			written += merged.Rows
			segments = append(slices.DeleteFunc(segments, func(s *catalog.Segment) bool { return slices.Contains(batch, s) }), merged)
		}
		require.Less(t, len(segments), 10)
	}
	require.Less(t, written, 15*stored)
}

func TestCompactLeavesADayWithAFewLateRows(t *testing.T) {
	l := newLake(t)
	commit(t, l, secondsApart(day(1), 20_000)...)
	commit(t, l, secondsApart(day(1).Add(time.Hour), 20)...)
	before := segmentsOf(t, l)
	require.Zero(t, compact(t, l))
	require.Equal(t, before, segmentsOf(t, l))
}
