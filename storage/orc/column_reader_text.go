package orc

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// maxTextBytes is the most text of one array: Arrow's offsets have 31 bits.
const maxTextBytes = math.MaxInt32

// maxReadBytes is more than the values of a row group can have in any file.
const maxReadBytes = 1 << 37

// firstTextBytes is the most memory allocated for text before any of it is read.
const firstTextBytes = 64 << 20

// codeType is the type of text columns returned with their dictionary.
var codeType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

func newTextReader(b *baseReader, asCodes bool) (columnReader, error) {
	switch b.encoding {
	case orcpb.ColumnEncoding_DICTIONARY, orcpb.ColumnEncoding_DICTIONARY_V2:
		if !b.column.isText() {
			return nil, b.stripe.reader.corrupt(-1, "column %s of type %v has a dictionary", b.column.path, b.column.kind)
		}
		isPart := !asCodes && b.column.isPart()
		return &codeReader{baseReader: b, asCodes: asCodes || isPart, isPart: isPart,
			codes: b.ints(orcpb.Stream_DATA, false)}, nil
	}
	return &textReader{baseReader: b, data: b.stream(orcpb.Stream_DATA),
		lengths: b.ints(orcpb.Stream_LENGTH, false)}, nil
}

// fewPerEntry decides when parts of structs and lists come as texts: if the dictionary has more than fewPerEntry
// entries for each selected value, it is larger than their texts.
const fewPerEntry = 8

// textReader reads strings and binary values that are stored one after the other.
type textReader struct {
	*baseReader
	data    *inStream
	lengths *intReader
}

func (r *textReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.stream(r.data)
	p.ints(r.lengths)
	return p.err
}

func (r *textReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	return r.lengths.eachRun(values, func(lengths []int64) error {
		total, err := r.sum(lengths)
		if err != nil {
			return err
		}
		return r.data.skip(total)
	})
}

// sum adds up lengths. It refuses lengths that the stream cannot have.
func (r *textReader) sum(lengths []int64) (total int64, err error) {
	limit := min(r.data.available(), maxReadBytes) // so that no sum overflows
	wrong := int64(0)                              // negative if a length is, or is above the limit
	for _, n := range lengths {
		total += n
		wrong |= n | (limit - n)
	}
	if wrong < 0 || total > limit {
		return 0, r.lengths.in.damaged("a value of column %s has more bytes than there are", r.column.path)
	}
	return total, nil
}

func (r *textReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	lengths, offsets, size, err := r.bounds(c)
	if err != nil {
		return nil, err
	}
	defer giveInts(lengths)
	text, err := r.texts(c, lengths, size, w.n)
	if err != nil {
		return nil, err
	}
	return newArray(r.column.dataType, c, nil, arrow.Int32Traits.CastToBytes(offsets), text), nil
}

// bounds reads the lengths of the values up to the last wanted one. It returns them, where the wanted values begin
// in the result, and the result's size in bytes. The caller must release the lengths with giveInts.
func (r *textReader) bounds(c choice) (lengths []int64, offsets []int32, size int, err error) {
	lengths = takeInts(c.span())
	if err = r.lengths.next(lengths); err == nil {
		_, err = r.sum(lengths)
	}
	if err != nil {
		giveInts(lengths)
		return nil, nil, 0, err
	}
	offsets = largepages.Make[int32](c.rows + 1)
	bytes := fillOffsets(offsets, c, lengths)
	if bytes > maxTextBytes {
		giveInts(lengths)
		return nil, nil, 0, &UnsupportedError{Path: r.stripe.reader.path, What: "more than 2 GiB of column " + r.column.path + " at once"}
	}
	return lengths, offsets, int(bytes), nil
}

// fillOffsets finds where the result's values begin, and their size; offsets are valid if it is at most
// maxTextBytes.
func fillOffsets(offsets []int32, c choice, lengths []int64) (size int64) {
	offsets[0] = 0
	offsets = offsets[1 : c.rows+1]
	switch {
	case c.at == nil && c.nulls == 0:
		for row, n := range lengths[:len(offsets)] {
			size += n
			offsets[row] = int32(size)
		}
	case c.at == nil:
		for row, value := 0, 0; row < len(offsets); row++ {
			if c.valid.has(row) {
				size += lengths[value]
				value++
			}
			offsets[row] = int32(size)
		}
	default:
		for row, value := 0, 0; row < len(offsets); row++ {
			if c.valid.has(row) {
				size += lengths[c.at[value]]
				value++
			}
			offsets[row] = int32(size)
		}
	}
	return size
}

