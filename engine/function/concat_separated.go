package function

import (
	"math"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// concatWithSeparator takes NULLs: it skips those after the separator.
func concatWithSeparator(fn *types.Resolved) Kernel {
	dt := arrowOf(fn)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		valid := validOf(args[:1], rows)
		if len(args) < 2 && rows > 0 && (valid == nil || arrowdata.CountBits(valid, rows) > 0) { // NULL alone is NULL
			return batch.Vector{}, argumentError("There must be two or more arguments")
		}
		texts := separatedTextsOf(args, rows)
		offsets, err := texts.offsets(env, valid, rows)
		if err != nil {
			return batch.Vector{}, err
		}
		if err := meterOf(env).Grow(int64(offsets[rows])); err != nil {
			return batch.Vector{}, err
		}
		data := make([]byte, offsets[rows])
		for from := 0; from < rows; from += concatRows {
			env.look()
			texts.write(from, data, offsets[from:min(rows, from+concatRows)+1])
		}
		return batch.Vector{Array: batch.FromText(dt, offsets, data, valid), Const: constant}, nil
	}
}

// separatedTexts are texts to join row by row, with a separator between any two that are not NULL.
type separatedTexts struct {
	between textColumn
	parts   []concatPart
	valid   [][]byte // by part: the rows that have a text; nil: all
}

// separatedTextsOf opens the arguments; the first is the separator. It skips constants that are NULL.
func separatedTextsOf(args []batch.Vector, rows int) separatedTexts {
	s := separatedTexts{between: textColumnOf(args[0])}
	for i := 1; i < len(args); i++ {
		arg := args[i : i+1]
		if parts := concatPartsOf(arg); len(parts) > 0 {
			s.parts, s.valid = append(s.parts, parts[0]), append(s.valid, validOf(arg, rows))
		}
	}
	return s
}

// offsets returns the offsets of the joined texts of the rows.
func (s *separatedTexts) offsets(env *Env, valid []byte, rows int) ([]int32, error) {
	offsets := make([]int32, rows+1)
	total := int64(0)
	for from := 0; from < rows; from += concatRows {
		var all [concatRows]int64
		lengths := all[:min(concatRows, rows-from)]
		s.addLengths(from, valid, lengths)
		for i, length := range lengths {
			if err := env.checkLength(length); err != nil {
				return nil, err
			}
			if total += length; total > math.MaxInt32 {
				return nil, batch.TooBig("text")
			}
			offsets[from+i+1] = int32(total)
		}
	}
	return offsets, nil
}

// addLengths adds the lengths of the joined texts of the rows from row from on.
func (s *separatedTexts) addLengths(from int, valid []byte, lengths []int64) {
	var isBegun [concatRows]bool
	for i := range s.parts {
		part, ofPart := &s.parts[i], s.valid[i]
		for at := range lengths {
			row := from + at
			if !arrowdata.IsValid(ofPart, row) || !arrowdata.IsValid(valid, row) {
				continue
			}
			if isBegun[at] {
				lengths[at] += int64(len(s.between.at(row)))
			}
			isBegun[at] = true
			lengths[at] += int64(len(part.text(row)))
		}
	}
}

// write writes the joined texts of the rows from row from on to data, at the given offsets.
func (s *separatedTexts) write(from int, data []byte, offsets []int32) {
	var isBegun [concatRows]bool
	var places [concatRows]int32 // where the next part goes
	ends := offsets[1:]
	copy(places[:], offsets[:len(ends)])
	for i := range s.parts {
		part, valid := &s.parts[i], s.valid[i]
		for at, end := range ends {
			row := from + at
			if places[at] == end || !arrowdata.IsValid(valid, row) { // the rest of a complete row is empty
				continue
			}
			if isBegun[at] {
				places[at] = putText(data, places[at], s.between.at(row))
			}
			isBegun[at] = true
			places[at] = putText(data, places[at], part.text(row))
		}
	}
}
