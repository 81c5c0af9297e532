package exec

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// keysOutOfOrder returns the keys that t's rows must be sorted by. The rows are already in the order of the other
// keys, and sorting keeps the order of equal rows.
//
// Events come in the order of their times, so most sorts by caller or access key and then time are by the former
// alone.
func keysOutOfOrder(t *table, keys []sortKey, divide batch.Divide) []sortKey {
	n := len(keys)
	for n > 0 && areInOrder(t, keys[n-1:n], divide) { // so rows are in order of keys[n-1:]
		n--
	}
	if n < len(keys) {
		return keys[:n]
	}
	for n := range len(keys) - 1 {
		if areInOrder(t, keys[n:], divide) {
			return keys[:n]
		}
	}
	return keys
}

// areInOrder reports whether no row comes before its predecessor by keys. It is false if values may be nested, as
// comparing these can fail where sorting would not. For unordered rows it mostly needs only the first few.
func areInOrder(t *table, keys []sortKey, divide batch.Divide) bool {
	if slices.ContainsFunc(keys, func(k sortKey) bool { return isNested(t.columns[k.position]) }) {
		return false
	}
	disorder := disorderIn(t, keys)
	if few := min(t.rows, fewRows); disorder(1, few) < few {
		return false
	}
	var isOut atomic.Bool
	divide.Rows(t.rows, func(_, from, to int) {
		if !isOut.Load() && disorder(max(from, 1), to) < to {
			isOut.Store(true)
		}
	})
	return !isOut.Load()
}

// disorderIn returns a function that finds the first row in [from, to) ordered before its predecessor, or to. from
// must be at least 1.
func disorderIn(t *table, keys []sortKey) func(from, to int) int {
	if a := t.columns[keys[0].position]; len(keys) == 1 && !keys[0].descending && arrowdata.Validity(a) == nil {
		switch a.(type) {
		case *array.Int64, *array.Timestamp:
			return descent(batch.Values[int64](a))
		case *array.Int32, *array.Date32:
			return descent(batch.Values[int32](a))
		}
	}
	order := unrankedOrderBy(t, keys)
	return func(from, to int) int {
		for row := from; row < to; row++ {
			if order(int32(row-1), int32(row)) > 0 {
				return row
			}
		}
		return to
	}
}

func descent[T int32 | int64](values []T) func(from, to int) int {
	return func(from, to int) int {
		for row := from; row < to; row++ {
			if values[row] < values[row-1] {
				return row
			}
		}
		return to
	}
}

// unrankedOrderBy is orderBy for few comparisons or ones that mostly end soon. It does not rank dictionary entries.
func unrankedOrderBy(t *table, keys []sortKey) rowOrder {
	orders := make([]rowOrder, len(keys))
	for i, k := range keys {
		orders[i] = unrankedOrder(t.columns[k.position], k)
	}
	return func(i, j int32) int { return compareBy(orders, i, j) }
}

// unrankedOrder is columnOrder for few comparisons.
func unrankedOrder(a arrow.Array, key sortKey) rowOrder {
	if d, ok := a.(*array.Dictionary); ok {
		return placedOrder(entryOrder(key.valueType, d, key.nullsFirst), a, key)
	}
	return columnOrder(a, key)
}
