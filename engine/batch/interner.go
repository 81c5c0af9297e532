package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// Interner assigns codes to the distinct values of a column, as GROUP BY and DISTINCT distinguish them.
//
// NULL is a value, NaN equals NaN, 0.0 equals -0.0, and instants are equal in all time zones. Code 0 is NULL; the
// others count from 1 in order of first appearance.
type Interner struct {
	words *WordTable // fixed-width values of up to 64 bits, and instants of that width
	zones []int32    // zone of each word's first row, if words are instants
	rows  *rowTable  // rows
	texts *TextTable // strings, and the encoding of all other types
	parts *partCodes // encodes lists and maps; nil: AppendKey encodes values
	// firsts holds the first row of each distinct value of encoded types, and of rows whose codes do not determine
	// them, unless isValueless. They take firstsBytes.
	firsts      []arrow.Array
	firstsBytes int64
	isValueless bool // the values are never read, and firsts is empty
	valueType   arrow.DataType

	dictionary arrow.ArrayData // the dictionary that dictCodes belongs to
	dictCodes  []int32         // code per dictionary entry, or unresolved; nil: only fewRows were looked up
	fewRows    int             // rows seen with that dictionary before dictCodes are made
	known      []int32         // id per dictionary entry; nil: the dictionary has none
	scratch    []byte
	mayKeep    bool // may refer to the memory of inserted texts

	lake     *TextNumbers   // nil: texts have no ids
	numbered *numberedCodes // nil until a dictionary has ids
	found    *foundCodes    // shared by all finders
	isFinder bool           // texts and numbered are another Interner's

	by Divide // divides the work on the parts of values; nil: InTurn
}

// Absent is the code of a value that Find does not know.
const Absent int32 = -1

const unresolved int32 = -2

// The code of a dictionary entry that is about to be inserted.
const underway int32 = -3

// zoneBytes is the memory of a value's time zone.
const zoneBytes = 4

// NewInterner returns an empty Interner for arrays of type t, or dictionaries of it.
func NewInterner(t arrow.DataType) *Interner {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	in := &Interner{valueType: t, found: &foundCodes{}}
	if isWord(t) || hasWordInstants(t) {
		in.words = &WordTable{}
	} else if in.rows = newRowTable(t); in.rows == nil {
		in.texts, in.parts = &TextTable{}, newPartCodes(t)
	}
	return in
}

// Insert writes the code of each row of v to codes (of length rows). New values get the next codes.
func (in *Interner) Insert(v Vector, rows int, codes []int32) error {
	return in.lookup(v, rows, codes, true)
}

// KeepTexts lets the interner refer to the memory of texts inserted from now on, instead of copying them. That
// memory must never change, and must hold little besides these texts, so that SizeBytes is what the interner keeps
// alive.
func (in *Interner) KeepTexts() { in.mayKeep = true }

// WithoutValues lets the interner drop the values that it does not need itself. Values and the like must not be
// called afterwards.
func (in *Interner) WithoutValues() {
	in.isValueless = true
	for _, part := range in.partInterners() {
		part.WithoutValues()
	}
}

// DivideLookups sets by to divide the work on the parts of nested values.
func (in *Interner) DivideLookups(by Divide) {
	in.by = by
	for _, part := range in.partInterners() {
		part.DivideLookups(by)
	}
}

// partInterners returns the interners of the parts of nested values.
func (in *Interner) partInterners() []*Interner {
	switch {
	case in.parts != nil:
		return in.parts.parts
	case in.rows != nil:
		return in.rows.fields
	}
	return nil
}

// Find writes the code of each row of v to codes, Absent for values that were
// never inserted.
func (in *Interner) Find(v Vector, rows int, codes []int32) error {
	return in.lookup(v, rows, codes, false)
}

// Finder returns an Interner that finds the values of in, as long as nothing is looked up in or inserted into in.
// Each goroutine needs a Finder of its own.
func (in *Interner) Finder() *Interner {
	f := *in
	f.dictionary, f.dictCodes, f.known, f.scratch, f.by, f.isFinder = nil, nil, nil, nil, nil, true
	if in.rows != nil {
		f.rows = in.rows.finder()
	}
	if in.parts != nil {
		f.parts = in.parts.finder()
	}
	return &f
}

// forget empties the interner and keeps the memory of its tables.
func (in *Interner) forget() {
	switch {
	case in.words != nil:
		in.words.forget()
		in.zones = in.zones[:0]
		return
	case in.rows != nil:
		in.rows.forget()
		in.firsts, in.firstsBytes = nil, 0
		return
	}
	in.texts.forget()
	if in.parts != nil {
		in.parts.forget()
	}
	in.firsts, in.firstsBytes, in.numbered = nil, 0, nil
	in.dictionary = nil
}

// ForgetLookups frees the hash tables. Codes and values stay available, but nothing can be looked up or inserted
// any more.
func (in *Interner) ForgetLookups() {
	in.dictionary, in.dictCodes, in.known = nil, nil, nil
	switch {
	case in.words != nil:
		in.words.ForgetLookups()
		return
	case in.rows != nil:
		in.rows.forgetLookups()
		return
	}
	in.texts.forgetLookups()
	in.parts = nil
	if in.numbered != nil {
		in.numbered.pages, in.numbered.held = nil, 0
	}
}

// Len returns the number of codes, including NULL's.
func (in *Interner) Len() int {
	switch {
	case in.words != nil:
		return in.words.Len() + 1
	case in.rows != nil:
		return in.rows.len() + 1
	}
	if in.numbered != nil && in.numbered.isWhole {
		return len(in.numbered.numbers) + 1
	}
	return in.texts.Len() + 1
}

// SizeBytes estimates the memory held.
func (in *Interner) SizeBytes() int64 {
	size := int64(cap(in.dictCodes)) * 4
	switch {
	case in.words != nil:
		return size + in.words.SizeBytes() + int64(cap(in.zones))*zoneBytes
	case in.rows != nil:
		return size + in.rows.sizeBytes() + in.firstsBytes
	}
	size += in.firstsBytes
	if in.numbered != nil {
		size += in.numbered.sizeBytes()
	}
	if in.parts != nil {
		size += in.parts.sizeBytes()
	}
	return size + in.texts.SizeBytes()
}

// GrowthBytes returns what Insert of rows rows may allocate before it frees the old tables. A table that runs full
// allocates as much again as it holds.
func (in *Interner) GrowthBytes(v Vector, rows int) int64 {
	if v.Const {
		rows = 1
	}
	switch {
	case in.words != nil:
		size := in.words.GrowthBytes(rows)
		if !isWord(in.valueType) {
			size += sliceGrowth(cap(in.zones), len(in.zones)+rows, zoneBytes)
		}
		return size
	case in.rows != nil:
		size := in.rows.growthBytes(v.Array, rows)
		if !in.rows.isOfCodes && !in.isValueless {
			size += HeldBytes(v.Array) // of the first rows
		}
		return size
	}
	bytes := HeldBytes(v.Array)
	if in.parts != nil {
		size, encoded := in.parts.growthBytes(valuesOf(v.Array))
		if !in.isValueless {
			size += bytes // of the first rows
		}
		return size + in.texts.growthBytes(rows, encoded)
	}
	size := in.texts.growthBytes(rows, bytes)
	if in.numbered != nil {
		size += in.numbered.growthBytes(rows, bytes)
	}
	return size
}

// valuesOf returns the dictionary of an array, or the array itself.
func valuesOf(a arrow.Array) arrow.Array {
	if d, ok := a.(*array.Dictionary); ok {
		return d.Dictionary()
	}
	return a
}
