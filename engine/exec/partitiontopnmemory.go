package exec

import (
	"iter"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
)

// cutRowBytes is what cut needs for each row besides copies of it, and what sorting takes.
const cutRowBytes = 16

// hold makes the account hold bytes, besides what tells wanted rows.
func (p *partitionTopN) hold(bytes int64) error {
	return p.memory.set(bytes + p.words.sizeBytes())
}

// cuttingBytes is what cut needs: while batches become a table, and rows of it are taken, both are there.
func (p *partitionTopN) cuttingBytes() int64 {
	return 2*p.size + cutRowBytes*int64(len(p.keptOf)+len(p.arrivedOf))
}

// isShort reports whether there would be no memory for cutting, when spare bytes more are taken, and rows can be put
// off for that.
func (p *partitionTopN) isShort(spare int64) bool {
	sorting := sortBytesPerRow * int64(len(p.keptOf)+len(p.arrivedOf))
	return p.partitions.spiller != nil && p.memory.ShouldSpill(p.cuttingBytes()-p.size+sorting+spare)
}

// isShortOf reports whether there is no memory for the chosen rows of b.
func (p *partitionTopN) isShortOf(b *batch.Batch) bool {
	return p.isShort(2*takenBytes(b.Columns, b.Sel) + (cutRowBytes+sortBytesPerRow)*int64(len(b.Sel)))
}

// putOff leaves later halves of the partitions to the next round, until there is room for rows to come. All rows are
// cut.
func (p *partitionTopN) putOff() error {
	for len(p.keptOf) > 0 && p.isShort(p.memory.LimitBytes()/8) && p.keptOf[len(p.keptOf)-1] > p.keptOf[0] {
		first := max(p.keptOf[len(p.keptOf)/2], p.keptOf[0]+1) // partition put off
		known, _ := slices.BinarySearch(p.keptOf, first)
		if err := p.partitions.putOff(p.wholeFrom(known)); err != nil {
			return err
		}
		p.partitions.knowOnly(int(first))
		done, err := p.memory.during(p.keptSize)
		if err != nil {
			return err
		}
		p.kept = &batch.Batch{Columns: takeAll(p.kept.Columns, iota32(known)), Len: known}
		done()
		p.bars, p.keptOf = slices.Clone(p.bars[:first]), slices.Clone(p.keptOf[:known])
		p.words.knowOnly(int(first))
		p.setBarKeys()
		p.size = p.keptSize
		if err := p.hold(p.size); err != nil {
			return err
		}
	}
	return nil
}

// wholeFrom gives the rows kept from one on, with what is unread of them: values of their partitions.
func (p *partitionTopN) wholeFrom(first int) iter.Seq[*batch.Batch] {
	return func(yield func(*batch.Batch) bool) {
		for end := 0; first < p.kept.Len; first = end {
			end = min(first+batch.Rows, p.kept.Len)
			rows := part(p.kept, first, end)
			for _, i := range p.unread {
				rows.Columns[p.partitions.by[i]] = batch.Vector{Array: p.partitions.groups.valuesOf(i, p.keptOf[first:end])}
			}
			if !yield(rows) {
				return
			}
		}
	}
}
