package batch

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// partCodes encodes lists and maps by the codes of their parts: elements, or keys and values. Parts are looked up
// column by column, a dictionary entry once. The encoding has four bytes per part.
type partCodes struct {
	parts []*Interner
	// codes are the codes of the parts of the rows looked up, by part. firsts[i] is where row i's elements begin.
	codes  [][]int32
	firsts []int32
	pairs  []codePair // scratch for one map

	encoded []byte  // the keys, end to end
	ends    []int32 // where each key ends in encoded, after a 0
	unknown []int32 // rows with an unknown part
}

// codePair holds the codes of a key and of its value.
type codePair struct{ key, value int32 }

// newPartCodes returns nil for types that have no parts.
func newPartCodes(t arrow.DataType) *partCodes {
	p := &partCodes{}
	switch t := t.(type) {
	case *arrow.ListType:
		p.parts = []*Interner{NewInterner(t.Elem())}
	case *arrow.MapType:
		p.parts = []*Interner{NewInterner(t.KeyType()), NewInterner(t.ItemType())}
	default:
		return nil
	}
	for _, part := range p.parts {
		part.WithoutValues()
	}
	p.codes = make([][]int32, len(p.parts))
	return p
}

// lookup looks up the parts of all rows of a; by divides the work.
func (p *partCodes) lookup(a arrow.Array, insert bool, by Divide) error {
	parts, firsts := partsOf(a)
	p.firsts = firsts
	return lookUpParts(by, p.parts, parts, p.codes, insert)
}

// lookUpParts looks up the parts of values, each in its own interner. by divides the work if the parts are long. It
// resizes the codes of each part to the part's length.
func lookUpParts(by Divide, of []*Interner, parts []arrow.Array, codes [][]int32, insert bool) error {
	const manyParts = PieceRows / 4
	if by == nil || len(parts) < 2 || parts[0].Len() < manyParts {
		by = InTurn
	} else {
		for _, part := range parts { // two parts may share data
			CountNulls(part)
		}
	}
	errs := make([]error, len(parts))
	by(len(parts), func(i int) {
		codes[i] = resize(codes[i], parts[i].Len())
		errs[i] = of[i].lookup(Vector{Array: parts[i]}, parts[i].Len(), codes[i], insert)
	})
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// partsOf returns the columns of the parts of lists or maps, and the offsets of each row's elements.
func partsOf(a arrow.Array) (parts []arrow.Array, firsts []int32) {
	of := func(elements arrow.Array) arrow.Array {
		return array.NewSlice(elements, int64(firsts[0]), int64(firsts[len(firsts)-1]))
	}
	switch a := a.(type) {
	case *array.Map:
		firsts, _ = Lists(a)
		return []arrow.Array{of(a.Keys()), of(a.Items())}, firsts
	case *array.List:
		firsts, _ = Lists(a)
		return []arrow.Array{of(a.ListValues())}, firsts
	}
	return nil, nil
}

// keys returns the encodings of the rows looked up, NULL where valid says so, and the rows with an unknown part.
// Both are valid until the next call.
func (p *partCodes) keys(valid []byte, rows int) (keys *array.String, unknown []int32) {
	parts := 0
	for _, codes := range p.codes {
		parts += len(codes)
	}
	p.encoded, p.ends, p.unknown = slices.Grow(p.encoded[:0], 4*parts), append(slices.Grow(p.ends[:0], rows+1), 0), p.unknown[:0]
	for row := range rows {
		if arrowdata.IsValid(valid, row) {
			isKnown := false
			if p.encoded, isKnown = p.appendKey(p.encoded, row); !isKnown {
				p.unknown = append(p.unknown, int32(row))
			}
		}
		if len(p.encoded) > math.MaxInt32 {
			panic(TooBig("text"))
		}
		p.ends = append(p.ends, int32(len(p.encoded)))
	}
	return FromText(arrow.BinaryTypes.String, p.ends, p.encoded, valid).(*array.String), p.unknown
}

// appendKey appends the encoding of a row that was looked up and is not NULL. It returns false if a part is Absent.
func (p *partCodes) appendKey(key []byte, row int) ([]byte, bool) {
	first, end := p.firsts[row]-p.firsts[0], p.firsts[row+1]-p.firsts[0]
	if len(p.parts) == 2 {
		return p.appendMap(key, first, end)
	}
	for _, code := range p.codes[0][first:end] {
		if code == Absent {
			return key, false
		}
		key = binary.LittleEndian.AppendUint32(key, uint32(code))
	}
	return key, true
}

// appendMap appends the entries [first, end) in the order of their keys' codes, as equal maps may have their
// entries in different orders.
func (p *partCodes) appendMap(key []byte, first, end int32) ([]byte, bool) {
	p.pairs = p.pairs[:0]
	for i := first; i < end; i++ {
		pair := codePair{p.codes[0][i], p.codes[1][i]}
		if pair.key == Absent || pair.value == Absent {
			return key, false
		}
		p.pairs = append(p.pairs, pair)
	}
	slices.SortFunc(p.pairs, func(a, b codePair) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.value, b.value))
	})
	for _, pair := range p.pairs {
		key = binary.LittleEndian.AppendUint32(key, uint32(pair.key))
		key = binary.LittleEndian.AppendUint32(key, uint32(pair.value))
	}
	return key, true
}

// finder returns partCodes that find what p has and use their own memory for lookups.
func (p *partCodes) finder() *partCodes {
	f := &partCodes{codes: make([][]int32, len(p.parts))}
	for _, in := range p.parts {
		f.parts = append(f.parts, in.Finder())
	}
	return f
}

func (p *partCodes) forget() {
	for _, in := range p.parts {
		in.forget()
	}
}

func (p *partCodes) sizeBytes() int64 {
	const pairBytes = 8
	size := pairBytes*int64(cap(p.pairs)) + int64(cap(p.encoded)) + 4*int64(cap(p.ends)+cap(p.unknown))
	for i, in := range p.parts {
		size += in.SizeBytes() + 4*int64(cap(p.codes[i]))
	}
	return size
}

// growthBytes returns what lookup of an array may allocate, and the length of its rows' encodings.
func (p *partCodes) growthBytes(a arrow.Array) (size, encoded int64) {
	parts, _ := partsOf(a)
	for i, part := range parts {
		size += p.parts[i].GrowthBytes(Vector{Array: part}, part.Len()) + 4*int64(part.Len())
		encoded += 4 * int64(part.Len())
	}
	const rowBytes = 8 // of ends and unknown
	return size + encoded + rowBytes*int64(a.Len()+1), encoded
}
