package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// topNStage drops rows that a topN does not want, in the workers of a scan or of groups: rows after the bar, as far
// as it is known, and rows after the first ones of a batch.
type topNStage struct {
	top    *topN
	memory *account // holds rows that are being sorted
	bar    atomic.Pointer[topNBar]
	mu     sync.Mutex // held while the bar is replaced
	// followsTop: only the topN sets the bar, and no other rows are dropped, so that its input does not depend on
	// when workers run. That is needed if a scan ends by the bar, or if a batch that is given up changes when it is
	// made again.
	followsTop bool
}

// topNBar is the keys of a row up to which there are at least the wanted rows.
type topNBar struct {
	keys []arrow.Array // one row each
	// isOfAll: the bar is from all rows so far, so later rows that equal it are not wanted. Otherwise it is from
	// one batch, and equal rows of other batches may come first.
	isOfAll bool
}

// firstsPerBatch: a batch is cut to its first rows if it has at least firstsPerBatch times the wanted rows.
const firstsPerBatch = 4

// dropBelow makes the workers of t's input, if any, drop rows. The account is closed with t.
func (t *topN) dropBelow(memory *account, followsTop bool) {
	stage := &topNStage{top: t, memory: memory, followsTop: followsTop}
	if !putStage(t.input, stage) {
		memory.close()
		return
	}
	t.below = stage
}

// isRepeatable reports whether the rows that come through n, and from the left sides of joins, are the same when
// they are made again.
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

// first returns the first wanted rows of a batch, which has more, and with ties those that equal the last of them.
// If there is no memory to sort, it returns all rows.
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
