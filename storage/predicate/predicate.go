// Package predicate says by what a scan can prune. A predicate never decides about a row: it only lets storage skip
// data in which no row can match. Types are Arrow's, values are Go's.
package predicate

// Predicate is a conjunction: data in which one of the domains cannot be met is skipped.
type Predicate struct {
	Domains []Domain
}

// Domain says which values of a column can match.
type Domain struct {
	// Path is a column name and struct field names joined by ".", lower case.
	Path string
	// MapKey, when not nil: the domain is of the value in the map column Path under this key.
	MapKey *string
	// Ranges are ordered and disjoint; a value matches if it lies in one of them. Empty: no non-NULL value matches.
	Ranges []Range
	// NullMatches: rows whose value is NULL may match.
	NullMatches bool
}

// Range is an interval; a nil bound is open-ended. Bounds are int64 (integers, dates in days, timestamps in the
// column's own Arrow unit), float64, string or bool.
type Range struct {
	Low, High         any
	LowIncl, HighIncl bool
}

// Point reports whether the range is one value, and which.
func (r Range) Point() (any, bool) {
	if r.Low != nil && r.LowIncl && r.HighIncl && r.Low == r.High {
		return r.Low, true
	}
	return nil, false
}
