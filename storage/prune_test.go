package storage

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
)

func ints(minimum, maximum int64) orc.Statistics {
	return orc.Statistics{Known: true, Values: 10,
		Min: orc.Bound{Kind: orc.IntBound, Int: minimum, Exact: true}, Max: orc.Bound{Kind: orc.IntBound, Int: maximum, Exact: true}}
}

func texts(minimum, maximum string) orc.Statistics {
	return orc.Statistics{Known: true, Values: 10,
		Min: orc.Bound{Kind: orc.TextBound, Text: minimum}, Max: orc.Bound{Kind: orc.TextBound, Text: maximum}}
}

func floats(minimum, maximum float64) orc.Statistics {
	return orc.Statistics{Known: true, Values: 10,
		Min: orc.Bound{Kind: orc.FloatBound, Float: minimum}, Max: orc.Bound{Kind: orc.FloatBound, Float: maximum}}
}

func withNull(s orc.Statistics) orc.Statistics {
	s.HasNull = true
	return s
}

func point(v any) predicate.Range {
	return predicate.Range{Low: v, High: v, LowIncl: true, HighIncl: true}
}

func TestJudge(t *testing.T) {
	noValue := orc.Statistics{Known: true, HasNull: true}
	halfOpen := predicate.Range{Low: int64(5), LowIncl: true}
	for _, tt := range []struct {
		name   string
		stats  orc.Statistics
		nulls  bool
		ranges []predicate.Range
		want   verdict
	}{
		{"unknown statistics", orc.Statistics{HasNull: true}, false, []predicate.Range{point(int64(5))}, someRow},
		{"unknown statistics, nothing matches", orc.Statistics{HasNull: true}, false, nil, noRow},
		{"unknown statistics, only NULL matches", orc.Statistics{HasNull: true}, true, nil, someRow},

		{"below", ints(1, 4), false, []predicate.Range{halfOpen}, noRow},
		{"touches from below", ints(1, 5), false, []predicate.Range{halfOpen}, someRow},
		{"touches an open end from below", ints(1, 5), false, []predicate.Range{{Low: int64(5)}}, noRow},
		{"above", ints(6, 9), false, []predicate.Range{{High: int64(5), HighIncl: true}}, noRow},
		{"touches from above", ints(5, 9), false, []predicate.Range{{High: int64(5), HighIncl: true}}, someRow},
		{"touches an open end from above", ints(5, 9), false, []predicate.Range{{High: int64(5)}}, noRow},
		{"inside", ints(5, 9), false, []predicate.Range{halfOpen}, allRows},
		{"inside but for an open end", ints(5, 9), false, []predicate.Range{{Low: int64(5)}}, someRow},
		{"no limits", ints(5, 9), false, []predicate.Range{{}}, allRows},
		{"between two points", ints(3, 4), false, []predicate.Range{point(int64(2)), point(int64(5))}, noRow},
		{"around a point", ints(3, 6), false, []predicate.Range{point(int64(2)), point(int64(5))}, someRow},
		{"one value that is a point", ints(5, 5), false, []predicate.Range{point(int64(2)), point(int64(5))}, allRows},
		{"extremes", ints(math.MinInt64, math.MaxInt64), false, []predicate.Range{point(int64(0))}, someRow},

		{"NULL does not match, values do", withNull(ints(5, 9)), false, []predicate.Range{halfOpen}, someRow},
		{"NULL matches, values do", withNull(ints(5, 9)), true, []predicate.Range{halfOpen}, allRows},
		{"NULL matches, values do not", withNull(ints(1, 4)), true, []predicate.Range{halfOpen}, someRow},
		{"NULL matches but there is none", ints(1, 4), true, []predicate.Range{halfOpen}, noRow},
		{"IS NULL without NULL", ints(1, 4), true, nil, noRow},
		{"IS NOT NULL without NULL", ints(1, 4), false, []predicate.Range{{}}, allRows},
		{"only NULL, asked for values", noValue, false, []predicate.Range{{}}, noRow},
		{"only NULL, asked for NULL", noValue, true, nil, allRows},

		{"bool absent", ints(0, 0), false, []predicate.Range{point(true)}, noRow},
		{"bool present", ints(0, 1), false, []predicate.Range{point(true)}, someRow},
		{"bool always", ints(1, 1), false, []predicate.Range{point(true)}, allRows},

		{"text below", texts("a", "b"), false, []predicate.Range{point("c")}, noRow},
		{"text inside", texts("a", "c"), false, []predicate.Range{point("b")}, someRow},
		{"text beside a cut upper bound", texts("a", "abd"), false, []predicate.Range{point("abc~~~~")}, someRow},
		{"text at a cut upper bound", texts("a", "abd"), false, []predicate.Range{point("abd")}, someRow},
		{"text at a cut lower bound", texts("abc", "x"), false, []predicate.Range{{High: "abc", HighIncl: true}}, someRow},
		{"text behind a cut lower bound", texts("abc", "x"), false, []predicate.Range{{High: "abc"}}, noRow},
		{"prefix as a range", texts("Get", "GetZ"), false, []predicate.Range{{Low: "Put", LowIncl: true, High: "Puu"}}, noRow},
		{"text without a lower bound", orc.Statistics{Known: true, Values: 1, Max: orc.Bound{Kind: orc.TextBound, Text: "m"}}, false,
			[]predicate.Range{point("a")}, someRow},
		{"text without a lower bound, above", orc.Statistics{Known: true, Values: 1, Max: orc.Bound{Kind: orc.TextBound, Text: "m"}}, false,
			[]predicate.Range{point("z")}, noRow},

		{"double inside", floats(1, 2), false, []predicate.Range{{Low: 0.5, LowIncl: true}}, allRows},
		{"double above", floats(1, 2), false, []predicate.Range{{High: 0.5}}, noRow},
		{"double NaN asked for", floats(1, 2), false, []predicate.Range{{Low: math.NaN(), LowIncl: true}}, someRow},
		{"negative zero", floats(math.Copysign(0, -1), math.Copysign(0, -1)), false, []predicate.Range{point(0.0)}, allRows},
		{"value of another type", ints(1, 4), false, []predicate.Range{point("9")}, someRow},
		{"decimal bounds", orc.Statistics{Known: true, Values: 1, Min: orc.Bound{Kind: orc.DecimalBound}, Max: orc.Bound{Kind: orc.DecimalBound}}, false,
			[]predicate.Range{point(int64(9))}, someRow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := judge(&predicate.Domain{Ranges: tt.ranges, NullMatches: tt.nulls}, &tt.stats)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestPoints(t *testing.T) {
	many := make([]predicate.Range, maxBloomProbes+1)
	for i := range many {
		many[i] = point(string(rune('a' + i)))
	}
	for _, tt := range []struct {
		name   string
		domain predicate.Domain
		want   []string
	}{
		{"set", predicate.Domain{Ranges: []predicate.Range{point("a"), point("b")}}, []string{"a", "b"}},
		{"range among them", predicate.Domain{Ranges: []predicate.Range{point("a"), {Low: "b"}}}, nil},
		{"half-open range of one value", predicate.Domain{Ranges: []predicate.Range{{Low: "a", High: "a", LowIncl: true}}}, nil},
		{"number", predicate.Domain{Ranges: []predicate.Range{point(int64(1))}}, nil},
		{"NULL matches too", predicate.Domain{Ranges: []predicate.Range{point("a")}, NullMatches: true}, nil},
		{"none", predicate.Domain{}, nil},
		{"too many", predicate.Domain{Ranges: many}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, points(&tt.domain))
		})
	}
}

// BenchmarkJudge asks a long IN list what a row group's statistics say of it.
func BenchmarkJudge(b *testing.B) {
	for _, count := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			d := &predicate.Domain{}
			for i := range count {
				d.Ranges = append(d.Ranges, predicate.Range{Low: int64(2 * i), High: int64(2 * i), LowIncl: true, HighIncl: true})
			}
			s := timeStatistics(100, int64(count), int64(count))
			for b.Loop() {
				judge(d, &s)
			}
		})
	}
}
