package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// unionReader reads unions as Arrow's sparse unions. Those have no NULL of their own: a NULL becomes a NULL of the
// first variant.
type unionReader struct {
	*baseReader
	tags     *byteReader
	variants []columnReader
}

func newUnionReader(b *baseReader, variants []columnReader) *unionReader {
	return &unionReader{baseReader: b, tags: &byteReader{in: b.stream(orcpb.Stream_DATA)}, variants: variants}
}

func (r *unionReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	if p.bytes(r.tags); p.err != nil {
		return p.err
	}
	for _, v := range r.variants {
		if err := v.seek(group); err != nil {
			return err
		}
	}
	return nil
}

func (r *unionReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	counts := make([]int, len(r.variants))
	tags := make([]byte, min(values, maxIntRun))
	for values > 0 {
		tags = tags[:min(values, len(tags))]
		if err := r.tags.next(tags); err != nil {
			return err
		}
		for _, tag := range tags {
			if int(tag) >= len(counts) {
				return r.badTag(tag)
			}
			counts[tag]++
		}
		values -= len(tags)
	}
	for i, v := range r.variants {
		if err := v.skip(counts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *unionReader) badTag(tag byte) error {
	return r.tags.in.damaged("column %s has variant %d of %d", r.column.path, tag, len(r.variants))
}

func (r *unionReader) read(w rowWindow) (arrow.ArrayData, error) {
	valid, err := r.validity(w)
	if err != nil {
		return nil, err
	}
	count := valid.count(w.n)
	tags := make([]byte, w.n)
	if err := r.tags.next(tags[:count]); err != nil {
		return nil, err
	}
	spread(tags, valid, count)
	having := make([]bitmap, len(r.variants)) // the rows of each variant
	for i := range having {
		having[i] = newBitmap(w.n)
	}
	for row, tag := range tags {
		if int(tag) >= len(having) {
			return nil, r.badTag(tag)
		}
		if valid.has(row) {
			having[tag].set(row)
		}
	}
	children := make([]arrow.ArrayData, len(r.variants))
	for i, v := range r.variants {
		if children[i], err = v.read(rowWindow{n: w.n, exists: having[i], sel: w.sel}); err != nil {
			return nil, err
		}
	}
	tags = selected(tags, w.sel)
	return array.NewData(r.column.dataType, len(tags), []*memory.Buffer{nil, memory.NewBufferBytes(tags)}, children, 0, 0), nil
}

// selected returns the tags of the wanted rows.
func selected(tags []byte, sel []int32) []byte {
	if sel == nil {
		return tags
	}
	picked := make([]byte, len(sel))
	for i, row := range sel {
		if row >= 0 {
			picked[i] = tags[row]
		}
	}
	return picked
}
