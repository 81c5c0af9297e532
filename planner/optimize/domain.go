package optimize

import (
	"cmp"
	"math"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// domain is a set of values of one type, and says whether NULL is in it. Ranges are ordered and disjoint.
type domain struct {
	ranges []plan.Range
	null   bool
}

func everything() domain { return domain{[]plan.Range{{}}, true} }

// notNull is every value except NULL.
func notNull() domain { return domain{[]plan.Range{{}}, false} }

func nothing() domain { return domain{} }

func point(v types.Value) domain {
	return domain{ranges: []plan.Range{{Low: &v, High: &v, LowIncl: true, HighIncl: true}}}
}

func (d domain) isEverything() bool {
	return d.null && len(d.ranges) == 1 && d.ranges[0].Low == nil && d.ranges[0].High == nil
}

// supported reports whether domains can hold values of a type.
func supported(t *types.Type) bool {
	if t.IsLong() {
		return false
	}
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date, types.Timestamp,
		types.Varchar, types.Real, types.Double:
		return true
	}
	return false
}

// compareValues orders two constants of one supported type, NaN last.
func compareValues(a, b types.Value) int {
	switch x := a.V.(type) {
	case bool:
		y := b.V.(bool)
		switch {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	case int64:
		return cmp.Compare(x, b.V.(int64))
	case float32:
		return compareFloats(float64(x), float64(b.V.(float32)))
	case float64:
		return compareFloats(x, b.V.(float64))
	}
	return cmp.Compare(a.V.(string), b.V.(string))
}

func compareFloats(a, b float64) int {
	if math.IsNaN(a) || math.IsNaN(b) {
		return boolOrder(math.IsNaN(a)) - boolOrder(math.IsNaN(b))
	}
	return cmp.Compare(a, b)
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

// intersect returns the values that are in both domains.
func (d domain) intersect(o domain) domain {
	out := domain{null: d.null && o.null}
	for i, k := 0, 0; i < len(d.ranges) && k < len(o.ranges); {
		if r, ok := intersectRanges(d.ranges[i], o.ranges[k]); ok {
			out.ranges = append(out.ranges, r)
		}
		if compareHigh(d.ranges[i], o.ranges[k]) < 0 {
			i++
		} else {
			k++
		}
	}
	return out
}

// intersectAll returns the values that are in all of the domains. It intersects each half of the list first, so
// that a domain of many ranges is not read once per domain.
func intersectAll(list []domain) domain {
	switch len(list) {
	case 0:
		return everything()
	case 1:
		return list[0]
	}
	half := len(list) / 2
	return intersectAll(list[:half]).intersect(intersectAll(list[half:]))
}

func intersectRanges(a, b plan.Range) (plan.Range, bool) {
	r := a
	if compareLow(b, a) > 0 {
		r.Low, r.LowIncl = b.Low, b.LowIncl
	}
	if compareHigh(b, a) < 0 {
		r.High, r.HighIncl = b.High, b.HighIncl
	}
	return r, !isEmptyRange(r)
}

func isEmptyRange(r plan.Range) bool {
	if r.Low == nil || r.High == nil {
		return false
	}
	c := compareValues(*r.Low, *r.High)
	return c > 0 || c == 0 && !(r.LowIncl && r.HighIncl)
}

// compareLow orders ranges by their lower bounds.
func compareLow(a, b plan.Range) int {
	switch {
	case a.Low == nil && b.Low == nil:
		return 0
	case a.Low == nil:
		return -1
	case b.Low == nil:
		return 1
	}
	if c := compareValues(*a.Low, *b.Low); c != 0 {
		return c
	}
	return boolOrder(b.LowIncl) - boolOrder(a.LowIncl)
}

// compareHigh orders ranges by their upper bounds.
func compareHigh(a, b plan.Range) int {
	switch {
	case a.High == nil && b.High == nil:
		return 0
	case a.High == nil:
		return 1
	case b.High == nil:
		return -1
	}
	if c := compareValues(*a.High, *b.High); c != 0 {
		return c
	}
	return boolOrder(a.HighIncl) - boolOrder(b.HighIncl)
}

// within reports whether all of d is in o. It is fast if o has few ranges.
func (d domain) within(o domain) bool {
	if d.null && !o.null {
		return false
	}
	for _, gap := range o.complement().ranges {
		// The first range that does not end before the gap begins.
		at, _ := slices.BinarySearchFunc(d.ranges, gap, func(r, gap plan.Range) int {
			if r.High == nil || gap.Low == nil || compareValues(*r.High, *gap.Low) >= 0 {
				return 0
			}
			return -1
		})
		for ; at < len(d.ranges); at++ {
			if _, overlap := intersectRanges(d.ranges[at], gap); overlap {
				return false
			}
			if gap.High != nil && d.ranges[at].Low != nil && compareValues(*d.ranges[at].Low, *gap.High) > 0 {
				break
			}
		}
	}
	return true
}

// unionAll returns the values that are in any of the domains.
func unionAll(list []domain) domain {
	var all []plan.Range
	out := domain{}
	for _, d := range list {
		all = append(all, d.ranges...)
		out.null = out.null || d.null
	}
	slices.SortStableFunc(all, compareLow)
	for _, r := range all {
		last := len(out.ranges) - 1
		if last < 0 || !meets(out.ranges[last], r) {
			out.ranges = append(out.ranges, r)
			continue
		}
		if compareHigh(r, out.ranges[last]) > 0 {
			out.ranges[last].High, out.ranges[last].HighIncl = r.High, r.HighIncl
		}
	}
	return out
}

// meets reports whether there is no gap between a and b. b must not begin before a.
func meets(a, b plan.Range) bool {
	if a.High == nil || b.Low == nil {
		return true
	}
	c := compareValues(*a.High, *b.Low)
	return c > 0 || c == 0 && (a.HighIncl || b.LowIncl)
}

// complement returns the values that are not in the domain, without NULL.
func (d domain) complement() domain {
	out := domain{}
	rest := plan.Range{}
	for _, r := range d.ranges {
		if r.Low != nil {
			gap := plan.Range{Low: rest.Low, LowIncl: rest.LowIncl, High: r.Low, HighIncl: !r.LowIncl}
			if !isEmptyRange(gap) {
				out.ranges = append(out.ranges, gap)
			}
		}
		if r.High == nil {
			return out
		}
		rest = plan.Range{Low: r.High, LowIncl: !r.HighIncl}
	}
	out.ranges = append(out.ranges, rest)
	return out
}
