package exec

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// keysOutOfOrder returns the keys that t's rows are to be sorted by. The keys after these need not be looked at, as the rows are in their order
// already, and sorting keeps the order of equal rows. Events come in the order of their times, so that most sorts within a caller or an access
// key are by the caller or the key alone.
func keysOutOfOrder(t *table, keys []sortKey, divide batch.Divide) []sortKey {
	n := len(keys)
	for n > 0 && areInOrder(t, keys[n-1:n], divide) { // and so by all keys from n-1 on, as the rows are in the order of those after it
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

// areInOrder reports whether each row is equal to the one before it by keys, or comes after it. It is false where values may be nested, as comparing
// these can fail where sorting would not. Rows in no order are found out by the first few.
func areInOrder(t *table, keys []sortKey, divide batch.Divide) bool {
	if slices.ContainsFunc(keys, func(k sortKey) bool { return isNested(t.columns[k.position]) }) {
		return false
	}
	follow := followIn(t, keys)
	if !follow(1, min(t.rows, fewRows)) {
		return false
	}
	var outOfOrder atomic.Bool
	divide.Rows(t.rows, func(_, from, to int) {
		if !outOfOrder.Load() && !follow(max(from, 1), to) {
			outOfOrder.Store(true)
		}
	})
	return !outOfOrder.Load()
}

// followIn returns what reports whether rows from one on up to another, of which none is the first, are each in order with the row before it.
func followIn(t *table, keys []sortKey) func(from, to int) bool {
	if a := t.columns[keys[0].position]; len(keys) == 1 && !keys[0].descending && arrowdata.Validity(a) == nil {
		switch a.(type) {
		case *array.Int64, *array.Timestamp:
			return ascending(batch.Values[int64](a))
		case *array.Int32, *array.Date32:
			return ascending(batch.Values[int32](a))
		}
	}
	orders := make([]rowOrder, len(keys))
	for i, k := range keys {
		orders[i] = unrankedOrder(t.columns[k.position], k)
	}
	return func(from, to int) bool {
		for row := int32(from); row < int32(to); row++ {
			if compareBy(orders, row-1, row) > 0 {
				return false
			}
		}
		return true
	}
}

func ascending[T int32 | int64](values []T) func(from, to int) bool {
	return func(from, to int) bool { return from >= to || slices.IsSorted(values[from-1:to]) }
}

// unrankedOrder is columnOrder for few comparisons, which mostly end soon.
func unrankedOrder(a arrow.Array, key sortKey) rowOrder {
	if d, ok := a.(*array.Dictionary); ok {
		return placedOrder(entryOrder(key.valueType, d, key.nullsFirst), a, key)
	}
	return columnOrder(a, key)
}
