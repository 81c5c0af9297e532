package batch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestKeptTexts: texts whose memory is referred to are numbered and shown as copies are, also beside long, empty and repeated ones and NULL.
func TestKeptTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	keeping, copying := batch.NewInterner(arrow.BinaryTypes.String), batch.NewInterner(arrow.BinaryTypes.String)
	keeping.KeepTexts()
	known := 0
	for n := range 12 {
		rows := []int{batch.Rows, 3000, 100}[n%3]
		values, valid := make([]string, rows), arrowdata.FullValidity(rows)
		for i := range values {
			switch random.IntN(40) {
			case 0:
				arrowdata.ClearBit(valid, i)
			case 1:
				values[i] = fmt.Sprint("text ", random.IntN(known+1))
			case 2:
				values[i] = strings.Repeat("x", random.IntN(3))
			default:
				known++
				values[i] = fmt.Sprint("text ", known)
			}
		}
		if n == 6 {
			values[7] = strings.Repeat("y", 1<<17)
		}
		column, err := batch.FromStrings(arrow.BinaryTypes.String, append(values, "left out"), append(valid, 0))
		require.NoError(t, err)
		v := batch.Vector{Array: array.NewSlice(column, 0, int64(rows))}
		growth, before := keeping.GrowthBytes(v, rows), keeping.SizeBytes()
		got, want := make([]int32, rows), make([]int32, rows)
		require.NoError(t, keeping.Insert(v, rows, got))
		require.LessOrEqual(t, keeping.SizeBytes(), before+growth)
		require.NoError(t, copying.Insert(v, rows, want))
		require.Equal(t, want, got, "batch %d", n)
		require.NoError(t, keeping.Find(v, rows, got))
		require.Equal(t, want, got, "batch %d", n)
	}
	require.Greater(t, keeping.FullBlocks(), copying.FullBlocks()+3, "memory is referred to")
	require.True(t, array.Equal(copying.Values(), keeping.Values()))
	codes := []int32{int32(known / 2), 0, 3, 1}
	require.True(t, array.Equal(copying.ValuesOf(codes, batch.InTurn), keeping.ValuesOf(codes, batch.InTurn)))
}

// BenchmarkTexts numbers a million texts that are all new.
func BenchmarkTexts(b *testing.B) {
	const rows = 1 << 20
	values := make([]string, rows)
	for i := range values {
		values[i] = fmt.Sprintf("%08x-0000-4000-8000-%012x", i*2654435761%(1<<32), i)
	}
	var parts []batch.Vector
	for from := 0; from < rows; from += batch.Rows {
		part, err := batch.FromStrings(arrow.BinaryTypes.String, values[from:from+batch.Rows], nil)
		require.NoError(b, err)
		parts = append(parts, batch.Vector{Array: part})
	}
	for _, keeps := range []bool{false, true} {
		b.Run(fmt.Sprint("kept: ", keeps), func(b *testing.B) {
			codes := make([]int32, batch.Rows)
			for b.Loop() {
				in := batch.NewInterner(arrow.BinaryTypes.String)
				if keeps {
					in.KeepTexts()
				}
				for _, part := range parts {
					require.NoError(b, in.Insert(part, batch.Rows, codes))
				}
			}
		})
	}
}
