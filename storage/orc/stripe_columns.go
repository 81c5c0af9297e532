package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/decoded"
)

// columnKey is the cache's key of a decoded column of a row group.
type columnKey struct {
	file   uint64
	stripe int
	group  int
	column *column // with its type: callers read files as different types
}

// keptColumn is a cached column of a row group, all rows, and the blocks it was read from. It does not change.
type keptColumn struct {
	dataType arrow.DataType
	rows     int
	nulls    int
	buffers  []*memory.Buffer
	blocks   *Usage
	// isOfOneBlock: it has at most one block of each stream, so reading any of its values needs the same as reading
	// all.
	isOfOneBlock bool
}

// readKept is readPath through the cache. It caches columns that are asked for whole repeatedly, and of others
// their decompressed blocks. A cache that holds everything caches the blocks in any case. What it notes in usage
// does not depend on the cache.
func (s *Stripe) readKept(group int, path Path, sel []int32, usage *Usage) (arrow.ArrayData, error) {
	c, err := s.reader.tree.root.find(path)
	if err != nil {
		return nil, err
	}
	if sel != nil && s.readsWhole(c, group, path, sel) {
		data, err := s.readKept(group, path, nil, usage)
		if err != nil {
			return nil, err
		}
		return atRows(data, sel), nil
	}
	if !s.isKeepable(c, path) {
		return s.readPath(c, group, path, sel, true, usage)
	}
	key := columnKey{s.reader.id, s.number, group, c}
	if sel != nil {
		if data, err := s.readSelectedOfKept(key, path, sel, usage); data != nil || err != nil {
			return data, err
		}
		return s.readPath(c, group, path, sel, true, usage)
	}
	if kept, ok := s.reader.cache.Get(key); ok {
		return s.restore(c, kept.(*keptColumn), usage)
	}
	blocks := &Usage{}
	data, err := s.readPath(c, group, path, nil, s.reader.cache.Holds(), blocks)
	if usage != nil {
		usage.Merge(blocks)
	}
	if err == nil && s.reader.cache.AskedBefore(key) {
		s.keepColumn(key, data, blocks)
	}
	return data, err
}

// keepColumn caches a column of a row group that was read from blocks, which then belong to the cache.
func (s *Stripe) keepColumn(key columnKey, data arrow.ArrayData, blocks *Usage) *keptColumn {
	blocks.bytesRead = 0
	kept := &keptColumn{dataType: data.DataType(), rows: data.Len(), nulls: data.NullN(), buffers: data.Buffers(), blocks: blocks}
	kept.isOfOneBlock = s.isOfOneBlock(key.column, blocks)
	s.reader.cache.Put(key, kept, buffersBytes(kept.buffers)+blocks.memoryBytes(), decoded.Data)
	return kept
}

// isKeepable reports whether the column has one value for each row, so that its buffers are all of it.
func (s *Stripe) isKeepable(c *column, path Path) bool {
	return s.reader.cache != nil && path.Keys == nil && len(c.children) == 0 && !c.isMissing() && !c.isRepeated()
}

// restore makes an array of a cached column. Its dictionary is the stripe's, which is cached apart.
func (s *Stripe) restore(c *column, kept *keptColumn, usage *Usage) (arrow.ArrayData, error) {
	if usage != nil {
		usage.Merge(kept.blocks)
	}
	if kept.dataType != codeType {
		return array.NewData(kept.dataType, kept.rows, kept.buffers, nil, kept.nulls, 0), nil
	}
	dictionary, err := s.dictionary(c, usage)
	if err != nil {
		return nil, err
	}
	texts, err := dictionary.all()
	if err != nil {
		return nil, err
	}
	return array.NewDataWithDictionary(codeType, kept.rows, kept.buffers, kept.nulls, 0, texts.Data().(*array.Data)), nil
}
