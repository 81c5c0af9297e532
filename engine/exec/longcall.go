package exec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// longCall computes a call over a partition that is in memory one stretch at a time.
type longCall struct {
	// A result depends on before rows before its row and after rows after it, besides the state.
	before, after int64
	needsPeers    bool // a stretch must not split a peer group
	isWhole       bool // all rows have one result, known at the end
	mayFail       bool
	begin         func(w *windowWork) longState
}

// stretch has consecutive rows of a partition in order. Results are computed for rows [from, to).
type stretch struct {
	rows     *table
	base     *batch.Batch              // of rows
	peers    *function.WindowPartition // rows as a partition; its first and last peer groups may be incomplete
	from, to int32                     // to compute
	passed   int64                     // rows of the partition before from
}

// longState is the state of a longCall after the rows so far.
type longState interface {
	// results returns the results of rows [from, to) of a stretch, nil if all rows have one result.
	results(s *stretch) (arrow.Array, error)
	// whole returns the one result of all rows, nil if there is none.
	whole() (arrow.Array, error)
	close()
}

// maxReach limits the rows kept in memory before or after a row.
const maxReach = 1 << 16

// longCallOf returns the longCall of a call; false: the call needs all rows at once.
func longCallOf(c *windowCall, isOrdered bool) (longCall, bool) {
	if c.aggregate != nil {
		return longAggregate(c, isOrdered)
	}
	switch c.node.Fn.Name {
	case "row_number", "rank", "dense_rank":
		return longCall{begin: func(*windowWork) longState { return &longRank{name: c.node.Fn.Name} }}, true
	case "lag", "lead":
		reach := int64(1)
		if len(c.node.Args) > 1 {
			offset, ok := c.node.Args[1].(*plan.Const)
			if !ok {
				return longCall{}, false
			}
			reach, _ = offset.Value.V.(int64) // NULL and negative offsets are errors for every row
		}
		long := longCall{before: reach, begin: func(w *windowWork) longState { return &longRows{work: w, call: c} }}
		if c.node.Fn.Name == "lead" {
			long.before, long.after = 0, reach
		}
		return long, !c.node.IgnoreNulls && reach <= maxReach
	}
	return longCall{}, false
}

func longAggregate(c *windowCall, isOrdered bool) (longCall, bool) {
	f := c.node.Frame
	if c.node.Distinct || len(c.orderBy) > 0 || f.Start != plan.UnboundedPreceding {
		return longCall{}, false
	}
	long := longCall{mayFail: c.node.Fn.Name != "count", begin: func(w *windowWork) longState { return newLongAggregate(w, c) }}
	switch {
	case f.End == plan.UnboundedFollowing, f.End == plan.CurrentRow && f.Unit != plan.FrameRows && !isOrdered:
		long.isWhole = true
	case f.End == plan.CurrentRow:
		long.needsPeers = f.Unit != plan.FrameRows
	default:
		return longCall{}, false
	}
	return long, true
}

// longRank computes row_number, rank and dense_rank.
type longRank struct {
	name        string
	rank, dense int64 // of the last row
}

func (r *longRank) results(s *stretch) (arrow.Array, error) {
	out := make([]int64, s.to-s.from)
	for i := range out {
		row := s.from + int32(i)
		number := s.passed + int64(i) + 1
		if s.peers.PeerStart[row] == row {
			r.rank, r.dense = number, r.dense+1
		}
		switch r.name {
		case "rank":
			out[i] = r.rank
		case "dense_rank":
			out[i] = r.dense
		default:
			out[i] = number
		}
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, nil), nil
}

func (r *longRank) whole() (arrow.Array, error) { return nil, nil }

func (r *longRank) close() {}

// longRows computes lag and lead from rows that are at most maxReach away.
type longRows struct {
	work *windowWork
	call *windowCall
}

func (r *longRows) results(s *stretch) (arrow.Array, error) {
	args, err := r.work.evalArgs(r.call, s.base)
	if err != nil {
		return nil, err
	}
	all, err := r.work.rows(r.call, args, s.rows.rows, []*function.WindowPartition{s.peers})
	if err != nil {
		return nil, err
	}
	return array.NewSlice(all, int64(s.from), int64(s.to)), nil
}

func (r *longRows) whole() (arrow.Array, error) { return nil, nil }

func (r *longRows) close() {}

// longAggregateState adds all rows up to each row, or up to its last peer, to one aggregate state.
type longAggregateState struct {
	work    *windowWork
	call    *windowCall
	isWhole bool
	state   *windowState
}

func newLongAggregate(w *windowWork, c *windowCall) *longAggregateState {
	long, _ := longAggregate(c, len(w.orderBy) > 0)
	state := w.newState(nil)
	state.begin(c.aggregate.New(c.node.Fn, w.env, c.lambdas))
	return &longAggregateState{work: w, call: c, isWhole: long.isWhole, state: state}
}

func (a *longAggregateState) results(s *stretch) (arrow.Array, error) {
	args, err := a.work.evalArgs(a.call, s.base)
	if err != nil {
		return nil, err
	}
	if a.isWhole {
		return nil, addRows(a.state, args, s.from, s.to)
	}
	results := &runningResults{memory: &account{a.work.pool.Account("OVER")}}
	defer results.memory.close()
	index := make([]int32, s.to-s.from)
	for row := s.from; row < s.to; {
		end := row + 1
		if a.call.node.Frame.Unit != plan.FrameRows {
			end = s.peers.PeerEnd[row]
		}
		if err := addRows(a.state, args, row, end); err != nil {
			return nil, err
		}
		result, err := a.state.result()
		if err != nil {
			return nil, err
		}
		for ; row < end; row++ {
			index[row-s.from] = results.count
		}
		if err := results.addResult(result); err != nil {
			return nil, err
		}
	}
	all, err := results.all()
	if err != nil {
		return nil, err
	}
	return batch.Take(all, index), nil
}

func (a *longAggregateState) whole() (arrow.Array, error) {
	if !a.isWhole {
		return nil, nil
	}
	return a.state.result()
}

func (a *longAggregateState) close() { a.state.close() }
