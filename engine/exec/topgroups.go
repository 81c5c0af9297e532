package exec

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// topGroups says which groups of an aggregation the top-N above it may want: those that are not behind the last one wanted
// in its first key, an aggregate. Of the others nobody asks for the keys, which take longest to make where they are many texts.
type topGroups struct {
	call       int // of the aggregation
	descending bool
	wanted     int
}

const (
	// minTopGroups is how many groups there must be for it to pay to choose some.
	minTopGroups = 1 << 12
	// maxTopWanted is how many groups may be wanted.
	maxTopWanted = 1 << 10
)

// of returns the groups that may be wanted, in their order; nil: all, or nearly. The values are those of the aggregate.
func (t *topGroups) of(values arrow.Array) []int32 {
	groups := values.Len()
	if t.wanted == 0 || groups < minTopGroups || t.wanted > groups/8 || values.NullN() > 0 {
		return nil
	}
	switch values.DataType().ID() {
	case arrow.INT64, arrow.TIMESTAMP:
	default:
		return nil
	}
	turned := int64(0) // so that the least come first
	if t.descending {
		turned = -1
	}
	all := batch.Values[int64](values)
	last := lastOfLeast(all, turned, t.wanted)
	var chosen []int32
	for group, v := range all {
		if v^turned <= last {
			chosen = append(chosen, int32(group))
		}
	}
	if len(chosen) > groups/2 {
		return nil
	}
	return chosen
}

// lastOfLeast is the greatest of the n least values, each turned by an exclusive or. There are n values or more.
func lastOfLeast(values []int64, turned int64, n int) int64 {
	least := make([]int64, 0, 2*n)
	last := int64(math.MaxInt64)
	for _, v := range values {
		if v ^= turned; v >= last && len(least) >= n {
			continue
		}
		if least = append(least, v); len(least) == cap(least) {
			slices.Sort(least)
			least, last = least[:n], least[n-1]
		}
	}
	slices.Sort(least)
	return least[n-1]
}
