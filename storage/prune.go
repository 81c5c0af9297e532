package storage

import (
	"math"
	"sort"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
)

// verdict says what statistics tell about the rows they describe.
type verdict int

const (
	noRow   verdict = iota // no row can match
	someRow                // cannot tell
	allRows                // every row matches: looking closer is of no use
)

// judge tells what statistics of a column say about a domain. Bounds that are cut still bound the
// values, so they never make a wrong noRow; they only make it rarer.
func judge(d *predicate.Domain, s *orc.Statistics) verdict {
	nullsMatch := s.HasNull && d.NullMatches
	if s.Known && s.Values == 0 {
		if d.NullMatches {
			return allRows
		}
		return noRow
	}
	// Ranges are in order: the first that does not end before the values is the only one that can hold
	// them all, and when it begins after them, so do those that follow.
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

// below tells that all values up to the bound lie below a range that begins at low.
func below(bound orc.Bound, low any, incl bool) bool {
	order, ok := compare(bound, low)
	return ok && (order < 0 || order == 0 && !incl)
}

// above tells that all values from the bound on lie above a range that ends at high.
func above(bound orc.Bound, high any, incl bool) bool {
	order, ok := compare(bound, high)
	return ok && (order > 0 || order == 0 && !incl)
}

// covers tells that all non-NULL values lie in the range.
func covers(r predicate.Range, s *orc.Statistics) bool {
	return s.Min.Kind != orc.NoBound && s.Max.Kind != orc.NoBound &&
		reaches(s.Min, r.Low, r.LowIncl, 1) && reaches(s.Max, r.High, r.HighIncl, -1)
}

// reaches tells that the bound lies on the inner side of a range's limit: sign 1 above it, -1 below.
func reaches(bound orc.Bound, limit any, incl bool, sign int) bool {
	if limit == nil {
		return true
	}
	order, ok := compare(bound, limit)
	return ok && (order*sign > 0 || order == 0 && incl)
}

// compare orders a bound and a value of a predicate. It is not ok where there is no bound or no
// value, or they do not compare: NaN, a value of another type.
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

// points lists the values of a domain that is a set of strings, as bloom filters are asked for; none of another.
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
