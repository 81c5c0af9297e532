package query

// OnReservation has a function called, by the goroutine that reserves memory for a query, before it allocates.
func (q *Queries) OnReservation(do func(bytes int64)) { q.memory.BeforeLarge(1, do) }
