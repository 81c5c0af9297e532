package exec

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// partitionStage has the workers of a scan drop rows that come after as many of their partition as a partitionTopN wants, as far as that is known
// when they read them. It knows partitions of one text each by the text's number.
type partitionStage struct {
	by   int // position of the text
	bars *partitionBars
	// words are the bars of partitions; nil: there is none yet.
	words atomic.Pointer[batch.NumberedWords]
}

// dropInScan makes the workers of p's input, if it is a scan, drop rows.
func (p *partitionTopN) dropInScan() {
	s, isScan := p.partitions.input.(*scan)
	if !isScan || p.words == nil || len(p.partitions.by) != 1 {
		return
	}
	p.inScan = &partitionStage{by: p.partitions.by[0], bars: p.words}
	s.groups.stages = append(s.groups.stages, oneToOne{p.inScan})
}

// raise tells the workers the bar of a partition.
func (s *partitionStage) raise(partitions *grouper, partition int32) {
	bar := s.bars.bar(partition)
	if bar == noWord {
		return
	}
	in, words := partitions.columns[0], s.words.Load()
	if words == nil {
		if words = in.NumberedWords(); words == nil {
			return
		}
		s.words.Store(words)
	}
	words.Set(in, partitions.codeOf(partition), bar)
}

func (s *partitionStage) sizeBytes() int64 {
	if s == nil || s.words.Load() == nil {
		return 0
	}
	return s.words.Load().SizeBytes()
}

func (s *partitionStage) apply(b *batch.Batch) (*batch.Batch, error) {
	words, by, key := s.words.Load(), b.Columns[s.by], b.Columns[s.bars.key.position]
	texts, isCoded := by.Array.(*array.Dictionary)
	if words == nil || by.Const || key.Const || !isCoded {
		return b, nil
	}
	values, isText := texts.Dictionary().(*array.String)
	if !isText {
		return b, nil
	}
	bars, areNumbered := words.Of(values)
	if !areNumbered {
		return b, nil
	}
	word := barWords(key.Array, s.bars.key)
	codes, valid := batch.Codes(texts), arrowdata.Validity(texts)
	rows, null := make([]int32, 0, b.Live()), words.Null()
	for i := range b.Live() {
		row := int32(i)
		if b.Sel != nil {
			row = b.Sel[i]
		}
		most := null
		if arrowdata.IsValid(valid, int(row)) {
			most = bars.At(codes[row])
		}
		if word(row) <= most {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: rows}, nil
}
