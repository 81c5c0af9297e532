package function

import (
	"cmp"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
)

// percentiles selects values of groups whose rows are consecutive.
type percentiles struct {
	values  arrow.Array
	weights []float64 // nil: all 1
	words   []uint64  // of values; they sort as these do

	fractions batch.Vector // by group, or by element of lists
	lists     *lists       // by group; nil: each group has one fraction
}

func newPercentiles(values, fractions arrow.Array) *percentiles {
	p := &percentiles{values: values, fractions: batch.Vector{Array: fractions}}
	if fractions.DataType().ID() == arrow.LIST {
		l := listOf(p.fractions)
		p.lists, p.fractions = &l, batch.Vector{Array: l.elems}
	}
	return p
}

func numberReader(a arrow.Array) func(row int32) float64 {
	switch a.DataType().ID() {
	case arrow.INT64:
		values := batch.Values[int64](a)
		return func(row int32) float64 { return float64(values[row]) }
	case arrow.FLOAT32:
		values := batch.Values[float32](a)
		return func(row int32) float64 { return float64(values[row]) }
	}
	values := batch.Values[float64](a)
	return func(row int32) float64 { return values[row] }
}

// checkFinite fails for NaN and infinities, which Trino's digest does not accept.
func (p *percentiles) checkFinite() error {
	if p.values.DataType().ID() == arrow.INT64 {
		return nil
	}
	number := numberReader(p.values)
	for row := range int32(p.values.Len()) {
		if v := number(row); !sketch.IsFinite(v) {
			return argumentError("value must be finite; was %v", v)
		}
	}
	return nil
}

// result selects the values of groups; group g has the rows [offsets[g], offsets[g+1]). by divides the work.
func (p *percentiles) result(offsets []int32, by batch.Divide) (arrow.Array, error) {
	firsts := groupPieces(offsets)
	pieces := len(firsts) - 1
	parts, errs := make([][]int32, pieces), make([]error, pieces)
	ends := make([]int32, len(offsets)) // after each group: how many rows are selected in it; then the sum up to it
	by(pieces, func(i int) {
		parts[i], errs[i] = p.pickPiece(firsts[i], firsts[i+1], offsets, ends)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	taken := batch.TakeDivided(p.values, slices.Concat(parts...), by)
	if p.lists == nil {
		return taken, nil
	}
	for g := range len(offsets) - 1 {
		ends[g+1] += ends[g]
	}
	return batch.FromLists(ends, nonEmpty(offsets), taken), nil
}

// groupPieces returns the first groups of pieces with about equal numbers of rows, and the number of groups.
func groupPieces(offsets []int32) []int {
	groups := len(offsets) - 1
	firsts := []int{0}
	for g := range groups {
		if offsets[g+1]-offsets[firsts[len(firsts)-1]] >= batch.PieceRows && g+1 < groups {
			firsts = append(firsts, g+1)
		}
	}
	return append(firsts, groups)
}

// pickPiece selects the rows of groups [first, end), and sets numbers after each group to how many it has.
func (p *percentiles) pickPiece(first, end int, offsets, numbers []int32) ([]int32, error) {
	var picked []int32
	var order wordsInOrder
	for g := first; g < end; g++ {
		rows, err := p.ofGroup(g, offsets[g], offsets[g+1])
		if err != nil {
			return nil, err
		}
		if p.weights == nil {
			order.set(p.words[rows.first:rows.end])
			rows.inOrder = &order
		}
		before := len(picked)
		if picked, err = p.pick(picked, rows); err != nil {
			return nil, err
		}
		numbers[g+1] = int32(len(picked) - before)
	}
	return picked, nil
}

// groupRows are the rows [first, end) of a group. With weights, byWeight lists them by value; else inOrder has
// their words.
type groupRows struct {
	group      int
	first, end int32
	byWeight   []int32
	inOrder    *wordsInOrder
}

// pick appends the row for each fraction of a group; -1 for a group without rows.
func (p *percentiles) pick(picked []int32, rows groupRows) ([]int32, error) {
	if p.weights == nil && rows.first == rows.end || p.weights != nil && len(rows.byWeight) == 0 {
		if p.lists != nil {
			return picked, nil
		}
		return append(picked, -1), nil
	}
	from, to := rows.group, rows.group+1
	if p.lists != nil {
		from, to = p.lists.at(rows.group)
	}
	for i := from; i < to; i++ {
		row, err := p.at(rows, i)
		if err != nil {
			return nil, err
		}
		picked = append(picked, row)
	}
	return picked, nil
}

// ofGroup checks the weights of a group's rows, and lists the rows with a weight by value.
func (p *percentiles) ofGroup(group int, first, end int32) (groupRows, error) {
	rows := groupRows{group: group, first: first, end: end}
	if p.weights == nil {
		return rows, nil
	}
	for row := first; row < end; row++ {
		if !(p.weights[row] >= 0) {
			return rows, argumentError("percentile weight must be >= 0")
		}
		if p.weights[row] > 0 {
			rows.byWeight = append(rows.byWeight, row)
		}
	}
	slices.SortStableFunc(rows.byWeight, func(a, b int32) int { return cmp.Compare(p.words[a], p.words[b]) })
	return rows, nil
}

// at returns the row at fraction i of the weight of a group's rows.
func (p *percentiles) at(group groupRows, i int) (int32, error) {
	f := columnOf[float64](p.fractions).at(i)
	if isNull(p.fractions, i) || !(f >= 0 && f <= 1) {
		return 0, argumentError("Percentile must be between 0 and 1")
	}
	if p.weights == nil {
		rows := int(group.end - group.first)
		place := min(rows-1, int(math.Floor(f*float64(rows))))
		return group.first + int32(group.inOrder.nth(place)), nil
	}
	rows := group.byWeight
	all := 0.0
	for _, row := range rows {
		all += p.weights[row]
	}
	sum := 0.0
	for _, row := range rows {
		if sum += p.weights[row]; sum > f*all {
			return row, nil
		}
	}
	return rows[len(rows)-1], nil
}
