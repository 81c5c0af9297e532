package expr

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// dictionaries joins the dictionaries of pieces into one without reading their texts. It caches the latest result:
// the next rows mostly have the same dictionaries, and a reader that knows the codes of a dictionary's texts need
// not read these again.
type dictionaries struct {
	last atomic.Pointer[joinedDictionaries]
}

// joinedDictionaries are the texts of several dictionaries and constants.
type joinedDictionaries struct {
	parts []arrow.ArrayData
	texts arrow.Array
}

// pieceTexts are the texts of one piece, and the code of its first text.
type pieceTexts struct {
	values arrow.Array
	first  int32
}

// join concatenates arrays, which have rows values in all, into a dictionary array. It returns nil if an array is
// neither a dictionary of texts nor a constant, or if their texts are too many for the rows of the frame.
func (d *dictionaries) join(f *frame, arrays []arrow.Array, rows int) (arrow.Array, error) {
	ofPieces, parts, count, ok := textsOf(arrays)
	if !ok {
		return nil, nil
	}
	joined := d.last.Load()
	if joined == nil || !slices.EqualFunc(joined.parts, parts, func(a arrow.ArrayData, b arrow.Array) bool { return a == b.Data() }) {
		bytes := int64(0)
		for _, p := range parts {
			bytes += batch.ArrayBytes(p)
		}
		if count > maxDictionaryRatio*f.rows || bytes > maxKeptAnswerBytes {
			return nil, nil
		}
		joined = &joinedDictionaries{texts: f.env.Concat(parts)}
		for _, p := range parts {
			joined.parts = append(joined.parts, p.Data())
		}
		f.env.Joined(joined.texts, parts)
		d.last.Store(joined)
	}
	const codeBytes = 4
	if err := f.env.Grow(int64(rows) * codeBytes); err != nil {
		return nil, err
	}
	codes, valid := codesOf(arrays, ofPieces, rows)
	return batch.FromCodes(codes, valid, joined.texts), nil
}

// textsOf returns the texts of each array, the distinct dictionaries, and the number of their values. It returns
// false if an array is neither a dictionary of texts nor a single text.
func textsOf(arrays []arrow.Array) (of []pieceTexts, parts []arrow.Array, count int, ok bool) {
	firsts := map[arrow.ArrayData]int32{}
	for _, a := range arrays {
		values := a
		if d, isDictionary := a.(*array.Dictionary); isDictionary {
			values = d.Dictionary()
		} else if a.Len() != 1 || arrowdata.IsNull(a, 0) {
			return nil, nil, 0, false
		}
		if _, isText := values.(*array.String); !isText {
			return nil, nil, 0, false
		}
		first, known := firsts[values.Data()]
		if !known {
			first = int32(count)
			firsts[values.Data()], parts, count = first, append(parts, values), count+values.Len()
		}
		of = append(of, pieceTexts{values, first})
	}
	return of, parts, count, true
}

// codesOf returns the codes of all rows of the arrays in the joined dictionary.
func codesOf(arrays []arrow.Array, of []pieceTexts, rows int) (codes []int32, valid []byte) {
	codes = make([]int32, 0, rows)
	for i, a := range arrays {
		d, ok := a.(*array.Dictionary)
		if !ok {
			codes = append(codes, of[i].first)
			continue
		}
		from := arrowdata.Validity(d)
		if from != nil && valid == nil {
			valid = arrowdata.FullValidity(rows)
		}
		for row, code := range batch.Codes(d) {
			if !arrowdata.IsValid(from, row) {
				arrowdata.ClearBit(valid, len(codes))
				code = -of[i].first // any valid code
			}
			codes = append(codes, of[i].first+code)
		}
	}
	return codes, valid
}
