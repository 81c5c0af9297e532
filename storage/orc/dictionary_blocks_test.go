package orc_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/orc"
)

// firstAndLast has maps whose values under the key first stand at the beginning of their dictionary, and under last at its
// end. The dictionary has about 100 kB.
func firstAndLast(rows int) arrow.Record {
	rnd := rand.New(rand.NewPCG(65, 66))
	texts := map[string][]string{}
	for _, key := range []string{"first", "last"} {
		for i := range 60 {
			var b strings.Builder
			fmt.Fprintf(&b, "%c%03d", map[string]byte{"first": 'a', "last": 'z'}[key], i)
			for range rnd.IntN(100) {
				fmt.Fprintf(&b, "%016x", rnd.Uint64())
			}
			texts[key] = append(texts[key], b.String())
		}
		texts[key] = append(texts[key], "")
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, fields(field("m", arrow.MapOf(textType, textType))))
	m := b.Field(0).(*array.MapBuilder)
	for range rows {
		m.Append(true)
		for _, key := range []string{"first", "last"} {
			m.KeyBuilder().(*array.StringBuilder).Append(key)
			m.ItemBuilder().(*array.StringBuilder).Append(texts[key][rnd.IntN(61)])
		}
	}
	return b.NewRecord()
}

func TestDictionaryBlocksAreDecompressedOnDemand(t *testing.T) {
	rec := firstAndLast(2000)
	file := write(t, orc.WriterOptions{BlockBytes: 8 << 10}, rec)
	first, last := orc.Column("m").Entries("first"), orc.Column("m").Entries("last")
	read := func(file []byte, path orc.Path, sel []int32, usage *orc.Usage) ([]arrow.Array, error) {
		s, err := open(t, file).Stripe(0)
		require.NoError(t, err)
		return s.Read(t.Context(), 0, []orc.Path{path}, sel, usage)
	}
	few := []int32{3, 4, 1000}
	var wholeUsage orc.Usage
	want, err := read(file, first, few, &wholeUsage)
	require.NoError(t, err)

	damaged := slices.Clone(file)
	damaged[len(file)*3/4] ^= 0x55 // in the later half of the dictionary, which is nearly all of the file
	var usage orc.Usage
	got, err := read(damaged, first, few, &usage)
	require.NoError(t, err)
	require.Equal(t, want[0].String(), got[0].String())
	require.Equal(t, wholeUsage.Bytes(), usage.Bytes(), "all of the dictionary counts")
	_, err = read(damaged, last, nil, nil)
	var corrupt *orc.CorruptError
	require.ErrorAs(t, err, &corrupt)
}

// TestDictionaryBlocksOfManyReaders has readers of one stripe ask for other parts of a dictionary at the same time.
func TestDictionaryBlocksOfManyReaders(t *testing.T) {
	rec := firstAndLast(3000)
	whole := rec.Column(0).(*array.Map)
	for _, compression := range []orc.Compression{orc.Zstd, orc.Snappy, orc.Zlib, orc.None} {
		for _, blockBytes := range []int{1 << 10, 8 << 10, 256 << 10} {
			t.Run(fmt.Sprint(compression, blockBytes), func(t *testing.T) {
				r := open(t, write(t, orc.WriterOptions{Compression: compression, BlockBytes: blockBytes, RowIndexStride: 500}, rec))
				s, err := r.Stripe(0)
				require.NoError(t, err)
				var readers sync.WaitGroup
				for seed := range 4 {
					readers.Go(func() { readRandomEntries(t, s, whole, rand.New(rand.NewPCG(67, uint64(seed)))) })
				}
				readers.Wait()
			})
		}
	}
}

func readRandomEntries(t *testing.T, s *orc.Stripe, whole *array.Map, rnd *rand.Rand) {
	for range 15 {
		group, keys := rnd.IntN(6), []string{"first", "last"}[rnd.IntN(2):][:1]
		sel := []int32{rnd.Int32N(250), 250 + rnd.Int32N(250)}
		path := orc.Column("m").Entries(keys...)
		if rnd.IntN(5) == 0 {
			path, keys = orc.Column("m"), []string{"first", "last"}
		}
		got, err := s.Read(t.Context(), group, []orc.Path{path}, sel, nil)
		if err != nil {
			t.Error(err)
			return
		}
		read := arrowtest.Plain(t, got[0])
		for i, row := range sel {
			if want := entriesText(whole, group*500+int(row), keys); want != cellText(read, i) {
				t.Errorf("%s of row %d of group %d: %q instead of %q", path, row, group, cellText(read, i), want)
			}
		}
	}
}
