package function

import (
	"github.com/auditlake/auditlake/engine/batch"
)

// WindowPartition is the input of a window function: rows [Start, End) of a table sorted by partition and order.
type WindowPartition struct {
	Start, End int32
	// PeerStart and PeerEnd bound, by row - Start, the rows that are equal in the order. They are set for functions
	// of peers, and for frames that begin or end with peers.
	PeerStart, PeerEnd []int32
	// FrameStart and FrameEnd bound each row's frame, by row - Start; a frame is empty if they are equal. They are
	// set only for functions of the frame.
	FrameStart, FrameEnd []int32
}

// WindowFunction computes a function that needs OVER for one partition. Exactly one of its function fields is set.
// out[i] is for row p.Start+i; arguments are columns of the sorted table.
type WindowFunction struct {
	// Numbers computes a bigint; it calls null for an out[i] that is NULL.
	Numbers func(p *WindowPartition, args []batch.Vector, out []int64, null func(i int)) error
	// Fractions computes a double.
	Fractions func(p *WindowPartition, out []float64)
	// Rows sets out[i] to the row of the table from which the first argument is taken; NullRow for NULL, DefaultRow
	// for the third argument's value.
	Rows func(p *WindowPartition, args []batch.Vector, ignoreNulls bool, out []int32) error
	// Frame: Rows reads frames. Peers: Numbers or Fractions reads peers.
	Frame, Peers bool
}

// Values that WindowFunction.Rows returns instead of a row.
const (
	NullRow    int32 = -1
	DefaultRow int32 = -2
)

// WindowByName returns the WindowFunction of a name, false if there is none.
func WindowByName(name string) (WindowFunction, bool) {
	w, ok := windowsByName[name]
	return w, ok
}

var windowsByName = map[string]WindowFunction{
	"row_number":   {Numbers: rowNumber},
	"rank":         {Numbers: rank, Peers: true},
	"dense_rank":   {Numbers: denseRank, Peers: true},
	"ntile":        {Numbers: ntile},
	"percent_rank": {Fractions: percentRank, Peers: true},
	"cume_dist":    {Fractions: cumeDist, Peers: true},
	"lag":          {Rows: lagLead(-1)},
	"lead":         {Rows: lagLead(1)},
	"first_value":  {Rows: firstValue, Frame: true},
	"last_value":   {Rows: lastValue, Frame: true},
	"nth_value":    {Rows: nthValue, Frame: true},
}

func windowFunctions() []Function {
	return []Function{
		window("row_number() -> bigint", "Returns the number of the row in its partition, from 1."),
		window("rank() -> bigint", "Returns the rank of the row, with gaps after ties."),
		window("dense_rank() -> bigint", "Returns the rank of the row, without gaps."),
		window("percent_rank() -> double", "Returns the rank as a fraction: (rank - 1) / (rows - 1)."),
		window("cume_dist() -> double", "Returns the fraction of the rows up to the row's last peer."),
		window("ntile(bigint) -> bigint", "Returns the number of the bucket when the partition is split into n."),
		window("lag(T) -> T", "Returns the value of the row before."),
		window("lag(T, bigint) -> T", "Returns the value of the row offset rows before."),
		window("lag(T, bigint, T) -> T", "Returns the value of the row offset rows before, or the default."),
		window("lead(T) -> T", "Returns the value of the next row."),
		window("lead(T, bigint) -> T", "Returns the value of the row offset rows on."),
		window("lead(T, bigint, T) -> T", "Returns the value of the row offset rows on, or the default."),
		window("first_value(T) -> T", "Returns the value of the frame's first row."),
		window("last_value(T) -> T", "Returns the value of the frame's last row."),
		window("nth_value(T, bigint) -> T", "Returns the value of the frame's n-th row."),
	}
}
