package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Interner numbers the distinct values of a column as GROUP BY and DISTINCT
// tell them apart: NULL is a value, NaN equals NaN, 0.0 equals -0.0, instants
// are equal whatever their zones. Code 0 is NULL; the others count from 1 in
// order of first appearance.
type Interner struct {
	words *WordTable // fixed-width values of up to 64 bits, and instants of such
	zones []int32    // of the first row of each word, where words are instants
	rows  *rowTable  // rows
	texts *TextTable // strings, and the encoding of all other types
	parts *partCodes // encodes lists and maps; nil: AppendKey encodes values
	// firsts holds, for encoded types and rows that are not what their codes say, the first row of each distinct value, unless isValueless; they
	// take firstsBytes.
	firsts      []arrow.Array
	firstsBytes int64
	isValueless bool // nobody asks for firsts, and there are none
	valueType   arrow.DataType

	dictionary arrow.ArrayData // the dictionary that dictCodes belongs to
	dictCodes  []int32         // code per dictionary entry, unresolved if not looked up yet
	known      []int32         // number per dictionary entry, nil where it has none
	scratch    []byte
	mayKeep    bool // the memory of inserted texts

	lake     *TextNumbers   // nil: texts have no numbers
	numbered *numberedCodes // nil until a dictionary has numbers
	found    *foundCodes    // what all finders share
	isFinder bool           // texts and numbered are another Interner's

	by Divide // of the work on the parts of values; nil: InTurn
}

// Absent is the code of a value that Find does not know.
const Absent int32 = -1

const unresolved int32 = -2

// zoneBytes is what the time zone of a value takes.
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

// Insert writes the code of each row of v to codes (of length rows), giving new
// values the next codes.
func (in *Interner) Insert(v Vector, rows int, codes []int32) error {
	return in.lookup(v, rows, codes, true)
}

// KeepTexts lets the interner refer to the memory of texts that are inserted from now on. Nobody changes it, and it is of little else than these
// texts: what the interner says that it holds is what it keeps from being collected.
func (in *Interner) KeepTexts() { in.mayKeep = true }

// WithoutValues lets the interner forget what values are, as far as it does not need them itself: Values and its like are not called.
func (in *Interner) WithoutValues() {
	in.isValueless = true
	for _, part := range in.partInterners() {
		part.WithoutValues()
	}
}

// DivideLookups has the work on the parts of nested values divided.
func (in *Interner) DivideLookups(by Divide) {
	in.by = by
	for _, part := range in.partInterners() {
		part.DivideLookups(by)
	}
}

// partInterners are those of the parts of nested values.
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

// Finder returns an Interner that finds what in has, while nothing is looked up in in or inserted into it. Each of several
// goroutines needs one.
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

func (in *Interner) lookup(v Vector, rows int, codes []int32, insert bool) error {
	if rows == 0 {
		return nil
	}
	if v.Const {
		if err := in.lookupArray(v.Array, codes[:1], insert); err != nil {
			return err
		}
		for i := 1; i < rows; i++ {
			codes[i] = codes[0]
		}
		return nil
	}
	return in.lookupArray(v.Array, codes[:rows], insert)
}

func (in *Interner) lookupArray(a arrow.Array, codes []int32, insert bool) error {
	switch a := a.(type) {
	case *array.Dictionary:
		return in.lookupDictionary(a, codes, insert)
	case *array.Null:
		clear(codes)
		return nil
	case *array.String:
		if in.lookupFewTexts(a, codes, insert) {
			return nil
		}
		in.spellOut()
		if insert {
			in.texts.insertAll(a, codes, in.mayKeep)
			return nil
		}
		in.texts.findAll(a, codes)
		return nil
	case *array.Binary:
		for i := range codes {
			if a.IsNull(i) {
				codes[i] = 0
				continue
			}
			codes[i] = in.text(a.Value(i), insert)
		}
		return nil
	case *array.Struct:
		switch {
		case in.rows != nil:
			return in.lookupRows(a, codes, insert)
		case in.words != nil:
			return in.lookupInstants(a, codes, insert)
		}
	}
	if in.words != nil {
		return in.lookupWords(a, arrowdata.Validity(a), codes, insert)
	}
	return in.lookupEncoded(a, codes, insert)
}

func (in *Interner) text(b []byte, insert bool) int32 {
	if insert {
		return in.texts.Insert(b) + 1
	}
	return found(in.texts.Find(b))
}

func found(n int32) int32 {
	if n < 0 {
		return Absent
	}
	return n + 1
}

