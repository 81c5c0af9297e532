package batch

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

const (
	// textBlockBytes is how large a block of texts is.
	textBlockBytes = 512 << 10
	// maxSharingBytes is how long a text may be for which what is left of a block is given up.
	maxSharingBytes = textBlockBytes / 8
)

// textBlocks keeps texts by number, from 0, in blocks of memory. What is in a full block is not moved when more texts come, so that many of them
// are copied once. The zero value is ready for use.
type textBlocks struct {
	blocks [][]byte // the last one has room; while there is one, it grows up to textBlockBytes
	// places are where texts begin, and where the next one would: the block in the upper half, the place in the block in the lower one.
	// A text ends where the next one begins, or with its block.
	places []uint64
}

func blockPlace(block, at int) uint64 { return uint64(block)<<32 | uint64(at) }

// add keeps a copy of a text, whose number is the next one.
func (t *textBlocks) add(text []byte) {
	in := t.blockFor(len(text))
	block := AppendText(t.blocks[in], text)
	t.blocks[in] = block
	next := blockPlace(in, len(block))
	if in+1 < len(t.blocks) {
		next = blockPlace(in+1, 0)
	}
	t.places = append(withRoom(t.places, 1), next)
}

// blockFor returns the number of the block that a text of so many bytes goes into.
func (t *textBlocks) blockFor(bytes int) int {
	last := len(t.blocks) - 1
	if last < 0 {
		t.blocks, t.places = append(t.blocks, nil), append(t.places, 0)
		return 0
	}
	block := t.blocks[last]
	if bytes <= cap(block)-len(block) || last == 0 && len(block)+bytes <= textBlockBytes {
		return last
	}
	t.places[len(t.places)-1] = blockPlace(last+1, 0)
	if bytes <= maxSharingBytes {
		t.blocks = append(t.blocks, withRoom([]byte(nil), textBlockBytes))
		return last + 1
	}
	// What is left is a block for the texts after the long one.
	t.blocks[last] = slices.Clip(block)
	t.blocks = append(t.blocks, withRoom([]byte(nil), bytes), block[len(block):])
	return last + 1
}

// count is how many texts there are.
func (t *textBlocks) count() int { return max(0, len(t.places)-1) }

// at returns a text. Callers must not change it.
func (t *textBlocks) at(n int32) []byte {
	begin, end := t.places[n], t.places[n+1]
	block := t.blocks[begin>>32]
	if begin>>32 == end>>32 {
		return block[uint32(begin):uint32(end)]
	}
	return block[uint32(begin):]
}

// growthBytes is what more texts of so many bytes may allocate before what was held so far is given back.
func (t *textBlocks) growthBytes(more int, bytes int64) int64 {
	size := sliceGrowth(cap(t.places), t.count()+more+1, 8)
	var last []byte
	if n := len(t.blocks); n > 0 {
		last = t.blocks[n-1]
	}
	held := int64(len(last))
	switch {
	case bytes <= int64(cap(last))-held:
		return size
	case len(t.blocks) <= 1 && held+bytes <= textBlockBytes:
		return size + max(2*held, held+bytes)
	}
	return size + bytes + bytes*maxSharingBytes/(textBlockBytes-maxSharingBytes) + textBlockBytes
}

// sizeBytes is the memory held.
func (t *textBlocks) sizeBytes() int64 {
	size := int64(cap(t.places))*8 + int64(cap(t.blocks))*24
	for _, block := range t.blocks {
		size += int64(cap(block))
	}
	return size
}

// forget makes the blocks empty, and keeps the memory of the first one.
func (t *textBlocks) forget() {
	if len(t.blocks) > 0 {
		t.blocks, t.places = append(t.blocks[:0], t.blocks[0][:0]), append(t.places[:0], 0)
	}
}

// values returns the texts by number, after a NULL, as an array of type t, and copies them unless they are in one block; by divides that. It
// panics with a *types.Error when they pass the limits of an array.
func (t *textBlocks) values(of arrow.DataType, by Divide) arrow.Array {
	begins, total := make([]int, len(t.blocks)), 0
	for i, block := range t.blocks {
		begins[i] = total
		total += len(block)
	}
	if total > math.MaxInt32 {
		panic(tooBig("text"))
	}
	n := t.count()
	ends := make([]int32, n+2)
	by.Rows(n, func(_, from, to int) {
		for i := from; i < to; i++ {
			block, next := t.places[i]>>32, t.places[i+1]
			end := len(t.blocks[block])
			if next>>32 == block {
				end = int(uint32(next))
			}
			ends[i+2] = int32(begins[block] + end)
		}
	})
	var all []byte
	if t.isWhole() {
		all = t.blocks[0]
	} else {
		all = make([]byte, total)
		largepages.Made(all)
		by(len(t.blocks), func(i int) { copyText(all[begins[i]:], t.blocks[i]) })
	}
	return FromText(of, ends, all, nullFirst(n+1))
}

// isWhole reports whether one block has all texts.
func (t *textBlocks) isWhole() bool { return len(t.blocks) == 1 }

// textsOf returns the texts of codes, NULL of 0. It calls text within pieces of by alone, and panics as Take does.
func textsOf(of arrow.DataType, codes []int32, text func(code int32) []byte, by Divide) arrow.Array {
	valid, offsets, total := arrowdata.FullValidity(len(codes)), make([]int32, len(codes)+1), 0
	by(1, func(int) {
		for i, code := range codes {
			if code == 0 {
				arrowdata.ClearBit(valid, i)
			} else if total += len(text(code)); total > math.MaxInt32 {
				panic(tooBig("text"))
			}
			offsets[i+1] = int32(total)
		}
	})
	block := make([]byte, total)
	by.texts(len(codes), func(from, to int) {
		for i := from; i < to; i++ {
			if codes[i] != 0 {
				copyText(block[offsets[i]:offsets[i+1]], text(codes[i]))
			}
		}
	})
	return FromText(of, offsets, block, valid)
}
