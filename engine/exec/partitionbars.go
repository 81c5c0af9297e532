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

// partitionBars keeps the least words of each partition's rows, up to count.
//
// If count words are less than a row's word, the row is not wanted: count rows come before it. Most unwanted rows
// are dropped this way, without comparing them with rows kept. A word comes from the first sort key alone, so rows
// with equal words need another comparison.
type partitionBars struct {
	key      sortKey
	count    int
	distinct bool     // rows with equal words count once
	words    []uint64 // count per partition, ascending; noWord where a partition has fewer rows
	known    int      // words that are not noWord
}

const (
	// maxBarWords is the greatest count for which words are kept.
	maxBarWords = 16

	noWord     = math.MaxUint64 // comes after all others
	lastNulls  = noWord - 1     // the word of NULLs that come last
	lastValues = noWord - 2     // the greatest word of a value
)

// newPartitionBars returns nil if there would be too many words per partition, or the first key's type has none.
func newPartitionBars(keys []sortKey, ranking plan.Ranking, count int64) *partitionBars {
	if len(keys) == 0 || count < 1 || count > maxBarWords || barWords(batch.Nulls(arrowtype.Of(keys[0].valueType), 1), keys[0]) == nil {
		return nil
	}
	return &partitionBars{key: keys[0], count: int(count), distinct: ranking == plan.DenseRank}
}

// reach extends words to that many partitions.
func (p *partitionBars) reach(partitions int) {
	for len(p.words) < partitions*p.count {
		p.words = append(p.words, noWord)
	}
}

// growthBytes returns the bytes that reach may hold while it copies words to a larger slice.
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

// bar returns the greatest word that a wanted row may have.
func (p *partitionBars) bar(partition int32) uint64 { return p.words[(int(partition)+1)*p.count-1] }

// knows reports whether the partition has had a row.
func (p *partitionBars) knows(partition int32) bool { return p.words[int(partition)*p.count] != noWord }

// add inserts a word that is below the partition's bar.
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

// knowOnly keeps the words of partitions [0, partitions).
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

// barWords returns a function with the word of each row. If two words differ, the row with the lesser one sorts
// first. nil: the key's type has no words.
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
	if a.NullN() == a.Len() { // the array may have no type
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

// valueWords is barWords for non-NULL values.
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

// reachPartitions extends words to all partitions. If there is no memory for that, it gives up words for good.
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

// candidates returns the live rows of b, as indexes among these, that may be wanted rows of their partitions.
func (p *partitionTopN) candidates(b *batch.Batch, partitions []int32) []int32 {
	rows := make([]int32, 0, batch.Rows)
	var firsts []int32 // of rows: the first of their partitions
	var order rowOrder // between a row of b and a kept one; nil: not needed yet
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
	// Later rows of the batch may have lowered the bar below earlier ones. A partition's very first row stays:
	// partitions are put off, and returned, in the order of these rows.
	return slices.DeleteFunc(rows, func(row int32) bool {
		if len(firsts) > 0 && row == firsts[0] {
			firsts = firsts[1:]
			return false
		}
		return word(row) > p.words.bar(partitions[row])
	})
}

// orderToKept compares live rows of b with kept rows. Without keys all rows are equal.
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

// codePartitions turns the text column of the partition key into a dictionary, which sorts and copies faster, if
// there is memory for it.
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
