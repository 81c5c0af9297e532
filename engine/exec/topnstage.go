package exec

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// topNStage has the workers of a scan drop the rows that come after the bar of a topN, as far as it is known when they read them.
type topNStage struct {
	top *topN
	bar atomic.Pointer[[]arrow.Array] // nil: there is none yet
}

// dropInScan makes the workers of t's input, if it is a scan, drop rows.
func (t *topN) dropInScan() {
	if s, ok := t.input.(*scan); ok {
		t.inScan = &topNStage{top: t}
		s.groups.stages = append(s.groups.stages, oneToOne{t.inScan})
	}
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
