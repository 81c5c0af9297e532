package conformance

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/storage/predicate"
)

// mayMatch reports whether rows from start to end of a table hold, for each
// domain, a value in it. Domains of map entries and of unknown types keep all.
func (t *Table) mayMatch(where predicate.Predicate, start, end int) bool {
	for _, d := range where.Domains {
		if d.MapKey == nil && !holdsAny(t.column(d.Path), d, start, end) {
			return false
		}
	}
	return true
}

func holdsAny(a arrow.Array, d predicate.Domain, start, end int) bool {
	for i := start; i < end; i++ {
		if a.IsNull(i) {
			if d.NullMatches {
				return true
			}
			continue
		}
		for _, r := range d.Ranges {
			low, high := compareTo(a, i, r.Low), compareTo(a, i, r.High)
			if (r.Low == nil || low > 0 || low == 0 && r.LowIncl) && (r.High == nil || high < 0 || high == 0 && r.HighIncl) {
				return true
			}
		}
	}
	return false
}

// compareTo orders value i and a bound of its type; 0 for no bound.
func compareTo(a arrow.Array, i int, bound any) int {
	switch b := bound.(type) {
	case int64:
		switch a := a.(type) {
		case *array.Int64:
			return order(a.Value(i), b)
		case *array.Timestamp:
			return order(int64(a.Value(i)), b)
		case *array.Int32:
			return order(int64(a.Value(i)), b)
		case *array.Date32:
			return order(int64(a.Value(i)), b)
		case *array.Int16:
			return order(int64(a.Value(i)), b)
		case *array.Int8:
			return order(int64(a.Value(i)), b)
		}
	case float64:
		switch a := a.(type) {
		case *array.Float64:
			return order(a.Value(i), b)
		case *array.Float32:
			return order(float64(a.Value(i)), b)
		}
	case string:
		if a, ok := a.(*array.String); ok {
			return order(a.Value(i), b)
		}
	case bool:
		if a, ok := a.(*array.Boolean); ok {
			return order(truth(a.Value(i)), truth(b))
		}
	}
	return 0
}

func order[T int | int64 | float64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
