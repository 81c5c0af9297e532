package orc_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc"
)

// manyReads are reads of a file in a random order, each more than once.
func manyReads(rnd *rand.Rand, r *orc.Reader, count int) (reads []oneRead) {
	for range count {
		read := oneRead{stripe: rnd.IntN(r.NumStripes()), path: usagePaths[rnd.IntN(len(usagePaths))]}
		read.group = rnd.IntN(r.StripeGroups(read.stripe))
		rows := r.GroupRows()
		if last := r.StripeRows(read.stripe) - int64(read.group*rows); last < int64(rows) {
			rows = int(last)
		}
		if rnd.IntN(2) == 0 {
			read.sel = []int32{}
			for share, row := 1<<rnd.IntN(9), 0; row < rows; row++ {
				if rnd.IntN(share) == 0 {
					read.sel = append(read.sel, int32(row))
				}
			}
		}
		reads = append(reads, read, read, read)
	}
	rnd.Shuffle(len(reads), func(i, j int) { reads[i], reads[j] = reads[j], reads[i] })
	return reads
}

type oneRead struct {
	stripe, group int
	path          orc.Path
	sel           []int32
}

func (o oneRead) do(t *testing.T, r *orc.Reader) (arrow.Array, orc.Statistics, *orc.Usage) {
	s, err := r.Stripe(o.stripe)
	require.NoError(t, err)
	usage := &orc.Usage{}
	statistics, err := s.Statistics(o.group, o.path, usage)
	require.NoError(t, err)
	_, err = s.MayContain(o.group, o.path, []string{"value"}, usage)
	require.NoError(t, err)
	arrays, err := s.Read(context.Background(), o.group, []orc.Path{o.path}, o.sel, usage)
	require.NoError(t, err)
	return arrays[0], statistics, usage
}

func (o oneRead) String() string {
	return fmt.Sprintf("%v of group %d of stripe %d, %d rows", o.path, o.group, o.stripe, len(o.sel))
}

// TestCacheChangesNothing reads the same with and without caches: values and the bytes that count are the same, and
// what a large cache has seen is not read again.
func TestCacheChangesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	rnd := rand.New(rand.NewPCG(51, 52))
	for i, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.None, orc.Zstd} {
		rec := randomRecord(rnd, everyType, 3000, 0.1)
		file := write(t, orc.WriterOptions{Compression: compression, RowIndexStride: 500, BlockBytes: 1 << (10 + 2*i), StripeBytes: 300 << 10,
			Bloom: func(path string) bool { return path == "few" }}, rec)
		plain := open(t, file)
		reads := manyReads(rnd, plain, 40)
		for name, limitBytes := range map[string]int64{"tiny": 50 << 10, "large": 1 << 30} {
			t.Run(compression.String()+", "+name, func(t *testing.T) {
				cache := decoded.New(limitBytes)
				r := openWith(t, cache, file)
				requireSameReads(t, plain, r, reads)
				stats := cache.Stats()
				require.LessOrEqual(t, stats.UsedBytes, limitBytes)
				require.Positive(t, stats.Hits)
				if name != "large" || compression == orc.None { // whose blocks are not kept
					return
				}
				requireSameReads(t, plain, r, reads)
				require.Less(t, bytesRead(t, r, reads), bytesRead(t, plain, reads)/10)
			})
		}
	}
}

// bytesRead is how much reads read of the file.
func bytesRead(t *testing.T, r *orc.Reader, reads []oneRead) (bytes int64) {
	for _, read := range reads {
		_, _, usage := read.do(t, r)
		bytes += usage.BytesRead()
	}
	return bytes
}

func openWith(t *testing.T, cache *decoded.Cache, file []byte) *orc.Reader {
	r, err := orc.OpenWith(cache, bytes.NewReader(file), int64(len(file)), "test.orc")
	require.NoError(t, err)
	return r
}

func requireSameReads(t *testing.T, plain, cached *orc.Reader, reads []oneRead) {
	for _, read := range reads {
		want, wantStatistics, wantUsage := read.do(t, plain)
		got, statistics, usage := read.do(t, cached)
		require.Equal(t, wantStatistics, statistics, read)
		require.True(t, array.Equal(want, got), read)
		require.True(t, arrow.TypeEqual(want.DataType(), got.DataType()), read)
		requireSameBlocks(t, wantUsage, usage, read)
	}
}

func requireSameBlocks(t *testing.T, want, got *orc.Usage, about fmt.Stringer) {
	require.Equal(t, want.Bytes(), got.Bytes(), about)
	both := &orc.Usage{}
	both.Merge(want)
	both.Merge(got)
	require.Equal(t, want.Bytes(), both.Bytes(), "%v: other blocks", about)
}

// TestCacheOfManyReaders lets goroutines read a file through one cache that is too small for all of it.
func TestCacheOfManyReaders(t *testing.T) {
	rnd := rand.New(rand.NewPCG(53, 54))
	file := write(t, orc.WriterOptions{RowIndexStride: 300, BlockBytes: 1 << 10, StripeBytes: 100 << 10}, randomRecord(rnd, everyType, 1500, 0.1))
	plain, cached := open(t, file), openWith(t, decoded.New(300<<10), file)
	reads := manyReads(rnd, plain, 60)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() { requireSameReads(t, plain, cached, reads) })
	}
	readers.Wait()
}

// TestCacheKnowsFilesApart opens other files of the same columns, and one of them as other columns.
func TestCacheKnowsFilesApart(t *testing.T) {
	cache := decoded.New(1 << 30)
	rnd := rand.New(rand.NewPCG(55, 56))
	wide, err := orc.NewColumns(fields(field("n", int64Type)), nil)
	require.NoError(t, err)
	for i := range 3 {
		b := array.NewInt32Builder(memory.DefaultAllocator)
		for range 100 {
			b.Append(int32(rnd.Uint32()))
		}
		numbers := b.NewInt32Array()
		file := write(t, orc.WriterOptions{}, array.NewRecord(fields(field("n", arrow.PrimitiveTypes.Int32)), []arrow.Array{numbers}, 100))
		r := openWith(t, cache, file)
		for range 4 {
			got, _, _ := oneRead{path: orc.Column("n")}.do(t, r)
			require.True(t, array.Equal(numbers, got), i)
			widened, _, _ := oneRead{path: orc.Column("n")}.do(t, r.As(wide))
			require.EqualValues(t, numbers.Value(99), widened.(*array.Int64).Value(99))
		}
		require.Positive(t, cache.Stats().Entries)
		before := cache.Stats()
		_, _, _ = oneRead{path: orc.Column("n")}.do(t, r.WithoutCache())
		require.Equal(t, before, cache.Stats(), "who reads past the cache leaves it alone")
	}
}
