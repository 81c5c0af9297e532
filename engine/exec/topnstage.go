package exec

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// topNStage has the workers of a scan, or those who work on groups, drop the rows that come after the bar of a topN, as far as it is known when they
// come to them.
type topNStage struct {
	top *topN
	bar atomic.Pointer[[]arrow.Array] // nil: there is none yet
}

// dropBelow makes the workers of t's input, if it has some, drop rows.
func (t *topN) dropBelow() {
	stage := &topNStage{top: t}
	switch in := t.input.(type) {
	case *scan:
		in.groups.stages = append(in.groups.stages, oneToOne{stage})
	case *stagedGroups:
		in.put(stage)
	case *partitionwise:
		in.stages.put(stage)
	default:
		return
	}
	t.below = stage
}

func (s *topNStage) apply(b *batch.Batch) (*batch.Batch, error) {
	bar := s.bar.Load()
	if bar == nil {
		return b, nil
	}
	if b = s.top.candidates(b, *bar); b.Len == 0 {
		return nil, nil
	}
	return b, nil
}
