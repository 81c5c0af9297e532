package exec

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// plainRows brings rows to the form of an answer: only the selected ones, and no dictionaries. Workers do this if
// there is memory, since for texts the goroutine that reads the answer would need longer than for all other work.
type plainRows struct {
	positions []int // of the answer's columns; the others are no longer read
	memory    *account
}

const (
	// maxPlainBytes limits the bytes of a batch that workers make plain at once. The reader of the answer takes
	// larger batches in parts.
	maxPlainBytes = 4 << 20
	// plainShare is a further limit, 1/plainShare of the query's memory: the reader holds the rows once more,
	// besides what workers have read ahead.
	plainShare = 16
)

// makePlain makes the workers of an operator that returns the answer's rows bring them to plain form.
func makePlain(input Operator, positions []int) {
	if all, ok := input.(*concatenation); ok {
		for _, in := range all.inputs {
			makePlain(in, positions)
		}
		return
	}
	plain := &plainRows{positions: positions}
	switch in := input.(type) {
	case *scan:
		plain.memory = in.memory
		in.groups.stages = append(in.groups.stages, oneToOne{plain})
	case *partitionwise:
		plain.memory = in.stages.memory
		in.stages.put(plain)
	case *sorter:
		plain.memory = in.runs.memory
		in.plain = plain
	}
}

func (p *plainRows) apply(b *batch.Batch) (*batch.Batch, error) {
	if _, fits := p.fitting(b); !fits {
		return b, nil
	}
	return p.of(b), nil
}

// fitting returns the most bytes that method of needs for b, and whether to call it.
func (p *plainRows) fitting(b *batch.Batch) (bytes int64, fits bool) {
	bytes = tableBytes(&batch.Batch{Columns: pickColumns(b, p.positions), Len: b.Len})
	return bytes, bytes <= p.memory.atMost(maxPlainBytes, plainShare) && p.memory.HasRoom(bytes, spillingShare)
}

// of returns the live rows of b in plain form, with NULL in the unread columns.
func (p *plainRows) of(b *batch.Batch) *batch.Batch {
	out := &batch.Batch{Columns: make([]batch.Vector, len(b.Columns)), Len: b.Live()}
	for i := range out.Columns {
		out.Columns[i].Array = array.NewNull(out.Len)
	}
	for _, at := range p.positions {
		v := liveColumn(b, at)
		if !v.Const {
			v.Array = batch.Decode(v.Array)
		}
		out.Columns[at] = v
	}
	return out
}
