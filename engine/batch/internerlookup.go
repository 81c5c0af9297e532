package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// lookup writes the code of each row to codes. A value without a code gets one if insert is set, and Absent
// otherwise.
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
		in.lookupTexts(a, codes, insert)
		return nil
	case *array.Binary:
		in.lookupTexts(asTexts(a), codes, insert)
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

func (in *Interner) lookupTexts(texts *array.String, codes []int32, insert bool) {
	if insert {
		in.texts.insertAll(texts, codes, in.mayKeep)
		return
	}
	in.texts.findAll(texts, codes)
}

// asTexts returns an array of the same bytes, which need not be UTF-8.
func asTexts(a *array.Binary) *array.String {
	offsets, data := Text(a)
	return FromText(arrow.BinaryTypes.String, offsets, data, arrowdata.Validity(a)).(*array.String)
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

// A table of a dictionary's codes pays once the rows looked up are at least 1/entriesPerRow of its entries.
const entriesPerRow = 32

// lookupDictionary looks each used entry up once for as long as arrays come with the same dictionary. The first
// rows of a large dictionary are looked up one by one, see entriesPerRow.
func (in *Interner) lookupDictionary(a *array.Dictionary, codes []int32, insert bool) error {
	if in.isFinder {
		return in.findDictionary(a, codes)
	}
	values := a.Dictionary()
	if in.dictionary != values.Data() {
		in.dictionary, in.dictCodes, in.fewRows = values.Data(), nil, 0
		in.known = in.numbersOf(values)
	}
	if in.dictCodes == nil {
		in.fewRows += len(codes)
		if texts, ok := values.(*array.String); ok && in.fewRows < texts.Len()/entriesPerRow {
			in.lookupFewEntries(texts, Codes(a), arrowdata.Validity(a), codes, insert)
			return nil
		}
		in.dictCodes = make([]int32, values.Len())
		for i := range in.dictCodes {
			in.dictCodes[i] = unresolved
		}
	}
	entries, valid, dictCodes := Codes(a)[:len(codes)], arrowdata.Validity(a), in.dictCodes
	texts, isOfTexts := values.(*array.String)
	insertsTexts := isOfTexts && insert && in.known == nil
	for i, entry := range entries {
		if !arrowdata.IsValid(valid, i) {
			codes[i] = 0
			continue
		}
		code := dictCodes[entry]
		if code < 0 && (code == unresolved || insert) { // otherwise it is Absent
			if insertsTexts {
				in.insertEntries(texts, entries, valid, i)
			} else if err := in.lookupDictCode(values, int(entry), insert); err != nil {
				return err
			}
			code = dictCodes[entry]
		}
		codes[i] = code
	}
	return nil
}

// lookupDictCode looks up one value of the current dictionary.
func (in *Interner) lookupDictCode(values arrow.Array, entry int, insert bool) (err error) {
	in.dictCodes[entry], err = in.lookupEntry(values, entry, insert)
	return err
}

// insertEntries inserts the current dictionary's entries that have no code and are used by the rows from on, in row
// order. It looks many up together, so that the processor fetches what they need of a large table in parallel.
func (in *Interner) insertEntries(texts *array.String, entries []int32, valid []byte, from int) {
	var p textPlaces
	var some [wordsAtOnce]int32
	n := 0
	for i := from; i < len(entries); i++ {
		entry := entries[i]
		if code := in.dictCodes[entry]; code >= 0 || code == underway || !arrowdata.IsValid(valid, i) {
			continue
		}
		in.dictCodes[entry] = underway
		some[n] = entry
		if n++; n == len(some) {
			p.insert(in.texts, texts, some[:n], in.dictCodes)
			n = 0
		}
	}
	p.insert(in.texts, texts, some[:n], in.dictCodes)
}

// lookupFewEntries is lookupDictionary for rows that are few compared to the entries: looking up each row's text
// costs less than a table of all entries.
func (in *Interner) lookupFewEntries(texts *array.String, entries []int32, valid []byte, codes []int32, insert bool) {
	for i := range codes {
		if arrowdata.IsValid(valid, i) {
			codes[i] = in.lookupText(texts, int(entries[i]), insert)
		} else {
			codes[i] = 0
		}
	}
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

// lookupInstants looks up values with time zone by their instants.
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

// lookupWords looks up the values of a; valid is their validity.
func (in *Interner) lookupWords(a arrow.Array, valid []byte, codes []int32, insert bool) error {
	done := 0
	if insert && valid == nil && isItsWord(a.DataType()) {
		done = in.words.InsertAscending(Values[uint64](a)[:len(codes)], codes) // a may be longer than codes
		for i := range codes[:done] {
			codes[i]++
		}
	}
	word, err := wordReader(a)
	if err != nil {
		return err
	}
	last, code := uint64(0), unresolved // neighbours are often equal, as times truncated to the hour are
	for i := done; i < len(codes); i++ {
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

// lookupKeys looks rows up by the codes of their parts; valid is the rows' validity.
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

// lookupValues looks rows up by AppendKey's encoding of their values.
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

// keepFirsts keeps the first row of each value that is new in a table that had before values and now has now.
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
