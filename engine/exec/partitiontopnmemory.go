package exec

import (
	"iter"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
)

// cutRowBytes is the memory that cut needs per row, besides copies of the rows and sorting.
const cutRowBytes = 16

// hold makes the account hold bytes and the size of words.
func (p *partitionTopN) hold(bytes int64) error {
	return p.memory.set(bytes + p.words.sizeBytes())
}

// cuttingBytes returns the memory for a cut: batches and their table exist at once, as do the table and the rows
// taken.
func (p *partitionTopN) cuttingBytes() int64 {
	return 2*p.size + cutRowBytes*int64(len(p.keptOf)+len(p.arrivedOf))
}

// isShort reports whether a cut would lack memory if spare bytes more were held, and rows can be put off instead.
func (p *partitionTopN) isShort(spare int64) bool {
	sorting := sortBytesPerRow * int64(len(p.keptOf)+len(p.arrivedOf))
	return p.partitions.spiller != nil && p.memory.ShouldSpill(p.cuttingBytes()-p.size+sorting+spare)
}

// isShortOf reports whether there is too little memory for the chosen rows of b.
func (p *partitionTopN) isShortOf(b *batch.Batch) bool {
	return p.isShort(2*takenBytes(b.Columns, b.Sel) + (cutRowBytes+sortBytesPerRow)*int64(len(b.Sel)))
}

// putOff moves the later half of the partitions to the next round, again and again until there is room for more
// rows. The rows must have been cut.
func (p *partitionTopN) putOff() error {
	for len(p.keptOf) > 0 && p.isShort(p.memory.LimitBytes()/8) && p.keptOf[len(p.keptOf)-1] > p.keptOf[0] {
		first := max(p.keptOf[len(p.keptOf)/2], p.keptOf[0]+1) // first partition put off
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

// wholeFrom yields the kept rows from first on, with the unread columns restored from their partitions.
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
