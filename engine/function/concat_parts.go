package function

import (
	"math"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// concatPart is an argument of a concatenation, or several consecutive constants.
type concatPart struct {
	codedTexts        // of a column
	constant   string // used if there are no offsets
}

// concatRows is the number of rows that are concatenated between two checks whether the statement has ended.
const concatRows = 16

// maxJoinedConstants limits the length of consecutive constants that are joined into one part. Their memory is not
// accounted.
const maxJoinedConstants = 4 << 10

// concatPartsOf opens the arguments. It skips constants that are NULL: no row has a text then.
func concatPartsOf(args []batch.Vector) []concatPart {
	var parts []concatPart
	for _, arg := range args {
		if !arg.Const {
			parts = append(parts, concatPart{codedTexts: codedTextsOf(arg.Array)})
			continue
		}
		if arrowdata.IsNull(arg.Array, 0) {
			continue
		}
		text := batch.Strings(arg.Array)[0]
		if last := len(parts) - 1; last >= 0 && parts[last].isConstant() && len(parts[last].constant)+len(text) <= maxJoinedConstants {
			parts[last].constant += text
		} else {
			parts = append(parts, concatPart{constant: text})
		}
	}
	return parts
}

func (p *concatPart) isConstant() bool { return p.offsets == nil }

// text returns the part's text for a row that is not NULL.
func (p *concatPart) text(row int) string {
	if p.isConstant() {
		return p.constant
	}
	return p.at(row)
}

// concatOffsets returns the offsets of the concatenated texts of the rows.
func concatOffsets(parts []concatPart, valid []byte, rows int) ([]int32, error) {
	offsets := make([]int32, rows+1)
	total := int64(0)
	for from := 0; from < rows; from += concatRows {
		var lengths [concatRows]int64
		some := lengths[:min(concatRows, rows-from)]
		for i := range parts {
			parts[i].addLengths(from, valid, some)
		}
		for i, length := range some {
			if arrowdata.IsValid(valid, from+i) {
				total += length
			}
			if total > math.MaxInt32 {
				return nil, types.Errorf(types.ExceededMemoryLimit, types.Pos{}, "concat makes more than 2 GiB in one batch")
			}
			offsets[from+i+1] = int32(total)
		}
	}
	return offsets, nil
}

// addLengths adds the lengths of this part's texts for the rows from row from on. Lengths of NULL rows are
// undefined.
func (p *concatPart) addLengths(from int, valid []byte, lengths []int64) {
	switch {
	case p.codes != nil:
		for i, code := range p.codes[from : from+len(lengths)] {
			if arrowdata.IsValid(valid, from+i) {
				lengths[i] += int64(p.offsets[code+1] - p.offsets[code])
			}
		}
	case p.offsets != nil:
		for i, end := range p.offsets[from+1 : from+len(lengths)+1] {
			lengths[i] += int64(end - p.offsets[from+i])
		}
	default:
		for i := range lengths {
			lengths[i] += int64(len(p.constant))
		}
	}
}

// writeConcat writes the joined texts of the rows from row from on to data, at the given offsets.
func writeConcat(parts []concatPart, from int, data []byte, offsets []int32) {
	var ats [concatRows]int32 // where the next part goes
	ends := offsets[1:]
	places := ats[:copy(ats[:], offsets[:len(ends)])]
	for i := range parts {
		parts[i].write(from, data, places, ends)
	}
}

// write copies this part's text of each row to places[row] and advances places[row]. A row whose place has reached
// its end is complete.
func (p *concatPart) write(from int, data []byte, places, ends []int32) {
	places = places[:len(ends)]
	switch {
	case p.codes != nil:
		for i, code := range p.codes[from : from+len(ends)] {
			if at, end := places[i], ends[i]; at < end {
				places[i] = putText(data, at, p.data[p.offsets[code]:p.offsets[code+1]])
			}
		}
	case p.offsets != nil:
		starts := p.offsets[from : from+len(ends)+1]
		for i, end := range ends {
			if at := places[i]; at < end {
				places[i] = putText(data, at, p.data[starts[i]:starts[i+1]])
			}
		}
	default:
		for i, end := range ends {
			if at := places[i]; at < end {
				places[i] = putText(data, at, p.constant)
			}
		}
	}
}

// putText copies a text to data at index at, and returns the index after it.
func putText[S ~string | ~[]byte](data []byte, at int32, text S) int32 {
	end := at + int32(len(text))
	batch.CopyText(data[at:end], text)
	return end
}
