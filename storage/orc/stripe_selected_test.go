package orc_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc"
)

// TestSelectedRowsOfWholeColumns: selections of few rows, of half of them, of nearly all and of all hold the rows of the
// whole column, whatever its type, and count the same bytes with and without a cache.
func TestSelectedRowsOfWholeColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	for name, blockBytes := range map[string]int{"many blocks": 1 << 10, "one block": 1 << 18} {
		t.Run(name, func(t *testing.T) { requireSelectedRowsOfWholeColumns(t, blockBytes) })
	}
}

func requireSelectedRowsOfWholeColumns(t *testing.T, blockBytes int) {
	rnd := rand.New(rand.NewPCG(61, 62))
	file := write(t, orc.WriterOptions{RowIndexStride: 400, BlockBytes: blockBytes}, randomRecord(rnd, everyType, 1000, 0.2))
	plain, cached := open(t, file), openWith(t, decoded.New(1<<30), file)
	for _, path := range usagePaths {
		for _, group := range []int{0, 2} { // of 400 and of 200 rows
			for _, share := range []float64{0.005, 0.1, 0.5, 0.95, 1} {
				read := func(r *orc.Reader, sel []int32) (arrow.Array, int64) {
					s, err := r.Stripe(0)
					require.NoError(t, err)
					usage := &orc.Usage{}
					arrays, err := s.Read(context.Background(), group, []orc.Path{path}, sel, usage)
					require.NoError(t, err)
					return arrays[0], usage.Bytes()
				}
				whole, _ := read(plain, nil)
				rows := rnd.Perm(whole.Len())[:int(share*float64(whole.Len()))]
				isSelected := map[int]bool{}
				for _, row := range rows {
					isSelected[row] = true
				}
				var sel []int32
				for row := range whole.Len() {
					if isSelected[row] {
						sel = append(sel, int32(row))
					}
				}
				what := fmt.Sprintf("%v, group %d, %d rows", path, group, len(sel))
				_, bytes := read(plain, sel)
				for range 3 { // the third time the column is in the cache
					got, cachedBytes := read(cached, sel)
					require.Equal(t, bytes, cachedBytes, what)
					// Texts in structs and lists are codes or not, as their number says.
					require.True(t, arrow.TypeEqual(whole.DataType(), got.DataType()) || arrow.IsNested(whole.DataType().ID()), what)
					require.Equal(t, len(sel), got.Len(), what)
					nulls := 0
					for i, row := range sel {
						require.Equal(t, whole.IsNull(int(row)), got.IsNull(i), what)
						require.Equal(t, whole.ValueStr(int(row)), got.ValueStr(i), what)
						if got.IsNull(i) {
							nulls++
						}
					}
					require.Equal(t, nulls, got.NullN(), what)
				}
			}
		}
	}
}

// TestFewRowsAreTakenOfKeptColumns: who asks for few rows a second time has the cache keep the whole column, from where they come then, though
// nothing is left of the file.
func TestFewRowsAreTakenOfKeptColumns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(63, 64))
	rec := randomRecord(rnd, everyType, 1000, 0.2)
	for _, path := range []string{"flag", "i32", "i64", "ms", "few", "who.session.issuer"} {
		t.Run(path, func(t *testing.T) {
			file := write(t, orc.WriterOptions{RowIndexStride: 400, Compression: orc.None}, rec) // whose blocks are not kept
			s, err := openWith(t, decoded.New(1<<30), file).Stripe(0)
			require.NoError(t, err)
			read := func() (string, error) {
				arrays, err := s.Read(context.Background(), 1, []orc.Path{orc.ParsePath(path)}, []int32{3, 5, 8, 100, 101, 102}, nil)
				if err != nil {
					return "", err
				}
				return fmt.Sprint(arrays[0]), nil
			}
			want, err := read()
			require.NoError(t, err)
			got, err := read()
			require.NoError(t, err)
			require.Equal(t, want, got)
			clear(file)
			got, err = read()
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}
