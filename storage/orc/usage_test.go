package orc_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

var usagePaths = append(columnPaths(everyType), orc.ParsePath("who.session.issuer"), orc.ParsePath("tags['key3']"), orc.ParsePath("tags[]"),
	orc.ParsePath("tags.key"), orc.ParsePath("deep.element.arn"))

func readGroupUsage(t *testing.T, s *orc.Stripe, group int, paths []orc.Path, sel []int32) *orc.Usage {
	usage := &orc.Usage{}
	_, err := s.Read(context.Background(), group, paths, sel, usage)
	require.NoError(t, err)
	return usage
}

func TestUsage(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	rnd := rand.New(rand.NewPCG(21, 22))
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.None} {
		rec := randomRecord(rnd, everyType, 12000, 0.1)
		file := write(t, orc.WriterOptions{Compression: compression, RowIndexStride: 500, BlockBytes: 4 << 10, StripeBytes: 600 << 10}, rec)
		t.Run(compression.String(), func(t *testing.T) {
			r := open(t, file)
			require.Greater(t, r.NumStripes(), 1)
			for i := range r.NumStripes() {
				requireStripeUsage(t, r, i, rnd)
			}
		})
	}
}

func requireStripeUsage(t *testing.T, r *orc.Reader, stripe int, rnd *rand.Rand) {
	for _, path := range usagePaths {
		s, err := r.Stripe(stripe)
		require.NoError(t, err)
		paths := []orc.Path{path}
		all, cost := &orc.Usage{}, &orc.Usage{}
		for g := range s.Groups() {
			what := fmt.Sprintf("%v, group %d", path, g)
			whole := readGroupUsage(t, s, g, paths, nil)
			groupCost := &orc.Usage{}
			require.NoError(t, s.Cost(g, paths, groupCost))
			require.LessOrEqual(t, whole.Bytes(), groupCost.Bytes(), what)
			require.Equal(t, whole.Bytes(), readGroupUsage(t, s, g, paths, nil).Bytes(), "%s read again", what)

			few := readGroupUsage(t, s, g, paths, []int32{int32(rnd.IntN(s.Rows(g)))})
			bytes := whole.Bytes()
			few.Merge(whole)
			require.Equal(t, bytes, few.Bytes(), "%s: a selection needs nothing that all rows do not need", what)

			all.Merge(whole)
			require.NoError(t, s.Cost(g, paths, cost))
		}
		require.LessOrEqual(t, all.Bytes(), cost.Bytes(), "%v", path)
		if path.Keys == nil { // else values are left out
			require.LessOrEqual(t, cost.Bytes(), all.Bytes()+all.Bytes()/10+4096, "%v", path)
		}

		fresh, err := r.Stripe(stripe)
		require.NoError(t, err)
		backwards := &orc.Usage{}
		for g := fresh.Groups() - 1; g >= 0; g-- {
			backwards.Merge(readGroupUsage(t, fresh, g, paths, nil))
		}
		require.Equal(t, all.Bytes(), backwards.Bytes(), "%v: the order of reads must not matter", path)
	}
}

func TestUsageOfAllIsTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rec := randomRecord(rand.New(rand.NewPCG(23, 24)), everyType, 10000, 0.1)
	file := write(t, orc.WriterOptions{Compression: orc.Zstd, RowIndexStride: 1000}, rec)
	r := open(t, file)
	s, err := r.Stripe(0)
	require.NoError(t, err)
	usage := &orc.Usage{}
	for g := range s.Groups() {
		usage.Merge(readGroupUsage(t, s, g, columnPaths(everyType), nil))
	}
	// Footers and the index of the root are what is left.
	require.Less(t, usage.Bytes(), int64(len(file)))
	require.Greater(t, usage.Bytes(), int64(len(file))*9/10)
}

func TestFewRowsOfLongTextNeedFewBlocks(t *testing.T) {
	rec := longTextRecord(8192)
	for _, compression := range []orc.Compression{orc.Zstd, orc.Snappy, orc.None} {
		r := open(t, write(t, orc.WriterOptions{Compression: compression, BlockBytes: 64 << 10}, rec))
		s, err := r.Stripe(0)
		require.NoError(t, err)
		all := readGroupUsage(t, s, 0, columnPaths(rec.Schema()), nil)
		few := readGroupUsage(t, s, 0, columnPaths(rec.Schema()), []int32{100, 101, 5000})
		require.Less(t, few.Bytes(), all.Bytes()/5, compression.String())
		require.Less(t, few.BytesRead(), all.BytesRead()/4, compression.String())
	}
}
