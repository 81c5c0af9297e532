package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// keyValues collects the values of a join key for a runtime filter. The keys are not kept in memory.
type keyValues struct {
	filter   keyFilter
	distinct *batch.Interner // nil: none was added, or they are too many to be listed
	ends     arrow.Array     // the least and the greatest, if they are too many
}

// add adds a key's column.
func (k *keyValues) add(v batch.Vector, rows int) error {
	if k.ends != nil {
		k.widen(batch.Expand(v, rows))
		return nil
	}
	if k.distinct == nil {
		k.distinct = batch.NewInterner(arrowtype.Of(k.filter.valueType))
	}
	if err := k.distinct.Insert(v, rows, make([]int32, rows)); err != nil {
		return err
	}
	if k.distinct.Len() > maxRuntimeValues+2 { // NULL and NaN, which no filter lists, are among them
		k.widen(k.distinct.Values())
		k.distinct = nil
	}
	return nil
}

// widen extends the ends by values.
func (k *keyValues) widen(values arrow.Array) {
	if k.ends != nil {
		values = batch.Concat([]arrow.Array{k.ends, values})
	}
	low, high := endsOf(k.filter.valueType, values)
	k.ends = batch.Take(values, []int32{int32(low), int32(high)})
}

// publish fills the filter.
func (k *keyValues) publish() {
	f, t := k.filter.filter, k.filter.valueType
	if k.ends == nil {
		if k.distinct != nil {
			f.fill(t, k.distinct.Values())
		}
		return
	}
	f.published, f.many = true, true
	f.low, f.high = function.ValueAt(t, k.ends, 0), function.ValueAt(t, k.ends, 1)
}

// publishAll fills the filter from all values of a key.
func (k *keyValues) publishAll(values *batch.Interner) {
	if !values.IsOfTexts() || values.Len() <= maxRuntimeValues+2 {
		k.filter.filter.fill(k.filter.valueType, values.Values())
		return
	}
	low, high := values.TextEnds()
	k.ends = values.ValuesOf([]int32{low, high}, batch.InTurn)
	k.publish()
}
