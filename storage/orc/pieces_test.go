package orc_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc"
)

// longTexts has texts that blocks of 4 KiB hold many of, none, or a part of one.
func longTexts(rnd *rand.Rand, rows int, nullShare float64) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true}}, nil))
	defer b.Release()
	for row := range rows {
		size := rnd.IntN(300)
		switch rnd.IntN(20) {
		case 0:
			size = rnd.IntN(20_000)
		case 1:
			size = 0
		}
		var text strings.Builder
		for text.Len() < size {
			text.WriteByte(byte('a' + rnd.IntN(26)))
		}
		if rnd.Float64() < nullShare || row == rows-1 && nullShare > 0 {
			b.Field(0).AppendNull()
		} else {
			b.Field(0).(*array.StringBuilder).Append(text.String())
		}
	}
	return b.NewRecord()
}

// pieces reads a column piece by piece, and copies each before it asks for the next.
func pieces(s *orc.Stripe, group int, path orc.Path, sel []int32, usage *orc.Usage) (whole arrow.Array, count int, err error) {
	var copies []arrow.Array
	for piece, err := range s.Pieces(context.Background(), group, path, sel, usage) {
		if err != nil {
			return nil, 0, err
		}
		one, err := array.Concatenate([]arrow.Array{piece}, memory.DefaultAllocator)
		if err != nil {
			return nil, 0, err
		}
		copies = append(copies, one)
	}
	whole, err = array.Concatenate(copies, memory.DefaultAllocator)
	return whole, len(copies), err
}

// TestPiecesAreTheWhole reads each row group as a whole and in pieces: rows and the blocks that count are the same.
func TestPiecesAreTheWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	rnd := rand.New(rand.NewPCG(61, 62))
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.None} {
		options := orc.WriterOptions{Compression: compression, RowIndexStride: 200, BlockBytes: 4 << 10}
		for name, c := range map[string]struct {
			record  arrow.Record
			inMany  bool
			columns []orc.Path
		}{
			"long texts":  {longTexts(rnd, 1500, 0), true, []orc.Path{orc.Column("text")}},
			"with NULLs":  {longTexts(rnd, 1500, 0.01), false, []orc.Path{orc.Column("text")}},
			"of any type": {randomRecord(rnd, everyType, 1500, 0.1), false, columnPaths(everyType)},
		} {
			t.Run(compression.String()+", "+name, func(t *testing.T) {
				file := write(t, options, c.record)
				for _, cache := range []*decoded.Cache{nil, decoded.New(1 << 30)} {
					requirePieces(t, openWith(t, cache, file), c.columns, c.inMany && compression != orc.None) // a file without compression does not tell the size of its blocks
				}
			})
		}
	}
}

func requirePieces(t *testing.T, r *orc.Reader, paths []orc.Path, inMany bool) {
	most := 0
	for number := range r.NumStripes() {
		s, err := r.Stripe(number)
		require.NoError(t, err)
		for _, path := range paths {
			for group := range s.Groups() {
				for try := range 6 { // a cache has the column the third time
					sel := someRows(s.Rows(group), try)
					usage, wantUsage := &orc.Usage{}, &orc.Usage{}
					got, count, err := pieces(s, group, path, sel, usage)
					require.NoError(t, err)
					most = max(most, count)
					want, err := s.Read(context.Background(), group, []orc.Path{path}, sel, wantUsage)
					require.NoError(t, err)
					require.True(t, array.Equal(want[0], got), path)
					requireSameBlocks(t, wantUsage, usage, path)
				}
			}
		}
	}
	require.Equal(t, inMany, most > 1)
}

// someRows are all rows, the first three times, or most, few, or the first half.
func someRows(rows, try int) []int32 {
	var sel []int32
	for row := range rows {
		if try == 3 && row%3 > 0 || try == 4 && row%37 == 5 || try == 5 && 2*row < rows {
			sel = append(sel, int32(row))
		}
	}
	return sel
}

// TestPiecesOfDamage changes bytes of a file: whoever reads in pieces is told of the same as who reads all at once.
func TestPiecesOfDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	rnd := rand.New(rand.NewPCG(63, 64))
	file := write(t, orc.WriterOptions{RowIndexStride: 200, BlockBytes: 4 << 10}, longTexts(rnd, 400, 0))
	refused := 0
	for range 300 {
		damaged := append([]byte(nil), file...)
		damaged[rnd.IntN(len(damaged))] ^= byte(1 + rnd.IntN(255))
		r, err := orc.Open(strings.NewReader(string(damaged)), int64(len(damaged)), "test.orc")
		if err != nil {
			continue
		}
		for number := range r.NumStripes() {
			s, err := r.Stripe(number)
			if err != nil {
				continue
			}
			for group := range s.Groups() {
				sel := someRows(s.Rows(group), rnd.IntN(6))
				whole, wantErr := s.Read(context.Background(), group, []orc.Path{orc.Column("text")}, sel, nil)
				got, _, err := pieces(s, group, orc.Column("text"), sel, nil)
				if wantErr != nil {
					refused++
					require.EqualError(t, err, wantErr.Error())
					continue
				}
				require.NoError(t, err)
				require.True(t, array.Equal(whole[0], got))
			}
		}
	}
	require.Greater(t, refused, 50)
}

// TestPiecesAreKeptAsReads: of a column that comes in one piece the cache keeps what it keeps of a read, no more.
func TestPiecesAreKeptAsReads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(63, 64))
	for name, c := range map[string]struct {
		record arrow.Record
		path   orc.Path
	}{
		"texts with NULLs": {longTexts(rnd, 1500, 0.01), orc.Column("text")},
		"numbers":          {randomRecord(rnd, everyType, 1500, 0), columnPaths(everyType)[0]},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, orc.WriterOptions{RowIndexStride: 500, BlockBytes: 4 << 10}, c.record)
			var kept []int64 // after each way, once and twice
			for _, inPieces := range []bool{false, true} {
				cache := decoded.New(1 << 30)
				s, err := openWith(t, cache, file).Stripe(0)
				require.NoError(t, err)
				for range 2 {
					if inPieces {
						_, _, err = pieces(s, 1, c.path, nil, nil)
					} else {
						_, err = s.Read(context.Background(), 1, []orc.Path{c.path}, nil, nil)
					}
					require.NoError(t, err)
					kept = append(kept, cache.UsedBytes())
				}
			}
			require.Equal(t, kept[:2], kept[2:])
			require.Greater(t, kept[1], kept[0])
		})
	}
}
