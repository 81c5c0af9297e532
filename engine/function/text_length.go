package function

import (
	bytesof "encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/planner/types"
)

// lowestBits has the lowest bit of each of eight bytes.
const lowestBits = 0x0101010101010101

// codePoints counts those bytes of a text that do not continue a code point, as Trino does, eight at a time.
func codePoints(s string) int64 {
	text := []byte(s) // not copied, as nothing writes to it
	count := int64(len(text))
	for len(text) >= 8 {
		word := bytesof.LittleEndian.Uint64(text)
		count -= int64(bits.OnesCount64(word >> 7 &^ (word >> 6) & lowestBits))
		text = text[8:]
	}
	for _, b := range text {
		if !utf8.RuneStart(b) {
			count--
		}
	}
	return count
}

// bytesPerLook is the number of bytes of texts that are read between two checks whether the statement has ended.
const bytesPerLook = 1 << 20

// countedTexts adapts a function that counts something in a text or in bytes and never fails. It reads the texts in
// place, because building a list of them takes longer than counting in short texts.
func countedTexts(count func(text string) int64) Bind {
	return func(fn *types.Resolved) Kernel {
		dt := arrowOf(fn)
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			meter := meterOf(env)
			if err := meter.Grow(int64(rows) * sizeOf[int64]()); err != nil {
				return batch.Vector{}, err
			}
			offsets, data := batch.Text(args[0].Array)
			out, look := largepages.Make[int64](rows), 0
			for i := range out {
				begin, end := int(offsets[i]), int(offsets[i+1])
				if end >= look {
					if err := meter.Stopped(); err != nil {
						return batch.Vector{}, err
					}
					look = end + bytesPerLook
				}
				out[i] = count(unsafe.String(unsafe.SliceData(data[begin:end]), end-begin))
			}
			return batch.Vector{Array: batch.FromValues(dt, out, validOf(args, rows)), Const: constant}, nil
		}
	}
}
