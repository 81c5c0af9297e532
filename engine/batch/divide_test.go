package batch_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// Rows that are gathered and joined in pieces are those that one goroutine gives.
func TestDividedRows(t *testing.T) {
	const rows = 100_000
	random := rand.New(rand.NewPCG(1, 2))
	texts, numbers, bytes, valid := make([]string, rows), make([]int64, rows), make([]byte, 4*rows), arrowdata.FullValidity(rows)
	for i := range rows {
		texts[i], numbers[i] = strconv.Itoa(random.IntN(1e6)), random.Int64()
		if i%9 == 0 {
			arrowdata.ClearBit(valid, i)
		}
		bytes[4*i] = byte(i)
	}
	texts[rows/2] = strings.Repeat("long", 20_000)
	text, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
	require.NoError(t, err)
	lists := make([]int32, rows/2+1)
	for i := range lists {
		lists[i] = int32(2 * i)
	}
	idx, fewer := make([]int32, rows), make([]int32, rows)
	for i := range idx {
		idx[i], fewer[i] = int32(random.IntN(rows+1))-1, int32(random.IntN(rows/2))
	}
	few := words(t, "a", "", "ccc")
	codes := make([]int32, rows)
	for i := range codes {
		codes[i] = int32(random.IntN(3))
	}
	fixed := array.NewFixedSizeBinaryBuilder(memory.DefaultAllocator, &arrow.FixedSizeBinaryType{ByteWidth: 4})
	for i := range rows {
		fixed.Append(bytes[4*i : 4*i+4])
	}
	for name, a := range map[string]arrow.Array{
		"texts": text, "numbers": batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, valid), "a dictionary": batch.FromCodes(codes, valid, few),
		"lists": batch.FromLists(lists, nil, text), "bytes": fixed.NewArray(),
		"rows": batch.FromFields(arrow.StructOf(arrow.Field{Name: "t", Type: arrow.BinaryTypes.String, Nullable: true}), rows, nil, []arrow.Array{text}),
	} {
		t.Run(name, func(t *testing.T) {
			at := idx
			if a.Len() < rows {
				at = fewer
			}
			taken := batch.Take(a, at)
			require.True(t, array.Equal(taken, batch.TakeDivided(a, at, batch.AllAtOnce)))
			n := int64(a.Len())
			parts := []arrow.Array{array.NewSlice(a, 3, n), array.NewSlice(a, 0, 0), taken, array.NewSlice(a, n/2, n/2+5)}
			require.True(t, array.Equal(batch.Concat(parts), batch.ConcatDivided(parts, nil, batch.AllAtOnce)))
			require.Equal(t, a.ValueStr(40_003), batch.Concat(parts).ValueStr(40_000))
			for row, from := range at[:100] {
				if from < 0 {
					require.True(t, taken.IsNull(row))
				} else {
					require.Equal(t, a.ValueStr(int(from)), taken.ValueStr(row))
				}
			}
		})
	}
}

// TestTextsDividedByBytes: whatever their lengths, texts that are copied in pieces are those that were given.
func TestTextsDividedByBytes(t *testing.T) {
	long := strings.Repeat("long", 1<<20)
	for name, texts := range map[string][]string{
		"none":                 {},
		"empty ones":           {"", "", ""},
		"short ones":           {"a", "", "bc"},
		"long ones":            {long, "", long[:1<<20], "a", "", long[:1<<20-1], ""},
		"a long one at last":   {"", "a", long},
		"NULL under long ones": {long, "NULL", long},
	} {
		t.Run(name, func(t *testing.T) {
			var valid []byte
			for i, text := range texts {
				if text == "NULL" {
					valid = arrowdata.FullValidity(len(texts))
					arrowdata.ClearBit(valid, i)
				}
			}
			var pieces []int
			backwards := func(n int, do func(piece int)) {
				for piece := n - 1; piece >= 0; piece-- {
					do(piece)
				}
				pieces = append(pieces, n)
			}
			a, err := batch.FromStringsDivided(arrow.BinaryTypes.String, texts, valid, backwards)
			require.NoError(t, err)
			require.Equal(t, len(texts), a.Len())
			bytes := 0
			for i, text := range texts {
				if text == "NULL" {
					require.True(t, a.IsNull(i))
					continue
				}
				require.True(t, text == a.(*array.String).Value(i), "text %d", i)
				bytes += len(text)
			}
			if len(texts) > 0 {
				require.Equal(t, []int{bytes>>20 + 1}, pieces)
			}
		})
	}
}
