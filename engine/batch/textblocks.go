package batch

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

const (
	// textBlockBytes is the size of a block of texts.
	textBlockBytes = 512 << 10
	// maxSharingBytes is the longest text that shares a block. For it, the rest of the current block may stay
	// unused.
	maxSharingBytes = textBlockBytes / 8

	placeAtBits, placeLengthBits = 22, 22
	maxTextBlocks                = 1 << (64 - placeAtBits - placeLengthBits)
	// maxPlacedBytes is the longest text whose place contains its length.
	maxPlacedBytes = 1<<placeLengthBits - 2
)

// textBlocks keeps texts by number, from 0, in blocks of memory. Texts in a full block never move when more come,
// so each is copied about once, or not at all in a borrowed block. The zero value is ready for use.
type textBlocks struct {
	blocks [][]byte
	room   int // the block that texts are copied to; the first block grows up to textBlockBytes
	places []textPlace
}

// textPlace is a text's block, its begin in the block and its length. A text longer than maxPlacedBytes has its
// block alone, and its length is that of the block.
type textPlace uint64

func placeOf(block, at, bytes int) textPlace {
	return textPlace(block)<<(placeAtBits+placeLengthBits) | textPlace(at)<<placeLengthBits | textPlace(min(bytes, maxPlacedBytes+1))
}

func (p textPlace) block() int { return int(p >> (placeAtBits + placeLengthBits)) }
func (p textPlace) at() int    { return int(p >> placeLengthBits & (1<<placeAtBits - 1)) }
func (p textPlace) bytes() int { return int(p & (1<<placeLengthBits - 1)) }

// add keeps a copy of a text; it gets the next number.
func (t *textBlocks) add(text []byte) {
	in := t.blockFor(len(text))
	at := len(t.blocks[in])
	t.blocks[in] = AppendText(t.blocks[in], text)
	t.places = append(withRoom(t.places, 1), placeOf(in, at, len(text)))
}

// borrow makes texts a block, without copying it. Its memory must never change; addBorrowed adds its texts. borrow
// returns the block, or -1 if the memory cannot be one.
func (t *textBlocks) borrow(texts []byte) int {
	if len(t.blocks) == 0 || len(t.blocks) >= maxTextBlocks/2 || len(texts) >= 1<<placeAtBits {
		return -1
	}
	t.blocks = append(t.blocks, slices.Clip(texts))
	return len(t.blocks) - 1
}

// addBorrowed adds a text of a borrowed block, at most maxPlacedBytes long; it gets the next number.
func (t *textBlocks) addBorrowed(block, at, bytes int) {
	t.places = append(withRoom(t.places, 1), placeOf(block, at, bytes))
}

// blockFor returns the index of the block for a text of bytes, with room for it.
func (t *textBlocks) blockFor(bytes int) int {
	if len(t.blocks) == 0 {
		t.blocks = append(t.blocks, nil)
	}
	block := t.blocks[t.room]
	if bytes <= cap(block)-len(block) || t.room == 0 && len(block)+bytes <= textBlockBytes {
		return t.room
	}
	if len(t.blocks) == maxTextBlocks {
		panic(TooBig("text"))
	}
	last := len(t.blocks)
	if bytes > maxSharingBytes {
		t.blocks = append(t.blocks, withRoom([]byte(nil), bytes))
		return last
	}
	t.blocks, t.room = append(t.blocks, withRoom([]byte(nil), textBlockBytes)), last
	return last
}

// count returns the number of texts.
func (t *textBlocks) count() int { return len(t.places) }

// at returns a text. Callers must not change it.
func (t *textBlocks) at(n int32) []byte {
	place := t.places[n]
	block, at, bytes := t.blocks[place.block()], place.at(), place.bytes()
	if bytes > maxPlacedBytes {
		return block[at:]
	}
	return block[at : at+bytes]
}

// growthBytes returns what more texts of bytes in all may allocate before the old memory is freed.
func (t *textBlocks) growthBytes(more int, bytes int64) int64 {
	size := sliceGrowth(cap(t.places), t.count()+more, 8)
	var open []byte
	if len(t.blocks) > 0 {
		open = t.blocks[t.room]
	}
	held := int64(len(open))
	switch {
	case bytes <= int64(cap(open))-held:
		return size
	case t.room == 0 && held+bytes <= textBlockBytes:
		return size + max(2*held, held+bytes)
	}
	return size + bytes + bytes*maxSharingBytes/(textBlockBytes-maxSharingBytes) + textBlockBytes
}

// sizeBytes returns the memory held.
func (t *textBlocks) sizeBytes() int64 {
	size := int64(cap(t.places))*8 + int64(cap(t.blocks))*24
	for _, block := range t.blocks {
		size += int64(cap(block))
	}
	return size
}

// forget removes all texts and keeps the memory of the first block.
func (t *textBlocks) forget() {
	if len(t.blocks) > 0 {
		clear(t.blocks[1:])
		t.blocks, t.places, t.room = append(t.blocks[:0], t.blocks[0][:0]), t.places[:0], 0
	}
}

// values returns the texts by number, after a NULL, as an array of type of. It copies them unless they are all in
// one block; by divides the copying. It panics with a *types.Error when they pass the limits of an array.
func (t *textBlocks) values(of arrow.DataType, by Divide) arrow.Array {
	n, total := t.count(), 0
	ends := make([]int32, n+2)
	for i := range n {
		if total += len(t.at(int32(i))); total > math.MaxInt32 {
			panic(TooBig("text"))
		}
		ends[i+2] = int32(total)
	}
	var all []byte
	if t.isWhole() {
		all = t.blocks[0]
	} else {
		all = make([]byte, total)
		largepages.Made(all)
		by.texts(n, func(from, to int) {
			for i := from; i < to; i++ {
				CopyText(all[ends[i+1]:ends[i+2]], t.at(int32(i)))
			}
		})
	}
	return FromText(of, ends, all, nullFirst(n+1))
}

// isWhole reports whether all texts are in one block.
func (t *textBlocks) isWhole() bool { return len(t.blocks) == 1 }

// textsOf returns the texts of codes; code 0 is NULL. It calls text only within pieces of by, and panics as Take
// does.
func textsOf(of arrow.DataType, codes []int32, text func(code int32) []byte, by Divide) arrow.Array {
	valid, offsets := arrowdata.FullValidity(len(codes)), largepages.Make[int32](len(codes)+1)
	by.texts(len(codes), func(from, to int) { // pieces share no byte of valid
		for i := from; i < to; i++ {
			offsets[i+1] = 0
			if codes[i] == 0 {
				arrowdata.ClearBit(valid, i)
			} else {
				offsets[i+1] = int32(len(text(codes[i])))
			}
		}
	})
	total := 0
	offsets[0] = 0
	for i, bytes := range offsets[1:] {
		if total += int(bytes); total > math.MaxInt32 {
			panic(TooBig("text"))
		}
		offsets[i+1] = int32(total)
	}
	block := largepages.Make[byte](total)
	by.texts(len(codes), func(from, to int) {
		for i := from; i < to; i++ {
			if codes[i] != 0 {
				CopyText(block[offsets[i]:offsets[i+1]], text(codes[i]))
			}
		}
	})
	return FromText(of, offsets, block, valid)
}
