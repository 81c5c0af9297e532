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

// minRowsToCombine is how many rows a frame has at least for its combinations to be looked for.
const minRowsToCombine = 256

// minRowsOfCombination is how many rows a combination must have, in the mean. Even a comparison takes no longer with
// two, as half of the texts are not gathered, and whoever groups by the result finds a dictionary.
const minRowsOfCombination = 2

// overCombinations is overDictionary for a function of several arguments that vary, all of them dictionary columns:
// it is computed once for each combination of their values that the rows have. So is a function of one such column
// that fails for a value of the dictionary that no row has, as behind a filter. Columns of integers, times and
// booleans, of which few may differ, count as dictionaries for a function that makes texts. A call whose rows turn
// out to have too many combinations, or one that it fails for, does not look for any again.
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

// overFirsts gives each row what compute gives for the first row that has its combination of the columns' values.
// Where there are too many of them, or compute fails for one, it declines and sets isByRow.
func (f *frame) overFirsts(columns []arrow.Array, isByRow *atomic.Bool, compute func(firsts []int32) (batch.Vector, error)) (batch.Vector, bool, error) {
	codes, firsts, err := combinations(f, columns)
	if codes == nil {
		isByRow.Store(err == nil)
		return batch.Vector{}, false, err
	}
	v, err := compute(firsts)
	if err != nil {
		isByRow.Store(true) // TRY may ask for more rows
		return batch.Vector{}, false, f.env.Stopped()
	}
	return newAnswer(v).spread(f.env, codes, nil, len(firsts)), true, nil
}

// combinations numbers the combinations of the columns' values that the rows have, and gives the first row of each;
// nil if there are too many.
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

// combined makes one number of the values of each row, below limit; false if they are too large for one.
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

// combine adds the values of a column, which are count from low on, to keys that are below limit. It returns the new
// limit.
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

// combineIntegers is combine of an array that isOfIntegers, whatever their width.
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

// combineSpan is combine of values that may be any.
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

// isOfIntegers reports whether values of the array are integers, dates, times or booleans.
func isOfIntegers(a arrow.Array) bool {
	switch a.DataType().ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIME64, arrow.TIMESTAMP:
		return true
	}
	return false
}

// numbersOf returns 1 for each value that is true.
func numbersOf(a *array.Boolean) []int8 {
	numbers := make([]int8, a.Len())
	for i, isTrue := range batch.Bools(a) {
		if isTrue {
			numbers[i] = 1
		}
	}
	return numbers
}

// numbered numbers keys below limit in the order in which they first come, and gives the first row of each; nil if
// there are more than most.
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

// keyTable has the numbers of keys, from 1 on: by key where keys are small, else by hash.
type keyTable struct {
	numbers []int32
	isSmall bool
	shift   int      // of a hash
	known   []uint64 // by number - 1
}

// maxKeyRatio is how many times the rows small keys may be.
const maxKeyRatio = 4

func newKeyTable(limit uint64, rows, most int) *keyTable {
	if limit <= uint64(maxKeyRatio*rows) {
		return &keyTable{numbers: make([]int32, limit), isSmall: true}
	}
	width := bits.Len(uint(2 * most))
	return &keyTable{numbers: make([]int32, 1<<width), shift: 64 - width}
}

// number returns where the number of a key is, or is to be.
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
