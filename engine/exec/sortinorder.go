package exec

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// keysOutOfOrder returns the keys that t's rows are to be sorted by. The keys after these need not be looked at, as the rows are in their order
// already, or in runs that are, and sorting keeps the order of equal rows. Events come in the order of their times, so that most sorts within a
// caller or an access key are by the caller or the key alone; runs are of segments whose times overlap. It returns where the runs but the first
// begin, nothing where there is one.
func keysOutOfOrder(t *table, keys []sortKey, divide batch.Divide) (left []sortKey, runs []int) {
	n := len(keys)
	for n > 0 && areInOrder(t, keys[n-1:n], divide) { // and so by all keys from n-1 on, as the rows are in the order of those after it
		n--
	}
	if n < len(keys) {
		return keys[:n], nil
	}
	for n := range len(keys) - 1 {
		if areInOrder(t, keys[n:], divide) {
			return keys[:n], nil
		}
	}
	for n := range keys {
		if runs, areFew := runsOf(t, keys[n:], min(maxOrderedRuns, t.rows/leastOrderedRun), divide); areFew {
			return keys[:n], runs
		}
	}
	return keys, nil
}

const (
	// maxOrderedRuns is how many runs in order are merged, which goes over rows as often as it halves that number. More are sorted like rows in no order.
	maxOrderedRuns = 64
	// leastOrderedRun is how many rows a run has in the mean, at least.
	leastOrderedRun = 1 << 10
)

// areInOrder reports whether each row is equal to the one before it by keys, or comes after it.
func areInOrder(t *table, keys []sortKey, divide batch.Divide) bool {
	_, isOne := runsOf(t, keys, 1, divide)
	return isOne
}

// runsOf returns where the runs of rows in the order of keys begin, without the first, which begins with row 0; false: they are more than most. It is
// false where values may be nested, as comparing these can fail where sorting would not. Rows in no order are found out by the first few.
func runsOf(t *table, keys []sortKey, most int, divide batch.Divide) ([]int, bool) {
	if most == 0 || slices.ContainsFunc(keys, func(k sortKey) bool { return isNested(t.columns[k.position]) }) {
		return nil, false
	}
	disorder := disorderIn(t, keys)
	if few := min(t.rows, fewRows); disorder(1, few) < few {
		return nil, false
	}
	var mu sync.Mutex
	var runs []int
	var areMany atomic.Bool
	divide.Rows(t.rows, func(_, from, to int) {
		for row := disorder(max(from, 1), to); row < to && !areMany.Load(); row = disorder(row+1, to) {
			mu.Lock()
			runs = append(runs, row)
			areMany.Store(len(runs) >= most)
			mu.Unlock()
		}
	})
	slices.Sort(runs)
	return runs, !areMany.Load()
}

// disorderIn returns what finds the first of the rows from one on up to another, of which none is row 0, that comes before the row before it; the
// other where none does.
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

// unrankedOrderBy is orderBy for few comparisons, which mostly end soon.
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
