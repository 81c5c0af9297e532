package storage

import (
	"math"
	"sort"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
)

// verdict is what statistics prove about the rows they describe.
type verdict int

const (
	noRow   verdict = iota // no row can match
	someRow                // unknown
	allRows                // every row matches: no closer check is needed
)

// judge returns what statistics of a column prove about a domain. Truncated bounds still bound the values: they
// make noRow rarer, but never wrong.
func judge(d *predicate.Domain, s *orc.Statistics) verdict {
	nullsMatch := s.HasNull && d.NullMatches
	if s.Known && s.Values == 0 {
		if d.NullMatches {
			return allRows
		}
		return noRow
	}
	// Ranges are in order: only the first that does not end before the values can hold them all. If it begins after
	// them, so do the following ones.
	at := sort.Search(len(d.Ranges), func(i int) bool { return !above(s.Min, d.Ranges[i].High, d.Ranges[i].HighIncl) })
	if at == len(d.Ranges) || below(s.Max, d.Ranges[at].Low, d.Ranges[at].LowIncl) {
		if nullsMatch {
			return someRow
		}
		return noRow
	}
	if covers(d.Ranges[at], s) && (!s.HasNull || d.NullMatches) {
		return allRows
	}
	return someRow
}

// below reports whether all values up to the bound lie below a range that begins at low.
func below(bound orc.Bound, low any, incl bool) bool {
	order, ok := compare(bound, low)
	return ok && (order < 0 || order == 0 && !incl)
}

// above reports whether all values from the bound on lie above a range that ends at high.
func above(bound orc.Bound, high any, incl bool) bool {
	order, ok := compare(bound, high)
	return ok && (order > 0 || order == 0 && !incl)
}

// covers reports whether all non-NULL values lie in the range.
func covers(r predicate.Range, s *orc.Statistics) bool {
	return s.Min.Kind != orc.NoBound && s.Max.Kind != orc.NoBound &&
		reaches(s.Min, r.Low, r.LowIncl, 1) && reaches(s.Max, r.High, r.HighIncl, -1)
}

// reaches reports whether the bound lies on the inner side of a range's limit: above it for sign 1, below for -1.
func reaches(bound orc.Bound, limit any, incl bool, sign int) bool {
	if limit == nil {
		return true
	}
	order, ok := compare(bound, limit)
	return ok && (order*sign > 0 || order == 0 && incl)
}

// compare orders a bound and a value of a predicate. ok is false if either is missing, or if they do not compare:
// NaN, or a value of another type.
func compare(bound orc.Bound, value any) (order int, ok bool) {
	switch v := value.(type) {
	case int64:
		return order3(bound.Int, v), bound.Kind == orc.IntBound
	case bool:
		return order3(bound.Int, truth(v)), bound.Kind == orc.IntBound
	case string:
		return order3(bound.Text, v), bound.Kind == orc.TextBound
	case float64:
		comparable := bound.Kind == orc.FloatBound && !math.IsNaN(v) && !math.IsNaN(bound.Float)
		return order3(bound.Float, v), comparable
	}
	return 0, false
}

func order3[T int64 | float64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// points returns the values to look up in bloom filters if the domain is a set of strings, otherwise none.
func points(d *predicate.Domain) []string {
	if d.NullMatches || len(d.Ranges) == 0 || len(d.Ranges) > maxBloomProbes {
		return nil
	}
	values := make([]string, len(d.Ranges))
	for i, r := range d.Ranges {
		point, isPoint := r.Point()
		text, isText := point.(string)
		if !isPoint || !isText {
			return nil
		}
		values[i] = text
	}
	return values
}
