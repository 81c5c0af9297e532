package function

func booleanAggFunctions() []Function {
	all := func() *AggregateImpl { return combining(func(a, b bool) bool { return a && b }) }
	any := combining(func(a, b bool) bool { return a || b })
	return []Function{
		aggregate("bool_and(boolean) -> boolean", "Reports whether every value is true.", all()),
		aggregate("every(boolean) -> boolean", "Reports whether every value is true.", all()),
		aggregate("bool_or(boolean) -> boolean", "Reports whether any value is true.", any),
	}
}

func bitwiseAggFunctions() []Function {
	return []Function{
		aggregate("bitwise_and_agg(bigint) -> bigint", "Returns the bitwise AND of all values.",
			combining(func(a, b int64) int64 { return a & b })),
		aggregate("bitwise_or_agg(bigint) -> bigint", "Returns the bitwise OR of all values.",
			combining(func(a, b int64) int64 { return a | b })),
		aggregate("bitwise_xor_agg(bigint) -> bigint", "Returns the bitwise XOR of all values.",
			combining(func(a, b int64) int64 { return a ^ b })),
	}
}

// combining makes an aggregate of an operation that never fails, and that may
// take the values in any order; the result of no values is NULL.
func combining[T any](merge func(a, b T) T) *AggregateImpl {
	return exactly(combiningInOrder(merge))
}

// combiningInOrder is combining where the order of the values shows.
func combiningInOrder[T any](merge func(a, b T) T) *AggregateImpl {
	return totalling(nil, func(t *total[T], v T) error {
		if t.any {
			v = merge(t.sum, v)
		}
		*t = total[T]{v, true}
		return nil
	})
}
