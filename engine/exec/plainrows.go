package exec

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// plainRows makes rows as an answer has them, those selected alone and without dictionaries, as far as there is
// memory for that. Workers do this where they can: for texts of all rows whoever reads the answer would take longer
// than for all the rest.
type plainRows struct {
	positions []int // of the columns that the answer has; nobody reads the others any more
	memory    *account
}

const (
	// maxPlainBytes is how much of a batch is made plain at once; whoever reads the answer takes more than that in
	// parts.
	maxPlainBytes = 4 << 20
	// plainShare: nor is it more than one in so many bytes of the query's memory, as whoever reads the answer holds
	// the rows once more, besides what workers have read ahead.
	plainShare = 16
)

// makePlain has the workers of an operator whose rows are the answer's make them plain, if it has workers.
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

// fitting returns what of takes at most for a batch, and whether it is to be called.
func (p *plainRows) fitting(b *batch.Batch) (bytes int64, fits bool) {
	bytes = tableBytes(&batch.Batch{Columns: pickColumns(b, p.positions), Len: b.Len})
	return bytes, bytes <= p.memory.atMost(maxPlainBytes, plainShare) && p.memory.HasRoom(bytes, spillingShare)
}

// of returns the rows of a batch, plain, with NULL in the columns that nobody reads.
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