// lookupDictionary looks each used dictionary entry up once for as long as
// arrays come with the same dictionary.
func (in *Interner) lookupDictionary(a *array.Dictionary, codes []int32, insert bool) error {
	if in.isFinder {
		return in.findDictionary(a, codes)
	}
	values := a.Dictionary()
	if in.dictionary != values.Data() {
		in.dictionary = values.Data()
		in.dictCodes = make([]int32, values.Len())
		for i := range in.dictCodes {
			in.dictCodes[i] = unresolved
		}
		in.known = in.numbersOf(values)
	}
	entries, valid := Codes(a), arrowdata.Validity(a)
	for i := range codes {
		if !arrowdata.IsValid(valid, i) {
			codes[i] = 0
			continue
		}
		code := in.dictCodes[entries[i]]
		if code == unresolved || code == Absent && insert {
			var err error
			if code, err = in.lookupEntry(values, int(entries[i]), insert); err != nil {
				return err
			}
			in.dictCodes[entries[i]] = code
		}
		codes[i] = code
	}
	return nil
}

// lookupEntry looks up one value of a dictionary.
func (in *Interner) lookupEntry(values arrow.Array, entry int, insert bool) (int32, error) {
	if texts, ok := values.(*array.String); ok {
		return in.lookupText(texts, entry, insert), nil
	}
	var code [1]int32
	one := array.NewSlice(values, int64(entry), int64(entry)+1)
	err := in.lookupArray(one, code[:], insert)
	return code[0], err
}

// lookupInstants looks values with time zone up by their instants.
func (in *Interner) lookupInstants(a *array.Struct, codes []int32, insert bool) error {
	if err := in.lookupWords(a.Field(0), arrowdata.Validity(a), codes, insert); err != nil {
		return err
	}
	if len(in.zones) == in.words.Len() {
		return nil
	}
	zones := Values[int32](a.Field(1))
	for i, code := range codes {
		if int(code) > len(in.zones) {
			in.zones = append(withRoom(in.zones, 1), zones[i])
		}
	}
	return nil
}

// lookupWords looks up the values of a, of which valid says that they are no NULLs.
func (in *Interner) lookupWords(a arrow.Array, valid []byte, codes []int32, insert bool) error {
	word, err := wordReader(a)
	if err != nil {
		return err
	}
	last, code := uint64(0), unresolved // neighbours are often equal, as times cut to the hour are
	for i := range codes {
		if !arrowdata.IsValid(valid, i) {
			codes[i] = 0
			continue
		}
		w := word(i)
		if w != last || code == unresolved {
			last = w
			if insert {
				code = in.words.Insert(w) + 1
			} else {
				code = found(in.words.Find(w))
			}
		}
		codes[i] = code
	}
	return nil
}

func (in *Interner) lookupRows(a *array.Struct, codes []int32, insert bool) error {
	before := in.rows.len()
	if err := in.rows.lookup(a, codes, insert, in.by); err != nil {
		return err
	}
	if in.rows.len() > before && !in.rows.isOfCodes && !in.isValueless {
		in.keepFirsts(a, codes, before, in.rows.len())
	}
	return nil
}

func (in *Interner) lookupEncoded(a arrow.Array, codes []int32, insert bool) error {
	before := in.texts.Len()
	if in.parts != nil {
		if err := in.parts.lookup(a, insert, in.by); err != nil {
			return err
		}
		in.lookupKeys(arrowdata.Validity(a), codes, insert)
	} else if err := in.lookupValues(a, codes, insert); err != nil {
		return err
	}
	if in.texts.Len() > before && !in.isValueless {
		in.keepFirsts(a, codes, before, in.texts.Len())
	}
	return nil
}

// lookupKeys looks rows up, NULL where valid says so, by the codes of their parts.
func (in *Interner) lookupKeys(valid []byte, codes []int32, insert bool) {
	keys, unknown := in.parts.keys(valid, len(codes))
	if insert {
		in.texts.insertAll(keys, codes, false)
		return
	}
	in.texts.findAll(keys, codes)
	for _, row := range unknown {
		codes[row] = Absent
	}
}

// lookupValues looks rows up by their values.
func (in *Interner) lookupValues(a arrow.Array, codes []int32, insert bool) error {
	valid := arrowdata.Validity(a)
	for i := range codes {
		if !arrowdata.IsValid(valid, i) {
			codes[i] = 0
			continue
		}
		key, err := AppendKey(in.scratch[:0], a, i)
		if err != nil {
			return err
		}
		in.scratch = key
		codes[i] = in.text(key, insert)
	}
	return nil
}

