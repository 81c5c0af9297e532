package storage

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/predicate"
)

// awkwardTexts are long, share prefixes around the length at which statistics are cut, and end in
// characters that have no successor of the same length.
func awkwardTexts(r *rand.Rand, n int) []string {
	ends := []string{"", "a", "b", "\x00", "\x7f", "é", "\u07ff", "\uffff", "\U0010ffff", "\U0010ffff\U0010ffff", "zz"}
	list := []string{"\x00", "\U0010ffff", strings.Repeat("\U0010ffff", 600)}
	for len(list) < n {
		stem := strings.Repeat([]string{"x", "é", "\uffff", "\U0010ffff"}[r.IntN(4)], []int{0, 1, 250, 255, 256, 511, 512, 1020, 1023, 1024, 1025}[r.IntN(11)])
		if text := stem + ends[r.IntN(len(ends))] + ends[r.IntN(len(ends))]; text != "" {
			list = append(list, text)
		}
	}
	return list
}

// No predicate on text makes a scan leave out a row that matches, whatever the statistics hold.
func TestPruningKeepsEveryMatch(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	l := newLake(t)
	var all []string
	for segment := range 6 {
		from := day(1 + segment%2).Add(time.Duration(segment) * time.Hour)
		var events []event
		for i, name := range awkwardTexts(r, 3+r.IntN(30)) {
			events = append(events, event{at: from.Add(time.Duration(i) * time.Second), name: name})
			all = append(all, name)
		}
		commit(t, l, events...)
	}
	s := snapshot(t, l)
	pruned := int64(0)
	for _, value := range awkwardTexts(r, 40) {
		values := []string{value, all[r.IntN(len(all))]}
		for _, v := range values {
			for name, d := range map[string]struct {
				ranges  predicate.Range
				matches func(string) bool
			}{
				"=":  {point(v), func(s string) bool { return s == v }},
				"<":  {predicate.Range{High: v}, func(s string) bool { return s < v }},
				"<=": {predicate.Range{High: v, HighIncl: true}, func(s string) bool { return s <= v }},
				">":  {predicate.Range{Low: v}, func(s string) bool { return s > v }},
				">=": {predicate.Range{Low: v, LowIncl: true}, func(s string) bool { return s >= v }},
			} {
				sc := startScan(t, s, ScanRequest{Where: where(predicate.Domain{Path: "eventname", Ranges: []predicate.Range{d.ranges}})})
				got, err := readNames(sc)
				require.NoError(t, err)
				require.ElementsMatch(t, filter(all, d.matches), filter(got, d.matches), "%s %q", name, v)
				pruned += sc.Stats().SegmentsPruned + sc.Stats().RowGroupsPruned
			}
		}
	}
	require.Positive(t, pruned, "something was pruned at all")
}

func filter(list []string, keep func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !keep(s) })
}
