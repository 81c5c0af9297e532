package exec

import (
	"context"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// keyLevel orders rows that are equal on all earlier levels: by a word packed from parts, by the rest of texts, or,
// for types without a normalised form, by comparing.
type keyLevel struct {
	parts    []wordPart
	text     *textKey
	textFrom int // bytes of each text that earlier levels compared
	compare  rowOrder
}

// wordPart is width bits of a keyPart's number, from bit low on.
type wordPart struct {
	read  func(row int32) uint64
	low   int
	width int
}

// word returns the level's number of a row. The words of two rows order like the rows.
func (l *keyLevel) word(row int32) uint64 {
	w := uint64(0)
	for _, p := range l.parts {
		w = w<<p.width | p.read(row)>>p.low&lowBits(p.width)
	}
	return w
}

func lowBits(n int) uint64 { return math.MaxUint64 >> (64 - n) }

// levelsOf normalises the keys of t's rows. Numbers are counted from the least one, dictionary entries are ranked,
// and as many keys as fit are packed into one 64-bit word.
func (p *keyPacker) levelsOf(t *table, keys []sortKey) []keyLevel {
	for _, k := range keys {
		p.pack(t.columns[k.position], k)
	}
	p.flush()
	return p.levels
}

// keyPacker packs keys into levels.
type keyPacker struct {
	ctx     context.Context // of the workers
	workers int             // workers that rank dictionary entries

	levels []keyLevel
	word   []wordPart // the level that is being packed
	used   int        // bits in word
}

func (p *keyPacker) flush() {
	if p.used > 0 {
		p.levels = append(p.levels, keyLevel{parts: p.word})
	}
	p.word, p.used = nil, 0
}

// packPart adds a part. What does not fit into the word goes into the next one.
func (p *keyPacker) packPart(part keyPart) {
	for part.width > 0 {
		if p.used == 64 {
			p.flush()
		}
		width := min(64-p.used, part.width)
		part.width -= width
		p.used += width
		p.word = append(p.word, wordPart{read: part.read, low: part.width, width: width})
	}
}

func (p *keyPacker) pack(a arrow.Array, key sortKey) {
	if a.NullN() == a.Len() {
		return
	}
	valid := arrowdata.Validity(a)
	if valid != nil {
		p.packPart(keyPart{width: 1, read: func(row int32) uint64 {
			if arrowdata.IsSet(valid, int(row)) == key.nullsFirst {
				return 1
			}
			return 0
		}})
	}
	if text := textKeyOf(a, valid, key); text != nil {
		p.packText(text)
		return
	}
	var parts []keyPart
	d, ok := a.(*array.Dictionary)
	if ok {
		parts = []keyPart{p.rankPart(d, key)}
	} else {
		parts, ok = keyParts(a, valid, key, gathering{workers: p.workers}.divide(p.ctx, a.Len()))
	}
	if !ok {
		p.flush()
		p.levels = append(p.levels, keyLevel{compare: columnOrder(a, key)})
		return
	}
	for _, part := range parts {
		if valid != nil {
			read := part.read
			part.read = func(row int32) uint64 {
				if !arrowdata.IsSet(valid, int(row)) {
					return 0
				}
				return read(row)
			}
		}
		p.packPart(part)
	}
}

// packText packs as many of the texts' first bytes into the word as fit. The rest is a level of its own.
func (p *keyPacker) packText(text *textKey) {
	const few = 2
	from := text.commonPrefix()
	bytes := (64 - p.used - chunkLengthBits) / 8
	if bytes < few {
		p.flush()
		bytes = chunkBytes
	}
	p.packPart(keyPart{width: 8*bytes + chunkLengthBits, read: func(row int32) uint64 { return text.chunk(row, from, bytes) }})
	p.flush()
	p.levels = append(p.levels, keyLevel{text: text, textFrom: from + bytes})
}

// rankPart returns a part by the ranks of a dictionary's entries.
func (p *keyPacker) rankPart(d *array.Dictionary, key sortKey) keyPart {
	codes := batch.Codes(d)
	ranks, number := p.rankEntries(d.Dictionary(), key)
	last := uint64(number - 1)
	part := keyPart{width: bits.Len64(last), read: func(row int32) uint64 { return uint64(ranks[codes[row]]) }}
	if key.descending {
		part.read = func(row int32) uint64 { return last - uint64(ranks[codes[row]]) }
	}
	return part
}

// rankEntries returns the rank of each value among the distinct values, ascending, and the number of these. No
// value may be NULL.
func (p *keyPacker) rankEntries(values arrow.Array, key sortKey) (ranks []int32, number int) {
	key = sortKey{valueType: key.valueType, nullsFirst: key.nullsFirst}
	order := columnOrder(values, key)
	n := values.Len()
	s := newRowSorter(p.ctx, n, p.workers)
	s.levels = (&keyPacker{ctx: p.ctx, workers: p.workers}).levelsOf(&table{columns: []arrow.Array{values}, rows: n}, []sortKey{key})
	ranks = make([]int32, n)
	rows, before := s.sorted(), make([]int, s.pieces(n)) // before: distinct values before each piece
	s.each(n, func(from, to int) {
		distinct := 0
		for i, row := range rows[from:to] {
			if from+i == 0 || order(rows[from+i-1], row) != 0 {
				distinct++
			}
			ranks[row] = int32(distinct - 1)
		}
		before[from/s.pieceRows] = distinct
	})
	for piece, distinct := range before {
		before[piece] = number
		number += distinct
	}
	s.each(n, func(from, to int) {
		for _, row := range rows[from:to] {
			ranks[row] += int32(before[from/s.pieceRows])
		}
	})
	return ranks, number
}
