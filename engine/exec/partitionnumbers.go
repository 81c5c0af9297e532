package exec

import (
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// partitionNumbers has the workers of a scan number the texts that a partitioner tells partitions apart by, batch by batch, so that the partitioner
// looks at each text of a batch once. The numbers, from 0 in order of first appearance, are a column after all others; it is NULL where texts come
// without a dictionary.
type partitionNumbers struct {
	by int // position of the text

	mu   sync.Mutex
	idle []*batch.Numbering // guarded by mu
}

// maxNumberedEntries is of how many texts a dictionary is numbered: a worker has four bytes for each.
const maxNumberedEntries = 1 << 16

// numberInScan makes the workers of p's input, if it is a scan, number partitions of one text each.
func (p *partitioner) numberInScan() {
	s, isScan := p.input.(*scan)
	if !isScan || len(p.by) != 1 || p.types[0].ID() != arrow.STRING {
		return
	}
	p.isNumbered = true
	s.groups.stages = append(s.groups.stages, oneToOne{&partitionNumbers{by: p.by[0]}})
}

func (n *partitionNumbers) apply(b *batch.Batch) (*batch.Batch, error) {
	b = measured(compact(b))
	v, numbers := b.Columns[n.by], batch.Vector{Array: batch.Nulls(arrow.PrimitiveTypes.Int32, 1), Const: true}
	if d, isCoded := v.Array.(*array.Dictionary); isCoded && !v.Const && d.Dictionary().Len() <= maxNumberedEntries {
		numbering, of := n.take(), make([]int32, b.Len)
		if _, err := numbering.Number(v, b.Len, of, nil); err != nil {
			return nil, err
		}
		n.give(numbering)
		numbers = batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int32, of, nil)}
	}
	return withColumn(b, numbers), nil
}

func (n *partitionNumbers) take() *batch.Numbering {
	n.mu.Lock()
	defer n.mu.Unlock()
	if last := len(n.idle) - 1; last >= 0 {
		numbering := n.idle[last]
		n.idle = n.idle[:last]
		return numbering
	}
	return &batch.Numbering{}
}

func (n *partitionNumbers) give(numbering *batch.Numbering) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.idle = append(n.idle, numbering)
}

// withoutNumbers takes the numbers off a batch that has some.
func (p *partitioner) withoutNumbers(b *batch.Batch) *batch.Batch {
	last := len(b.Columns) - 1
	p.numbered = b.Columns[last]
	out := &batch.Batch{Columns: b.Columns[:last], Len: b.Len}
	if b.DecodedBytes > 0 {
		out.DecodedBytes = b.DecodedBytes - batch.DecodedBytes(p.numbered, b.Len)
	}
	return out
}

// lookUp writes the partition of each row to ids, as look finds it. Rows of one number have one partition.
func (p *partitioner) lookUp(columns []batch.Vector, rows int, look func(columns []batch.Vector, rows int, out []int32) error) error {
	if p.numbered.Array == nil || p.numbered.Const {
		return look(columns, rows, p.ids)
	}
	numbers := batch.Values[int32](p.numbered.Array)
	p.firsts = p.firsts[:0]
	for row, number := range numbers {
		if int(number) == len(p.firsts) {
			p.firsts = append(p.firsts, int32(row))
		}
	}
	p.ofNumbers = resized(p.ofNumbers, len(p.firsts))
	if err := look([]batch.Vector{batch.TakeVector(columns[0], p.firsts)}, len(p.firsts), p.ofNumbers); err != nil {
		return err
	}
	for row, number := range numbers {
		p.ids[row] = p.ofNumbers[number]
	}
	return nil
}
