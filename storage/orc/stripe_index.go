package orc

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// loaded is a part of a stripe that is read once and shared.
type loaded[T any] struct {
	once   sync.Once
	value  T
	err    error
	blocks Usage // what it is made of; bytesRead goes to the first user only
}

// part gives a shared part of the stripe, reading it if nobody did, and notes its blocks.
func part[T any](s *Stripe, parts map[int]*loaded[T], c *column, usage *Usage, read func(*Usage) (T, error)) (T, error) {
	s.mu.Lock()
	p := parts[c.id]
	if p == nil {
		p = &loaded[T]{}
		parts[c.id] = p
	}
	s.mu.Unlock()
	p.once.Do(func() {
		defer s.reader.recovered(&p.err)
		p.value, p.err = read(&p.blocks)
		usage.read(p.blocks.bytesRead)
		p.blocks.bytesRead = 0
	})
	if usage != nil {
		usage.Merge(&p.blocks)
	}
	return p.value, p.err
}

func (s *Stripe) rowIndex(c *column, usage *Usage) (*orcpb.RowIndex, error) {
	return part(s, s.indexes, c, usage, func(blocks *Usage) (*orcpb.RowIndex, error) {
		index := &orcpb.RowIndex{}
		at := s.streams[streamKey{c.id, orcpb.Stream_ROW_INDEX}]
		if err := s.readIndex(at, index, blocks); err != nil {
			return nil, err
		}
		if len(index.GetEntry()) < s.Groups() {
			return nil, s.reader.corrupt(at.offset, "the row index of column %s has %d entries for %d row groups", c.path, len(index.GetEntry()), s.Groups())
		}
		return index, nil
	})
}

func (s *Stripe) bloom(c *column, usage *Usage) (*orcpb.BloomFilterIndex, error) {
	return part(s, s.blooms, c, usage, func(blocks *Usage) (*orcpb.BloomFilterIndex, error) {
		filters := &orcpb.BloomFilterIndex{}
		return filters, s.readIndex(s.bloomExtent(c), filters, blocks)
	})
}

// readIndex reads a message that counts as one block.
func (s *Stripe) readIndex(at extent, m proto.Message, blocks *Usage) error {
	blocks.block(at.offset, at.length)
	return s.reader.readMessage(at, m, blocks)
}

// dictionary gives the texts that the codes of a column stand for.
func (s *Stripe) dictionary(c *column, usage *Usage) (*array.String, error) {
	return part(s, s.dictionaries, c, usage, func(blocks *Usage) (*array.String, error) {
		scope := &readScope{usage: blocks}
		defer scope.close(&s.blocks)
		b := s.newBaseReader(c, scope)
		b.present = nil
		r := &textReader{baseReader: b, data: b.stream(orcpb.Stream_DICTIONARY_DATA),
			lengths: newIntReader(b.stream(orcpb.Stream_LENGTH), false, b.encoding)}
		size := s.encodings[c.id].GetDictionarySize()
		if size > maxElements || int64(size) > r.lengths.in.available()*maxIntRun {
			return nil, r.lengths.in.damaged("column %s has a dictionary of %d entries", c.path, size)
		}
		data, err := r.read(rowWindow{n: int(size)})
		if err != nil {
			return nil, err
		}
		texts := array.NewData(arrow.BinaryTypes.String, data.Len(), data.Buffers(), nil, 0, 0)
		return array.NewStringData(texts), nil
	})
}
