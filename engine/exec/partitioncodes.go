package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// codePartitions makes the texts that partitions are told apart by codes of one dictionary, which the partitions have already, in all rows that
// are to be sorted: so no other need be made when they become a table. Texts take no more so than row by row, for which there is memory; where there
// is none for both meanwhile, or where partitions are too many for a dictionary, rows stay as they are.
func (p *partitionedRows) codePartitions(ctx context.Context) {
	groups, batches := p.partitions.groups, p.runs.batches
	if len(batches) < 2 || groups.groups > batch.MaxJoinedValues(p.runs.rows) {
		return
	}
	for i, at := range p.partitions.by {
		texts := groups.columns[i]
		if !texts.IsOfTexts() || !haveDictionaries(batches, at) {
			continue
		}
		done, err := p.partitions.memory.during(texts.SizeBytes() + 4*int64(groups.groups+p.runs.rows))
		if err != nil {
			return
		}
		divide := p.runs.gathering.divide(ctx, p.runs.rows)
		values := texts.Coded(groups.codes(i, 0, groups.groups), divide)
		divide(len(batches), func(b int) {
			of := batch.Values[int32](batches[b].Columns[len(p.columns)].Array)
			batches[b].Columns[at] = batch.Vector{Array: batch.Take(values, of)}
		})
		done()
	}
}

// haveDictionaries reports whether a column has a dictionary in each of some batches.
func haveDictionaries(batches []*batch.Batch, column int) bool {
	for _, b := range batches {
		if v := b.Columns[column]; v.Const || v.Array.DataType().ID() != arrow.DICTIONARY {
			return false
		}
	}
	return true
}
