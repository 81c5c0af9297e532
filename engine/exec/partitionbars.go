package exec

import (
	"context"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// partitionBars know of each partition the least words of its rows, as many as rows are wanted: a row whose word is
// greater than all of them comes after so many rows of its partition. They tell most rows that are not wanted as soon
// as these come, without another look at the rows that are kept. A word is made of the first sort key alone, so rows
// of equal words are told apart by others.
type partitionBars struct {
	key      sortKey
	count    int
	distinct bool     // rows of equal words count once
	words    []uint64 // count of each partition, ascending; noWord where it had fewer rows
	known    int      // words that are there
}

const (
	// maxBarWords is of how many wanted rows of a partition the words are kept.
	maxBarWords = 16

	noWord     = math.MaxUint64 // comes after all others
	lastNulls  = noWord - 1     // the word of NULLs that come last
	lastValues = noWord - 2     // the greatest word of a value
)

// newPartitionBars returns nil where words would be too many, or there are none of the first key's type.
func newPartitionBars(keys []sortKey, ranking plan.Ranking, count int64) *partitionBars {
	if len(keys) == 0 || count < 1 || count > maxBarWords || barWords(batch.Nulls(arrowtype.Of(keys[0].valueType), 1), keys[0]) == nil {
		return nil
	}
	return &partitionBars{key: keys[0], count: int(count), distinct: ranking == plan.DenseRank}
}

// reach makes room for so many partitions.
func (p *partitionBars) reach(partitions int) {
	for len(p.words) < partitions*p.count {
		p.words = append(p.words, noWord)
	}
}

// growthBytes is what reach may need until it gives back what there was before.
func (p *partitionBars) growthBytes(partitions int) int64 {
	if p == nil || partitions*p.count <= cap(p.words) {
		return 0
	}
	return 2 * 8 * int64(max(cap(p.words), partitions*p.count))
}

func (p *partitionBars) sizeBytes() int64 {
	if p == nil {
		return 0
	}
	return 8 * int64(cap(p.words))
}

// bar is the greatest word of a row that may be wanted.
func (p *partitionBars) bar(partition int32) uint64 { return p.words[(int(partition)+1)*p.count-1] }

// knows reports whether a row of the partition came.
func (p *partitionBars) knows(partition int32) bool { return p.words[int(partition)*p.count] != noWord }

// add takes in a word of a partition below its bar.
func (p *partitionBars) add(partition int32, word uint64) {
	words := p.words[int(partition)*p.count:][:p.count]
	at := 0
	for words[at] < word {
		at++
	}
	if p.distinct && words[at] == word {
		return
	}
	if words[len(words)-1] == noWord {
		p.known++
	}
	copy(words[at+1:], words[at:])
	words[at] = word
}

// knowOnly forgets the partitions from a number on.
func (p *partitionBars) knowOnly(partitions int) {
	if p == nil {
		return
	}
	p.words, p.known = append([]uint64{}, p.words[:min(len(p.words), partitions*p.count)]...), 0
	for _, word := range p.words {
		if word != noWord {
			p.known++
		}
	}
}

// barWords returns the word of each row of an array: of two rows whose words differ the one of the lesser word comes
// first. nil: the key's type has none.
func barWords(a arrow.Array, key sortKey) func(row int32) uint64 {
	null := uint64(lastNulls)
	if key.nullsFirst {
		null = 0
	}
	values := a
	var codes []int32
	if d, ok := a.(*array.Dictionary); ok {
		values, codes = d.Dictionary(), batch.Codes(d)
	}
	if a.NullN() == a.Len() { // it may be without type
		if a.DataType().ID() != arrow.NULL && valueWords(values, key) == nil {
			return nil
		}
		return func(int32) uint64 { return null }
	}
	word := valueWords(values, key)
	if word == nil {
		return nil
	}
	valid := arrowdata.Validity(a)
	return func(row int32) uint64 {
		if valid != nil && !arrowdata.IsSet(valid, int(row)) {
			return null
		}
		if codes != nil {
			row = codes[row]
		}
		return min(max(word(row), 1), lastValues)
	}
}

// valueWords is barWords for values that are not NULL.
func valueWords(values arrow.Array, key sortKey) func(row int32) uint64 {
	switch values.(type) {
	case *array.String, *array.Binary:
		offsets, data := batch.Text(values)
		flip := uint64(0)
		if key.descending {
			flip = math.MaxUint64
		}
		return func(row int32) uint64 {
			return batch.TextWord(data[offsets[row]:offsets[row+1]]) ^ flip
		}
	}
	parts, ok := keyParts(values, arrowdata.Validity(values), key, nil)
	if !ok {
		return nil
	}
	return parts[0].read
}

// reachPartitions makes room for words of all partitions. Where there is no memory for that, there are no words from
// then on.
func (p *partitionTopN) reachPartitions() error {
	if p.words == nil {
		return nil
	}
	partitions := p.partitions.groups.groups
	if p.hold(p.size+p.words.growthBytes(partitions)) != nil {
		p.words = nil
	} else {
		p.words.reach(partitions)
	}
	return p.hold(p.size)
}

// candidates lists the live rows of b, by their number among these, that come before
// the last ones wanted of their partitions.
func (p *partitionTopN) candidates(b *batch.Batch, partitions []int32) []int32 {
	rows := make([]int32, 0, batch.Rows)
	var firsts []int32 // of them, those of partitions that had none before
	var order rowOrder // between a row and one that is kept; nil: none was compared yet
	var word func(row int32) uint64
	if p.words != nil {
		word = barWords(batch.Expand(liveColumn(b, p.words.key.position), len(partitions)), p.words.key)
	}
	for row, partition := range partitions {
		if word != nil {
			w, bar := word(int32(row)), p.words.bar(partition)
			if w > bar {
				continue
			}
			if w < bar {
				if !p.words.knows(partition) {
					firsts = append(firsts, int32(row))
				}
				p.words.add(partition, w)
				rows = append(rows, int32(row))
				continue
			}
		}
		if int(partition) < len(p.bars) && p.bars[partition] >= 0 {
			if order == nil {
				order = p.orderToKept(b, len(partitions))
			}
			c := order(int32(row), p.bars[partition])
			if c > 0 || c == 0 && p.ranking == plan.RowNumber {
				continue
			}
		}
		rows = append(rows, int32(row))
	}
	if word == nil {
		return rows
	}
	// Others of the batch may have come before those that came first. A partition's first row of all stays:
	// partitions are put off, and so given out, in the order of these.
	return slices.DeleteFunc(rows, func(row int32) bool {
		if len(firsts) > 0 && row == firsts[0] {
			firsts = firsts[1:]
			return false
		}
		return word(row) > p.words.bar(partitions[row])
	})
}

// orderToKept compares the live rows of b with those that are kept. Without keys all are like the last one wanted.
func (p *partitionTopN) orderToKept(b *batch.Batch, live int) rowOrder {
	if len(p.keys) == 0 {
		return func(row, kept int32) int { return 0 }
	}
	columns := make([]arrow.Array, len(p.keys))
	for i, k := range p.keys {
		columns[i] = batch.Expand(liveColumn(b, k.position), live)
	}
	return orderBetween(columns, p.barKeys, p.keys)
}

// codePartitions makes the text that partitions are told apart by a dictionary of them, which is sorted and copied
// faster, if there is memory for that.
func (p *partitionTopN) codePartitions(ctx context.Context) {
	groups := p.partitions.groups
	if p.kept == nil || len(p.partitions.by) != 1 || len(p.unread) > 0 || !groups.columns[0].IsOfTexts() || p.hold(p.size+2*groups.columns[0].SizeBytes()) != nil {
		return
	}
	codes := make([]int32, len(p.keptOf))
	for i, partition := range p.keptOf {
		codes[i] = groups.codeOf(partition)
	}
	p.kept.Columns[p.partitions.by[0]] = batch.Vector{Array: groups.columns[0].Coded(codes, p.gathering.divide(ctx, len(codes)))}
	p.size += groups.columns[0].SizeBytes()
}
