package exec

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// rowFinder is a scan stage for setCount: workers find which rows of the first input equal theirs and return the
// ids of these rows. If the rows are divided, which is decided before the scan begins, it passes them through.
type rowFinder struct {
	set *setCount

	mu   sync.Mutex
	idle []*grouper // guarded by mu
}

// findInScans adds a rowFinder to every input but the first that is a scan.
func (s *setCount) findInScans() {
	s.inScan = map[int]bool{}
	for i, input := range s.inputs {
		if scan, ok := input.(*scan); ok && i > 0 {
			scan.groups.stages = append(scan.groups.stages, oneToOne{&rowFinder{set: s}})
			s.inScan[i] = true
		}
	}
}

func (f *rowFinder) apply(b *batch.Batch) (*batch.Batch, error) {
	if f.set.divided != nil {
		return b, nil
	}
	rows := f.take()
	defer f.give(rows)
	columns := make([]batch.Vector, len(b.Columns))
	for i := range columns {
		columns[i] = liveColumn(b, i)
	}
	found := make([]int32, b.Live())
	if err := rows.find(columns, len(found), found); err != nil {
		return nil, err
	}
	known := found[:0]
	for _, row := range found {
		if row != batch.Absent {
			known = append(known, row)
		}
	}
	if len(known) == 0 {
		return nil, nil
	}
	return &batch.Batch{Columns: []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int32, known, nil)}}, Len: len(known)}, nil
}

func (f *rowFinder) take() *grouper {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.idle)
	if n == 0 {
		return f.set.counts.rows.finder()
	}
	last := f.idle[n-1]
	f.idle = f.idle[:n-1]
	return last
}

func (f *rowFinder) give(rows *grouper) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, rows)
}
