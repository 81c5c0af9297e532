package expr

import (
	"math"
	"math/bits"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// minRowsToCombine is the least number of rows of a frame for which combinations are searched.
const minRowsToCombine = 256

// minRowsOfCombination is the least average number of rows per combination. At two, even a comparison takes no
// longer: it gathers half of the texts, and a grouping by the result finds a dictionary.
const minRowsOfCombination = 2

// overCombinations computes a function once for each combination of its arguments' values that the rows have. All
// arguments that vary must be dictionary columns. This also covers a function of one such column that fails for a
// dictionary value that no row has, as after a filter. For a function that returns texts, columns of integers,
// times and booleans count as dictionaries, since they may have few values. After a call had too many combinations
// or failed for one, it does not try again.
func (n *call) overCombinations(f *frame, args []batch.Vector, lambdas []function.Lambda, perRow bool) (batch.Vector, bool, error) {
	if perRow || n.fn.NonDeterministic || f.rows < minRowsToCombine || n.isByRow.Load() {
		return batch.Vector{}, false, nil
	}
	var columns []arrow.Array
	for _, a := range args {
		if a.Array == nil || a.Const {
			continue
		}
		_, isDictionary := a.Array.(*array.Dictionary)
		if !isDictionary && !(n.returns.ID() == arrow.STRING && isOfIntegers(a.Array)) {
			return batch.Vector{}, false, nil
		}
		columns = append(columns, a.Array)
	}
	if len(columns) == 0 {
		return batch.Vector{}, false, nil
	}
	return f.overFirsts(columns, &n.isByRow, func(firsts []int32) (batch.Vector, error) {
		inner := make([]batch.Vector, len(args))
		for i, a := range args {
			if inner[i] = a; a.Array != nil && !a.Const {
				inner[i].Array = f.env.Decode(f.env.Take(a.Array, firsts))
			}
		}
		return n.impl.Kernel(f.env, inner, lambdas, len(firsts))
	})
}

// overFirsts calls compute for the first row of each combination of the columns' values, and gives each row the
// value of its combination. If there are too many combinations, or compute fails for one, it declines and sets
// isByRow.
func (f *frame) overFirsts(columns []arrow.Array, isByRow *atomic.Bool, compute func(firsts []int32) (batch.Vector, error)) (batch.Vector, bool, error) {
	codes, firsts, err := combinations(f, columns)
	if codes == nil {
		isByRow.Store(err == nil)
		return batch.Vector{}, false, err
	}
	v, err := compute(firsts)
	if err != nil {
		isByRow.Store(true) // TRY may evaluate more rows
		return batch.Vector{}, false, f.env.Stopped()
	}
	return newAnswer(v).spread(f.env, codes, nil, len(firsts)), true, nil
}

// combinations assigns codes to the combinations of the columns' values that the rows have, and returns the first
// row of each. It returns nil if there are too many.
func combinations(f *frame, columns []arrow.Array) (codes, firsts []int32, err error) {
	const keyBytes, codeBytes = 8, 4
	if err := f.env.Grow(int64(f.rows) * (keyBytes + codeBytes)); err != nil {
		return nil, nil, err
	}
	if keys, limit, ok := combined(columns, f.rows); ok {
		codes, firsts = numbered(keys, limit, f.rows/minRowsOfCombination)
	}
	return codes, firsts, nil
}

// combined packs the values of each row into one key below limit. It returns false if they do not fit.
func combined(columns []arrow.Array, rows int) (keys []uint64, limit uint64, ok bool) {
	keys, limit = make([]uint64, rows), 1
	for _, column := range columns {
		valid := arrowdata.Validity(column)
		switch a := column.(type) {
		case *array.Dictionary:
			limit, ok = combine(keys, limit, batch.Codes(a), valid, 0, uint64(a.Dictionary().Len()))
		case *array.Boolean:
			limit, ok = combine(keys, limit, numbersOf(a), valid, 0, 2)
		default:
			limit, ok = combineIntegers(keys, limit, a, valid)
		}
		if !ok {
			return nil, 0, false
		}
	}
	return keys, limit, true
}

// combine adds a column's values, which lie in [low, low+count), to keys below limit. It returns the new limit.
func combine[T integer](keys []uint64, limit uint64, values []T, valid []byte, low T, count uint64) (uint64, bool) {
	high, product := bits.Mul64(limit, count+1)
	if high != 0 || product > math.MaxInt64 {
		return 0, false
	}
	for i, v := range values {
		if valid == nil || arrowdata.IsSet(valid, i) { // 0 is NULL
			keys[i] += limit * (uint64(v) - uint64(low) + 1)
		}
	}
	return product, true
}

type integer interface{ int8 | int16 | int32 | int64 }

// combineIntegers is combine for an array that satisfies isOfIntegers, of any width.
func combineIntegers(keys []uint64, limit uint64, a arrow.Array, valid []byte) (uint64, bool) {
	switch a.DataType().(arrow.FixedWidthDataType).Bytes() {
	case 1:
		return combineSpan(keys, limit, batch.Values[int8](a), valid)
	case 2:
		return combineSpan(keys, limit, batch.Values[int16](a), valid)
	case 4:
		return combineSpan(keys, limit, batch.Values[int32](a), valid)
	}
	return combineSpan(keys, limit, batch.Values[int64](a), valid)
}

// combineSpan is combine for values of unknown range.
func combineSpan[T integer](keys []uint64, limit uint64, values []T, valid []byte) (uint64, bool) {
	var low, high T
	isFirst := true
	for i, v := range values {
		switch {
		case valid != nil && !arrowdata.IsSet(valid, i):
		case isFirst:
			low, high, isFirst = v, v, false
		default:
			low, high = min(low, v), max(high, v)
		}
	}
	return combine(keys, limit, values, valid, low, min(uint64(high)-uint64(low), math.MaxInt64)+1)
}

// isOfIntegers reports whether the values of an array are integers, dates, times or booleans.
func isOfIntegers(a arrow.Array) bool {
	switch a.DataType().ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIME64, arrow.TIMESTAMP:
		return true
	}
	return false
}

