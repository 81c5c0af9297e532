package orc

import (
	"slices"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// placed is a stream with positions in the row index.
type placed struct {
	kind   orcpb.Stream_Kind
	extras int // numbers in a position after the byte: values into a run, and bits into a byte
}

// layout lists the streams of a column that have positions in row index entries, in their order.
func (s *Stripe) layout(c *column) []placed {
	var list []placed
	if _, ok := s.streamOf(c, orcpb.Stream_PRESENT); ok {
		list = append(list, placed{orcpb.Stream_PRESENT, 2})
	}
	switch c.kind {
	case orcpb.Type_STRUCT:
		return list
	case orcpb.Type_BOOLEAN:
		return append(list, placed{orcpb.Stream_DATA, 2})
	case orcpb.Type_FLOAT, orcpb.Type_DOUBLE:
		return append(list, placed{orcpb.Stream_DATA, 0})
	case orcpb.Type_TIMESTAMP, orcpb.Type_TIMESTAMP_INSTANT:
		return append(list, placed{orcpb.Stream_DATA, 1}, placed{orcpb.Stream_SECONDARY, 1})
	case orcpb.Type_LIST, orcpb.Type_MAP:
		return append(list, placed{orcpb.Stream_LENGTH, 1})
	case orcpb.Type_DECIMAL:
		if !s.reader.hasShortDecimals(c) {
			return append(list, placed{orcpb.Stream_DATA, 0}, placed{orcpb.Stream_SECONDARY, 1})
		}
	case orcpb.Type_STRING, orcpb.Type_VARCHAR, orcpb.Type_CHAR, orcpb.Type_BINARY:
		if !s.hasDictionary(c) {
			return append(list, placed{orcpb.Stream_DATA, 0}, placed{orcpb.Stream_LENGTH, 1})
		}
	}
	return append(list, placed{orcpb.Stream_DATA, 1})
}

func (s *Stripe) hasDictionary(c *column) bool {
	kind := s.encodings[c.id].kind
	return c.isText() && (kind == orcpb.ColumnEncoding_DICTIONARY || kind == orcpb.ColumnEncoding_DICTIONARY_V2)
}

// streamPlaces is where the row groups of a stripe begin in one stream.
type streamPlaces struct {
	extent
	blocks  []int64 // of each group, relative to the stream
	offsets []int64 // uncompressed bytes into the block
	inside  []bool  // the group begins inside a run or byte that begins there
}

// places reads the positions of a stream from the row index; ok is false if they make no sense.
func (s *Stripe) places(c *column, kind orcpb.Stream_Kind, index rowIndex) (p streamPlaces, ok bool) {
	p.extent = s.extentOf(c, kind)
	perByte := 2
	if s.reader.compression == None {
		perByte = 1
	}
	skip, extras := 0, 0
	for _, stream := range s.layout(c) {
		if extras = stream.extras; stream.kind == kind {
			break
		}
		skip += perByte + extras
	}
	groups := s.Groups()
	p.blocks, p.offsets, p.inside = make([]int64, groups), make([]int64, groups), make([]bool, groups)
	for i, entry := range index[:groups] {
		positions := entry.positions
		if len(positions) < skip+perByte+extras || positions[skip] > uint64(p.length) {
			return p, false
		}
		positions = positions[skip:]
		p.blocks[i] = int64(positions[0])
		p.offsets[i] = int64(positions[perByte-1]) * int64(perByte-1)
		p.inside[i] = slices.ContainsFunc(positions[perByte:perByte+extras], func(extra uint64) bool { return extra > 0 })
	}
	return p, slices.IsSorted(p.blocks)
}

// end is the end of the stored bytes that a group may need, relative to the stream. Only blocks in which groups
// begin have known borders.
func (p *streamPlaces) end(group int) int64 {
	if group+1 >= len(p.blocks) {
		return p.length
	}
	end, more := p.blocks[group+1], 0
	if p.offsets[group+1] > 0 {
		more = 1
	}
	if p.inside[group+1] { // the last run continues, perhaps in another block
		more = 2
	}
	for ; more > 0; more-- {
		if end = p.nextBlock(end); end == p.length {
			break
		}
	}
	return end
}

// nextBlock is the first known block after one.
func (p *streamPlaces) nextBlock(block int64) int64 {
	i, _ := slices.BinarySearch(p.blocks, block+1)
	if i == len(p.blocks) {
		return p.length
	}
	return p.blocks[i]
}

// note adds to usage the stretches between known blocks that a group may need.
func (p *streamPlaces) note(group int, plainBlock int64, usage *Usage) {
	start, end := p.blocks[group], p.end(group)
	if plainBlock > 0 {
		if p.inside[min(group+1, len(p.inside)-1)] {
			end = min(end+plainBlock, p.length)
		}
		for at := start / plainBlock * plainBlock; at < end; at += plainBlock {
			usage.block(p.offset+at, min(plainBlock, p.length-at))
		}
		return
	}
	if p.inside[group] {
		end = max(end, p.nextBlock(start))
	}
	for start < end {
		next := p.nextBlock(start)
		usage.block(p.offset+start, next-start)
		start = next
	}
}

// Cost adds to usage at most what Read of all rows of the group needs. Block borders are not known without reading
// them, so Cost notes stretches of blocks, which differ from the blocks that Read notes. Use one Usage for the
// Costs of a file and another for its Reads. It may read row indexes.
func (s *Stripe) Cost(group int, paths []Path, usage *Usage) (err error) {
	defer s.reader.recovered(&err)
	if err := s.checkGroup(group); err != nil {
		return err
	}
	for _, path := range paths {
		c, err := s.reader.tree.root.find(path)
		if err != nil {
			return err
		}
		cost := s.columnCost
		if path.Keys != nil && len(path.Keys) == 0 && !c.isMissing() { // no entries are read
			cost = s.nullsCost
		}
		if err := cost(group, c, s.seekable(c), usage); err != nil {
			return err
		}
	}
	return nil
}

// nullsCost notes the nulls of a column and of those above.
func (s *Stripe) nullsCost(group int, c *column, seekable bool, usage *Usage) error {
	nulls := slices.DeleteFunc(slices.Clone(s.layout(c)), func(stream placed) bool { return stream.kind != orcpb.Stream_PRESENT })
	if err := s.streamsCost(group, c, nulls, seekable, usage); err != nil {
		return err
	}
	return s.parentsCost(group, c, seekable, usage)
}

// columnCost notes a column with those below it and the nulls of those above.
func (s *Stripe) columnCost(group int, c *column, seekable bool, usage *Usage) error {
	if c.readsNothing() {
		return nil
	}
	for _, needed := range c.all() {
		if needed.isMissing() {
			continue
		}
		if err := s.streamsCost(group, needed, s.layout(needed), seekable, usage); err != nil {
			return err
		}
		if s.hasDictionary(needed) {
			s.noteWhole(needed, orcpb.Stream_DICTIONARY_DATA, usage)
			s.noteWhole(needed, orcpb.Stream_LENGTH, usage)
		}
	}
	return s.parentsCost(group, c, seekable, usage)
}

// parentsCost notes the nulls, and the lengths, of the columns above one.
func (s *Stripe) parentsCost(group int, c *column, seekable bool, usage *Usage) error {
	for parent := c.parent; parent != nil && parent.parent != nil; parent = parent.parent {
		if parent.isMissing() {
			continue
		}
		if err := s.streamsCost(group, parent, s.layout(parent), seekable, usage); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stripe) streamsCost(group int, c *column, streams []placed, seekable bool, usage *Usage) error {
	var index rowIndex
	if seekable {
		noted := usage
		if group == 0 { // its reader needs no index
			noted = nil
		}
		var err error
		if index, err = s.rowIndex(c, noted); err != nil {
			return err
		}
	}
	plainBlock := int64(0)
	if s.reader.compression == None {
		plainBlock = int64(s.reader.blockSize)
	}
	for _, stream := range streams {
		if index != nil {
			if p, ok := s.places(c, stream.kind, index); ok {
				p.note(group, plainBlock, usage)
				continue
			}
		}
		s.noteWhole(c, stream.kind, usage)
	}
	return nil
}

func (s *Stripe) noteWhole(c *column, kind orcpb.Stream_Kind, usage *Usage) {
	at := s.extentOf(c, kind)
	usage.block(at.offset, at.length)
}
