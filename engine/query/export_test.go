package query

// OnReservation has a function called, by the goroutine that reserves memory for a query, before it allocates.
func (q *Queries) OnReservation(do func(bytes int64)) { q.memory.BeforeLarge(1, do) }

// GateStrictly has all statements wait for one of so many permits to compute, see processors.Gate.
func (q *Queries) GateStrictly(permits int) { q.gate.Strict(permits) }