// numbersOf returns 1 for each value that is true, else 0.
func numbersOf(a *array.Boolean) []int8 {
	numbers := make([]int8, a.Len())
	for i, isTrue := range batch.Bools(a) {
		if isTrue {
			numbers[i] = 1
		}
	}
	return numbers
}

// numbered assigns codes to keys below limit in order of first occurrence, and returns the first row of each. It
// returns nil if there are more than most.
func numbered(keys []uint64, limit uint64, most int) (codes, firsts []int32) {
	codes = make([]int32, len(keys))
	table := newKeyTable(limit, len(keys), most)
	last, code := uint64(math.MaxUint64), int32(0)
	for i, key := range keys {
		if key != last {
			at := table.number(key)
			if *at == 0 {
				if len(firsts) == most {
					return nil, nil
				}
				firsts, table.known = append(firsts, int32(i)), append(table.known, key)
				*at = int32(len(firsts))
			}
			last, code = key, *at-1
		}
		codes[i] = code
	}
	return codes, firsts
}

// keyTable maps keys to numbers from 1 on: an array by key if keys are small, else a hash table.
type keyTable struct {
	numbers []int32
	isSmall bool
	shift   int      // of a hash
	known   []uint64 // by number - 1
}

// Keys are small if their limit is at most maxKeyRatio times the number of rows.
const maxKeyRatio = 4

func newKeyTable(limit uint64, rows, most int) *keyTable {
	if limit <= uint64(maxKeyRatio*rows) {
		return &keyTable{numbers: make([]int32, limit), isSmall: true}
	}
	width := bits.Len(uint(2 * most))
	return &keyTable{numbers: make([]int32, 1<<width), shift: 64 - width}
}

// number returns the slot of a key's number; 0 in it means that the key is new.
func (t *keyTable) number(key uint64) *int32 {
	if t.isSmall {
		return &t.numbers[key]
	}
	const golden = 0x9E3779B97F4A7C15 // spreads keys over the high bits
	for i := key * golden >> t.shift; ; i = (i + 1) & uint64(len(t.numbers)-1) {
		if number := t.numbers[i]; number == 0 || t.known[number-1] == key {
			return &t.numbers[i]
		}
	}
}
