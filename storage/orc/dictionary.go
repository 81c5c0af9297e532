package orc

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/largepages"
)

// dictionary holds the texts that a column's codes stand for in a stripe. A block is decompressed when a text in it
// is first wanted: of long values, such as those of maps, few rows need few blocks. Usage always counts the whole
// dictionary. It is safe for concurrent use.
type dictionary struct {
	texts       *array.String // only texts that all or loadTexts has loaded may be read
	text        []byte        // of texts, with the slack of decompression as capacity
	path        string        // of the file, for errors
	compression Compression

	missing atomic.Int32 // blocks that are not in the text yet
	mu      sync.Mutex   // guards blocks, and the text of the missing ones
	blocks  []dictionaryBlock
}

// dictionaryBlock is a stored block and its place in the text.
type dictionaryBlock struct {
	from, to int    // its range of the text
	size     int    // of its content; more than to-from in the last block only
	stored   []byte // nil: it is in the text
	original bool   // stored is not compressed
	at       int64  // in the file
}

// readDictionary reads a dictionary with the given number of texts.
func (r *textReader) readDictionary(entries int) (*dictionary, error) {
	c := choice{rows: entries, count: entries}
	lengths, offsets, size, err := r.bounds(c)
	if err != nil {
		return nil, err
	}
	defer giveInts(lengths)
	d := &dictionary{path: r.data.path, compression: r.data.compression}
	if err := d.readBlocks(r.data, size); err != nil {
		return nil, err
	}
	if d.text == nil {
		if d.text, err = r.texts(c, lengths, size, entries); err != nil {
			return nil, err
		}
	}
	d.missing.Store(int32(len(d.blocks)))
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(d.text)}
	d.texts = array.NewStringData(array.NewData(arrow.BinaryTypes.String, entries, buffers, nil, 0, 0))
	return d, nil
}

// readBlocks finds the blocks that hold size bytes and makes room for the text. It leaves the text nil if it must
// be read at once: the blocks do not say how long they are, or the file says that the text is very long.
func (d *dictionary) readBlocks(in *inStream, size int) error {
	length := in.end - in.begin
	saysSizes := in.compression == Zstd || in.compression == Snappy
	if !saysSizes || size == 0 || size > firstTextBytes || length > firstTextBytes {
		return nil
	}
	stored := largepages.Make[byte](int(length))
	if err := in.readAt(stored, in.begin); err != nil {
		return err
	}
	in.usage.read(length)
	in.window, in.windowAt = stored, in.begin
	defer func() { in.window, in.next = nil, in.begin }() // the blocks own this memory
	var blocks []dictionaryBlock
	for filled := 0; filled < size; {
		if in.next >= in.end {
			return in.damaged("the stream ends before its values do")
		}
		length, original, err := in.blockHeader()
		if err != nil {
			return err
		}
		content := stored[in.next-in.begin+blockHeaderBytes:][:length:length]
		bytes, known := length, original
		if !original {
			bytes, known = decodedSize(in.compression, content)
		}
		if !known || bytes > in.blockSize {
			return nil
		}
		in.usage.block(in.next, int64(blockHeaderBytes+length))
		blocks = append(blocks, dictionaryBlock{filled, min(filled+bytes, size), bytes, content, original, in.next})
		filled += bytes
		in.next += int64(blockHeaderBytes + length)
	}
	d.text, d.blocks = largepages.Make[byte](size + decompressSlack)[:size], blocks
	return nil
}

// all loads and returns all texts.
func (d *dictionary) all() (*array.String, error) {
	if d.missing.Load() == 0 {
		return d.texts, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.blocks {
		if err := d.load(i); err != nil {
			return nil, err
		}
	}
	return d.texts, nil
}

// loadTexts loads the texts of some codes.
func (d *dictionary) loadTexts(codes []int32) error {
	if d.missing.Load() == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	offsets := d.texts.ValueOffsets()
	for _, code := range codes {
		from, to := int(offsets[code]), int(offsets[code+1])
		if from == to {
			continue
		}
		for i := d.blockAt(from); i < len(d.blocks) && d.blocks[i].from < to; i++ {
			if err := d.load(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// blockAt is the block that holds a byte of the text. Usually all blocks but the last have the same size.
func (d *dictionary) blockAt(at int) int {
	if i := at / max(d.blocks[0].size, 1); i < len(d.blocks) && d.blocks[i].from <= at && at < d.blocks[i].to {
		return i
	}
	i, _ := slices.BinarySearchFunc(d.blocks, at, func(b dictionaryBlock, at int) int {
		if b.to <= at {
			return -1
		}
		return 1
	})
	return i
}

// load decompresses a block into the text, unless that is done. The caller holds mu.
func (d *dictionary) load(i int) error {
	b := &d.blocks[i]
	switch {
	case b.stored == nil:
		return nil
	case b.original:
		copy(d.text[b.from:b.to], b.stored)
	default:
		if err := d.decompressBlock(i); err != nil {
			return err
		}
	}
	b.stored = nil
	d.missing.Add(-1)
	return nil
}

func (d *dictionary) decompressBlock(i int) error {
	b := &d.blocks[i]
	into := d.text[:b.from]
	inPlace := b.size == b.to-b.from && d.hasSlack(i)
	if !inPlace {
		into = takeBuffer(b.size)
		defer giveBuffer(into)
	}
	content, err := decompress(d.compression, into, b.stored, b.size)
	if err != nil {
		return &CorruptError{Path: d.path, Offset: b.at, Reason: d.compression.String() + " block: " + err.Error()}
	}
	if content = content[len(into):]; len(content) < b.size {
		return &CorruptError{Path: d.path, Offset: b.at, Reason: fmt.Sprintf("a block holds %d bytes instead of %d", len(content), b.size)}
	}
	if !inPlace {
		copy(d.text[b.from:b.to], content)
	}
	return nil
}

// hasSlack reports whether a block can be decompressed in its place although that writes beyond its end.
func (d *dictionary) hasSlack(i int) bool {
	if i+1 == len(d.blocks) {
		return true
	}
	next := &d.blocks[i+1]
	return next.stored != nil && (next.to-next.from >= decompressSlack || i+2 == len(d.blocks))
}

// memoryBytes is the memory of the decompressed dictionary and, until then, of its blocks.
func (d *dictionary) memoryBytes() int64 {
	bytes := buffersBytes(d.texts.Data().Buffers())
	for _, b := range d.blocks {
		bytes += int64(cap(b.stored))
	}
	return bytes
}
