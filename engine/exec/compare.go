package exec

import (
	"cmp"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// sortKey orders rows by a column of a table.
type sortKey struct {
	position   int
	valueType  *types.Type
	descending bool
	nullsFirst bool
}

// rowOrder compares two rows of a table.
type rowOrder func(i, j int32) int

// orderBy returns the order of t's rows by keys.
func orderBy(t *table, keys []sortKey) rowOrder {
	orders := make([]rowOrder, len(keys))
	for i, k := range keys {
		orders[i] = columnOrder(t.columns[k.position], k)
	}
	if len(orders) == 1 {
		return orders[0]
	}
	return func(i, j int32) int { return compareBy(orders, i, j) }
}

// compareBy compares two rows by the first order in which they differ.
func compareBy(orders []rowOrder, i, j int32) int {
	for _, order := range orders {
		if c := order(i, j); c != 0 {
			return c
		}
	}
	return 0
}

// columnOrder compares rows of one column, with NULLs where the key puts them. NaN comes before the other numbers
// if NULLs come first, and after them if NULLs come last; DESC reverses that.
func columnOrder(a arrow.Array, key sortKey) rowOrder {
	return placedOrder(valueOrder(key.valueType, a, key.nullsFirst), a, key)
}

// placedOrder is columnOrder for a given order of a's values.
func placedOrder(values rowOrder, a arrow.Array, key sortKey) rowOrder {
	if key.descending {
		ascending := values
		values = func(i, j int32) int { return ascending(j, i) }
	}
	return withNulls(values, arrowdata.Validity(a), arrowdata.Validity(a), key.nullsFirst)
}

// withNulls orders values, and puts NULLs before or after them.
func withNulls(values rowOrder, validI, validJ []byte, nullsFirst bool) rowOrder {
	if validI == nil && validJ == nil {
		return values
	}
	nulls := 1
	if nullsFirst {
		nulls = -1
	}
	return func(i, j int32) int {
		hasI, hasJ := arrowdata.IsValid(validI, int(i)), arrowdata.IsValid(validJ, int(j))
		switch {
		case hasI && hasJ:
			return values(i, j)
		case hasI == hasJ:
			return 0
		case hasJ:
			return nulls
		}
		return -nulls
	}
}

// orderBetween compares row i of columns a with row j of columns b. Both have one column per key, in order.
func orderBetween(a, b []arrow.Array, keys []sortKey) rowOrder {
	orders := make([]rowOrder, len(keys))
	for k, key := range keys {
		orders[k] = columnOrderBetween(a[k], b[k], key)
	}
	return func(i, j int32) int { return compareBy(orders, i, j) }
}

func columnOrderBetween(a, b arrow.Array, key sortKey) rowOrder {
	if a.NullN() == a.Len() || b.NullN() == b.Len() { // one may be without type
		return withNulls(func(i, j int32) int { return 0 }, validityOrNone(a), validityOrNone(b), key.nullsFirst)
	}
	order := numberOrdering(key.nullsFirst)(key.valueType, a, b)
	values := func(i, j int32) int { return order(int(i), int(j)) }
	if key.descending {
		values = func(i, j int32) int { return -order(int(i), int(j)) }
	}
	return withNulls(values, arrowdata.Validity(a), arrowdata.Validity(b), key.nullsFirst)
}

// validityOrNone returns the validity of an array; all its values may be NULL without a bitmap.
func validityOrNone(a arrow.Array) []byte {
	if a.NullN() == a.Len() {
		return arrowdata.NewBitmap(a.Len())
	}
	return arrowdata.Validity(a)
}

// valueOrder compares values that are not NULL, with NaN before or after all other numbers.
func valueOrder(t *types.Type, a arrow.Array, nanFirst bool) rowOrder {
	if d, ok := a.(*array.Dictionary); ok {
		return dictionaryOrder(t, d, nanFirst)
	}
	if a.DataType().ID() == arrow.NULL {
		return func(i, j int32) int { return 0 }
	}
	order := numberOrdering(nanFirst)(t, a, a)
	return func(i, j int32) int { return order(int(i), int(j)) }
}

// numberOrdering returns the order of values with NaN before or after all other numbers.
func numberOrdering(nanFirst bool) func(t *types.Type, a, b arrow.Array) func(i, j int) int {
	if nanFirst {
		return batch.OrderingNaNFirst
	}
	return batch.Ordering
}

// dictionaryOrder ranks the dictionary's entries once, unless they outnumber the rows.
func dictionaryOrder(t *types.Type, d *array.Dictionary, nanFirst bool) rowOrder {
	codes, values := batch.Codes(d), d.Dictionary()
	if values.Len() > d.Len() {
		return entryOrder(t, d, nanFirst)
	}
	order := valueOrder(t, values, nanFirst)
	byRank := iota32(values.Len())
	slices.SortStableFunc(byRank, order)
	ranks := make([]int32, len(byRank))
	for at, entry := range byRank {
		if at > 0 && order(byRank[at-1], entry) == 0 {
			ranks[entry] = ranks[byRank[at-1]]
			continue
		}
		ranks[entry] = int32(at)
	}
	return func(i, j int32) int { return cmp.Compare(ranks[codes[i]], ranks[codes[j]]) }
}

// entryOrder is dictionaryOrder without ranks, for few comparisons.
func entryOrder(t *types.Type, d *array.Dictionary, nanFirst bool) rowOrder {
	codes, entries := batch.Codes(d), valueOrder(t, d.Dictionary(), nanFirst)
	return func(i, j int32) int {
		if codes[i] == codes[j] {
			return 0
		}
		return entries(codes[i], codes[j])
	}
}
