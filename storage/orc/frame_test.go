package orc_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// TestEveryBlockStatesItsContentSize walks all blocks of a file, those of indexes, streams, footers and
// metadata: Trino sizes its buffer by the content size in the header of a zstd frame.
func TestEveryBlockStatesItsContentSize(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	for _, level := range []orc.Level{orc.Fastest, orc.Better} {
		for _, rows := range []int{0, 1, 8193, 30000} {
			t.Run(fmt.Sprintf("level %d, %d rows", level, rows), func(t *testing.T) {
				rec := randomRecord(rand.New(rand.NewPCG(uint64(rows), 5)), everyType, rows, 0.2)
				file := write(t, orc.WriterOptions{Level: level, StripeBytes: 1 << 20, Bloom: func(string) bool { return true }}, rec)
				blocks, small := walkFrames(t, file)
				require.Positive(t, blocks)
				require.True(t, rows == 0 || small > 0, "no block of less than 256 bytes")
			})
		}
	}
	t.Run("blocks of random and of long text", func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 6))
		values := make([]any, 60)
		for i := range values {
			noise := make([]byte, 50_000)
			for j := range noise {
				noise[j] = ' ' + byte(r.IntN(95))
			}
			values[i] = string(noise)
		}
		blocks, _ := walkFrames(t, write(t, orc.WriterOptions{}, texts(append(values, strings.Repeat("x", 3<<20))...)))
		require.Greater(t, blocks, 6)
	})
}

// walkFrames checks each block between the magic and the postscript: nothing else stands there.
func walkFrames(t *testing.T, file []byte) (blocks, small int) {
	t.Helper()
	decoder, err := zstd.NewReader(nil)
	require.NoError(t, err)
	defer decoder.Close()
	rest := file[len("ORC") : len(file)-1-int(file[len(file)-1])]
	for ; len(rest) > 0; blocks++ {
		at := len(file) - len(rest)
		require.Greater(t, len(rest), 3, "block at byte %d", at)
		header := int(rest[0]) | int(rest[1])<<8 | int(rest[2])<<16
		require.Zero(t, header&1, "block at byte %d is stored as it is", at)
		frame := rest[3 : 3+header>>1]
		rest = rest[3+header>>1:]
		var h zstd.Header
		require.NoError(t, h.Decode(frame), "block at byte %d", at)
		content, err := decoder.DecodeAll(frame, nil)
		require.NoError(t, err, "block at byte %d", at)
		require.True(t, h.HasFCS, "block at byte %d does not state its content size", at)
		require.EqualValues(t, len(content), h.FrameContentSize, "block at byte %d", at)
		require.True(t, h.HasCheckSum, "block at byte %d", at)
		if len(content) < 256 {
			small++
		}
	}
	return blocks, small
}