// texts reads the wanted values among the next slots; their text has size bytes.
func (r *textReader) texts(c choice, lengths []int64, size, slots int) ([]byte, error) {
	if c.at == nil {
		return r.data.readAll(size)
	}
	r.readFewBlocks(c, slots)
	text := largepages.Make[byte](min(size, firstTextBytes) + decompressSlack)[:0]
	g := textGatherer{data: r.data, lengths: lengths}
	for _, wanted := range c.at {
		var err error
		if text, err = g.append(text, wanted); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// readFewBlocks limits reading to the blocks of the wanted values if these are few among the slots.
func (r *textReader) readFewBlocks(c choice, slots int) {
	if c.span() > gatherDense*c.count || gatherDense*c.span() < slots {
		r.data.wise, r.data.of = r.data.begin, nil
	}
}

// textGatherer copies some values of a stream, in their order.
type textGatherer struct {
	data    *inStream
	lengths []int64
	at      int32 // the value after the last one wanted
	gap     int64 // bytes of earlier values still to pass over
}

// append appends a value to dst.
func (g *textGatherer) append(dst []byte, wanted int32) ([]byte, error) {
	for ; g.at < wanted; g.at++ {
		g.gap += g.lengths[g.at]
	}
	n := int(g.lengths[wanted])
	g.at++
	if n == 0 {
		return dst, nil
	}
	if err := g.data.skip(g.gap); err != nil {
		return nil, err
	}
	g.gap = 0
	return g.data.append(dst, n)
}

// codeReader reads strings that are stored with a dictionary.
type codeReader struct {
	*baseReader
	codes   *intReader
	asCodes bool
	isPart  bool // of a larger value, so that few values come as texts
}

func (r *codeReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.ints(r.codes)
	return p.err
}

func (r *codeReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	return r.codes.skip(values)
}

func (r *codeReader) read(w rowWindow) (arrow.ArrayData, error) {
	dictionary, err := r.stripe.dictionary(r.column, r.scope.usage)
	if err != nil {
		return nil, err
	}
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	values := takeInts(c.rows)
	defer giveInts(values)
	if err := r.codes.wanted(c, values); err != nil {
		return nil, err
	}
	codes := largepages.Make[int32](c.rows)
	size := uint64(dictionary.texts.Len())
	for i, v := range values[:c.count] {
		if uint64(v) >= size {
			return nil, r.codes.in.damaged("column %s refers to entry %d of a dictionary of %d", r.column.path, v, size)
		}
		codes[i] = int32(v)
	}
	isFew := w.sel != nil && c.count*fewPerEntry < int(size)
	if !r.asCodes || r.isPart && isFew {
		if err := dictionary.loadTexts(codes[:c.count]); err != nil {
			return nil, err
		}
		return r.materialise(c, dictionary.texts, codes)
	}
	texts, err := dictionary.all()
	if err != nil {
		return nil, err
	}
	spread(codes, c.valid, c.count)
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(codes))}
	if c.nulls > 0 {
		buffers[0] = memory.NewBufferBytes(c.valid)
	}
	return array.NewDataWithDictionary(codeType, c.rows, buffers, c.nulls, 0, texts.Data().(*array.Data)), nil
}

// materialise copies the texts of the first c.count codes.
func (r *codeReader) materialise(c choice, texts *array.String, codes []int32) (arrow.ArrayData, error) {
	starts, all := texts.ValueOffsets(), texts.ValueBytes()
	offsets := largepages.Make[int32](c.rows + 1)
	offsets[0] = 0
	value, end := 0, 0
	for row := range c.rows {
		if c.valid.has(row) {
			code := codes[value]
			if end += int(starts[code+1] - starts[code]); end > maxTextBytes {
				return nil, &UnsupportedError{Path: r.stripe.reader.path, What: "more than 2 GiB of column " + r.column.path + " at once"}
			}
			value++
		}
		offsets[row+1] = int32(end)
	}
	text := largepages.Make[byte](end)
	at := 0
	for _, code := range codes[:c.count] {
		at += copy(text[at:], all[starts[code]:starts[code+1]])
	}
	return newArray(r.column.dataType, c, nil, arrow.Int32Traits.CastToBytes(offsets), text), nil
}