// keepFirsts keeps the first row of each value that a table did not have when there were fewer.
func (in *Interner) keepFirsts(a arrow.Array, codes []int32, before, now int) {
	fresh := make([]int32, 0, now-before)
	for row, code := range codes {
		if int(code) > before+len(fresh) {
			fresh = append(fresh, int32(row))
		}
	}
	first := Decode(Take(a, fresh))
	in.firsts, in.firstsBytes = append(in.firsts, first), in.firstsBytes+ArrayBytes(first)
}

// forget makes the interner empty; it keeps the memory of its tables.
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

// ForgetLookups gives back what values are found by: codes and values stay, but nothing can be looked up or inserted any more.
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
	in.texts.slots, in.parts = nil, nil
	if in.numbered != nil {
		in.numbered.pages, in.numbered.held = nil, 0
	}
}

// Len is how many codes there are, NULL's included.
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

// GrowthBytes is what Insert of rows rows may allocate before it gives back what
// the tables held so far: as much again as they hold, when they run full.
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

// Values returns the array of distinct values by code; position 0 is NULL. Like
// Take it panics with a *types.Error when they pass the limits of an array.
func (in *Interner) Values() arrow.Array { return in.ValuesDivided(InTurn) }

// ValuesDivided is Values, whose work is divided.
func (in *Interner) ValuesDivided(by Divide) arrow.Array {
	null := Nulls(in.valueType, 1)
	switch {
	case in.words != nil:
		return in.wordValues()
	case in.rows != nil && in.rows.isOfCodes:
		return in.ValuesOf(codesUpTo(in.rows.len()), by)
	case isText(in.valueType):
		return in.textValues(by)
	case len(in.firsts) == 0:
		return null
	}
	joined := Concat(append([]arrow.Array{null}, in.firsts...))
	in.firsts, in.firstsBytes = []arrow.Array{array.NewSlice(joined, 1, int64(joined.Len()))}, ArrayBytes(joined)
	return joined
}

// ValuesOf returns the values of codes, none of them Absent, as work that is divided. It panics as Values does.
func (in *Interner) ValuesOf(codes []int32, by Divide) arrow.Array {
	switch {
	case in.rows != nil && in.rows.isOfCodes:
		return in.rows.valuesOf(in.valueType.(*arrow.StructType), codes, by)
	case in.numbered != nil && in.numbered.isWhole:
		return in.numberedValuesOf(codes, by)
	case isText(in.valueType) && !in.texts.texts.isWhole():
		return textsOf(in.valueType, codes, func(code int32) []byte { return in.texts.At(code - 1) }, by)
	}
	return TakeDivided(in.ValuesDivided(by), codes, by)
}

// IsOfTexts reports whether the values are texts, so that Coded returns them.
func (in *Interner) IsOfTexts() bool { return isText(in.valueType) }

// Coded returns the values of codes, of texts, as a dictionary, which is divided work. The codes, none of them Absent, are its own afterwards.
func (in *Interner) Coded(codes []int32, by Divide) *array.Dictionary {
	var valid []byte
	for i, code := range codes {
		if code == 0 {
			if valid == nil {
				valid = arrowdata.FullValidity(len(codes))
			}
			arrowdata.ClearBit(valid, i)
		}
		codes[i] = max(0, code-1)
	}
	all := in.ValuesDivided(by)
	values := array.NewSlice(all, 1, int64(all.Len()))
	CountNulls(values) // others share it
	if in.numbered != nil && in.numbered.isWhole {
		in.lake.remember(values, in.numbered)
	}
	return FromCodes(codes, valid, values)
}

func (in *Interner) textValues(by Divide) arrow.Array {
	if in.numbered != nil && in.numbered.isWhole {
		return in.numberedValues(by)
	}
	return in.texts.texts.values(in.valueType, by)
}

func (in *Interner) wordValues() arrow.Array {
	if isWord(in.valueType) {
		return in.wordsAs(in.valueType)
	}
	row, n := in.valueType.(*arrow.StructType), in.words.Len()+1
	zones, valid := append(make([]int32, 1, n), in.zones...), nullFirst(n)
	return FromFields(row, n, valid, []arrow.Array{in.wordsAs(row.Field(0).Type), FromValues(row.Field(1).Type, zones, valid)})
}

func (in *Interner) wordsAs(t arrow.DataType) arrow.Array {
	n := in.words.Len() + 1
	b := make([]byte, wordWidth(t, n))
	for i, w := range in.words.words {
		putWord(b, t, i+1, w)
	}
	return withBuffer(t, n, nullFirst(n), b)
}

// nullFirst is the validity bitmap of n values of which only the first is NULL.
func nullFirst(n int) []byte {
	valid := arrowdata.FullValidity(n)
	arrowdata.ClearBit(valid, 0)
	return valid
}
