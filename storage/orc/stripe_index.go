package orc

import (
	"sync"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// loaded is a part of a stripe that is read once and shared.
type loaded[T any] struct {
	once sync.Once
	kept *keptPart[T]
	err  error
}

// keptPart is a cached part of a stripe and the blocks it was made from. It does not change.
type keptPart[T any] struct {
	value  T
	blocks *Usage
}

// partKey is the cache's key of a part of a stripe, or of one of its columns.
type partKey struct {
	file   uint64
	kind   partKind
	stripe int
	column int
}

type partKind uint8

const (
	layoutPart partKind = iota
	indexPart
	bloomPart
	dictionaryPart
)

// part returns a shared part of a column of the stripe, and notes its blocks. If neither the stripe nor the cache
// has it, read reads it and returns its bytes of memory; usage then has what was read of the file.
func part[T any](s *Stripe, kind partKind, parts map[int]*loaded[T], c *column, usage *Usage, read func(*Usage) (T, int64, error)) (T, error) {
	s.mu.Lock()
	p := parts[c.id]
	if p == nil {
		p = &loaded[T]{}
		parts[c.id] = p
	}
	s.mu.Unlock()
	p.once.Do(func() {
		p.kept = &keptPart[T]{blocks: &Usage{}}
		key := partKey{s.reader.id, kind, s.number, c.id}
		defer s.reader.cache.Lock(key)()
		if kept, ok := s.reader.cache.Get(key); ok {
			p.kept = kept.(*keptPart[T])
			return
		}
		defer s.reader.recovered(&p.err)
		var bytes int64
		p.kept.value, bytes, p.err = read(p.kept.blocks)
		usage.read(p.kept.blocks.bytesRead)
		p.kept.blocks.bytesRead = 0
		if p.err == nil {
			s.reader.cache.Put(key, p.kept, bytes+p.kept.blocks.memoryBytes(), decoded.Structure)
		}
	})
	if usage != nil {
		usage.Merge(p.kept.blocks)
	}
	return p.kept.value, p.err
}

func (s *Stripe) rowIndex(c *column, usage *Usage) (rowIndex, error) {
	return part(s, indexPart, s.indexes, c, usage, func(blocks *Usage) (rowIndex, int64, error) {
		at := s.extentOf(c, orcpb.Stream_ROW_INDEX)
		content, err := s.readIndex(at, blocks)
		if err != nil {
			return nil, 0, err
		}
		index, err := decodeRowIndex(content)
		if err != nil {
			return nil, 0, s.reader.corrupt(at.offset, "row index: %v", err)
		}
		if len(index) < s.Groups() {
			return nil, 0, s.reader.corrupt(at.offset, "the row index of column %s has %d entries for %d row groups", c.path, len(index), s.Groups())
		}
		return index, int64(cap(content)) + index.memoryBytes(), nil
	})
}

func (s *Stripe) bloom(c *column, usage *Usage) ([]bloomFilter, error) {
	return part(s, bloomPart, s.blooms, c, usage, func(blocks *Usage) ([]bloomFilter, int64, error) {
		at := s.bloomExtent(c)
		content, err := s.readIndex(at, blocks)
		if err != nil {
			return nil, 0, err
		}
		filters, err := decodeBlooms(content)
		if err != nil {
			return nil, 0, s.reader.corrupt(at.offset, "bloom filters: %v", err)
		}
		return filters, int64(cap(content)) + int64(cap(filters))*int64(unsafe.Sizeof(bloomFilter{})), nil
	})
}

// readIndex reads a message that counts as one block.
func (s *Stripe) readIndex(at extent, blocks *Usage) ([]byte, error) {
	blocks.block(at.offset, at.length)
	return s.reader.readStored(at, blocks)
}

// dictionary returns the texts that the codes of a column stand for.
func (s *Stripe) dictionary(c *column, usage *Usage) (*dictionary, error) {
	return part(s, dictionaryPart, s.dictionaries, c, usage, func(blocks *Usage) (*dictionary, int64, error) {
		scope := &readScope{usage: blocks}
		defer scope.close(&s.blocks)
		b := s.newBaseReader(c, scope)
		b.present = nil
		r := &textReader{baseReader: b, data: b.stream(orcpb.Stream_DICTIONARY_DATA),
			lengths: b.ints(orcpb.Stream_LENGTH, false)}
		size := s.encodings[c.id].dictionarySize
		if size > maxElements || int64(size) > r.lengths.in.available()*maxIntRun {
			return nil, 0, r.lengths.in.damaged("column %s has a dictionary of %d entries", c.path, size)
		}
		d, err := r.readDictionary(int(size))
		if err != nil {
			return nil, 0, err
		}
		return d, d.memoryBytes(), nil
	})
}

// buffersBytes is the memory of an array's buffers.
func buffersBytes(buffers []*memory.Buffer) (bytes int64) {
	for _, b := range buffers {
		if b != nil {
			bytes += int64(b.Cap())
		}
	}
	return bytes
}
