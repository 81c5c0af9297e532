package batch

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// joinedCodes are the codes of dictionaries that are joined into one. Its values are numbered in row order.
type joinedCodes struct {
	values    *Interner // empty at first
	maxValues int
	codes     []int32 // of all rows; arbitrary for NULL
}

// joinedPart is a run of consecutive arrays with the same dictionary, or one array without.
type joinedPart struct {
	arrays     []arrow.Array
	rows, at   int         // rows of all arrays; at is the part's first one among them
	dictionary arrow.Array // nil: none, or the rows use only a small part of it
	used       []int32     // entries of the dictionary, in the order of the rows
	known      []int32     // the code of each used entry in values, by entry
}

// join writes the codes of all rows. Workers find the used entries of dictionaries, one goroutine numbers these,
// and workers write the rows' codes. It returns false if there are too many values.
func (j *joinedCodes) join(arrays []arrow.Array, by Divide) bool {
	parts := joinedParts(arrays)
	by(len(parts), func(i int) { parts[i].findUsed() })
	for i := range parts {
		if !j.number(&parts[i]) {
			return false
		}
	}
	type piece struct {
		part  *joinedPart
		array arrow.Array
		codes []int32
	}
	pieces := make([]piece, 0, len(arrays))
	left := j.codes
	for i := range parts {
		for _, a := range parts[i].arrays {
			pieces = append(pieces, piece{&parts[i], a, left[:a.Len()]})
			left = left[a.Len():]
		}
	}
	by(len(pieces), func(i int) { pieces[i].part.write(pieces[i].array, pieces[i].codes) })
	return true
}

func joinedParts(arrays []arrow.Array) []joinedPart {
	const valuesPerRow = 2 // a table of the entries takes at most as much memory as the rows
	var parts []joinedPart
	at := 0
	for first := 0; first < len(arrays); {
		p := joinedPart{arrays: arrays[first : first+1], rows: arrays[first].Len(), at: at}
		if d, ok := arrays[first].(*array.Dictionary); ok {
			end := first + 1
			for ; end < len(arrays) && isOver(d.Dictionary(), arrays[end]); end++ {
				p.rows += arrays[end].Len()
			}
			p.arrays = arrays[first:end]
			if d.Dictionary().Len() <= valuesPerRow*p.rows {
				p.dictionary = d.Dictionary()
			}
		}
		first += len(p.arrays)
		at += p.rows
		parts = append(parts, p)
	}
	return parts
}

// isOver reports whether a is a dictionary array with values as its dictionary.
func isOver(values, a arrow.Array) bool {
	d, ok := a.(*array.Dictionary)
	return ok && d.Dictionary().Data() == values.Data()
}

// findUsed finds the dictionary entries that rows use.
func (p *joinedPart) findUsed() {
	if p.dictionary == nil {
		return
	}
	p.known = make([]int32, p.dictionary.Len()) // 1: the entry is used
	for _, a := range p.arrays {
		valid := arrowdata.Validity(a)
		for i, entry := range Codes(a.(*array.Dictionary)) {
			if arrowdata.IsValid(valid, i) && p.known[entry] == 0 {
				p.known[entry] = 1
				p.used = append(p.used, entry)
			}
		}
	}
}

// number assigns codes to the values of a part. It returns false if there are too many.
func (j *joinedCodes) number(p *joinedPart) bool {
	if p.dictionary == nil {
		at := p.at
		for _, a := range p.arrays {
			if err := j.values.Insert(Vector{Array: a}, a.Len(), j.codes[at:at+a.Len()]); err != nil || j.values.Len() > j.maxValues {
				return false
			}
			at += a.Len()
		}
	} else {
		codes := make([]int32, len(p.used))
		if err := j.values.Insert(Vector{Array: FromCodes(p.used, nil, p.dictionary)}, len(codes), codes); err != nil {
			return false
		}
		for i, entry := range p.used {
			p.known[entry] = codes[i]
		}
	}
	return j.values.Len() <= min(j.maxValues, max(fewJoinedValues, (p.at+p.rows)/joinedRowsPerValue))
}

// write writes the codes of one array of a part, counted from 0.
func (p *joinedPart) write(a arrow.Array, codes []int32) {
	if p.dictionary == nil {
		for i, code := range codes {
			codes[i] = max(0, code-1)
		}
		return
	}
	entries, valid := Codes(a.(*array.Dictionary)), arrowdata.Validity(a)
	if valid == nil {
		for i, entry := range entries {
			codes[i] = p.known[entry] - 1
		}
		return
	}
	for i, entry := range entries {
		codes[i] = 0
		if arrowdata.IsSet(valid, i) {
			codes[i] = p.known[entry] - 1
		}
	}
}
