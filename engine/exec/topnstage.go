package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// topNStage has the workers of a scan, or those who work on groups, drop rows that a topN does not want: those that
// come after its bar, as far as that is known when they come to them, and those after the first ones of a batch.
type topNStage struct {
	top    *topN
	memory *account // of rows being sorted
	bar    atomic.Pointer[topNBar]
	mu     sync.Mutex // held while the bar is replaced
	// followsTop: only the top-N sets the bar, and no other rows are dropped, so that what it sees of batches does
	// not depend on when workers come to them. So it has to be where a scan ends by the bar, and where a batch that
	// is given up is not the same when it is made again.
	followsTop bool
}

// topNBar is the keys of a row up to which there are as many rows as are wanted.
type topNBar struct {
	keys []arrow.Array // of one row
	// isOfAll: it was found in all rows up to it, so that equal rows that come later are not wanted; otherwise in
	// those of one batch, and equal rows of others may stand before them.
	isOfAll bool
}

// firstsPerBatch is how many times the rows that are wanted a batch has at least for its first ones to be looked for.
const firstsPerBatch = 4

// dropBelow makes the workers of t's input, if it has some, drop rows. The account is closed with t.
func (t *topN) dropBelow(memory *account, followsTop bool) {
	stage := &topNStage{top: t, memory: memory, followsTop: followsTop}
	if !putStage(t.input, stage) {
		memory.close()
		return
	}
	t.below = stage
}

// isRepeatable reports whether the rows that come through n, and from the left sides of joins, are the same when they
// are made again.
func isRepeatable(n plan.Node) bool {
	for {
		isFixed := true
		plan.VisitExprs(n, func(e plan.Expr) { isFixed = isFixed && plan.IsDeterministic(e) })
		inputs := plan.Inputs(n)
		if !isFixed || len(inputs) == 0 {
			return isFixed
		}
		n = inputs[0]
	}
}

func (s *topNStage) apply(b *batch.Batch) (*batch.Batch, error) {
	if bar := s.bar.Load(); bar != nil {
		if b = s.top.candidates(b, bar.keys, s.top.withTies || !bar.isOfAll); b.Len == 0 {
			return nil, nil
		}
	}
	if wanted := s.top.offset + s.top.count; !s.followsTop && int64(b.Live()/firstsPerBatch) >= wanted {
		return s.first(b, wanted), nil
	}
	return b, nil
}

// first returns the first rows of a batch, which has more, and those that tie with the last of them where these are
// wanted; all rows where there is no memory to sort them.
func (s *topNStage) first(b *batch.Batch, wanted int64) *batch.Batch {
	keys := &table{columns: make([]arrow.Array, len(b.Columns)), rows: b.Live()}
	for _, k := range s.top.keys {
		keys.columns[k.position] = batch.Expand(liveColumn(b, k.position), keys.rows)
	}
	rows, err := s.top.first(context.Background(), keys, wanted-1, wanted, 1, s.memory)
	if err != nil {
		return b
	}
	s.raise(&topNBar{keys: s.top.barAt(keys, rows[wanted-1])})
	rows = inTheirOrder(rows, keys.rows, batch.InTurn)
	if b.Sel != nil {
		for i, row := range rows {
			rows[i] = b.Sel[row]
		}
	}
	return &batch.Batch{Columns: takeAll(b.Columns, rows), Len: len(rows)}
}

// raise replaces the bar by one before which fewer rows come.
func (s *topNStage) raise(bar *topNBar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.bar.Load(); known != nil {
		if c := orderBetween(bar.keys, known.keys, s.top.keys)(0, 0); c > 0 || c == 0 && !bar.isOfAll {
			return
		}
	}
	s.bar.Store(bar)
}
