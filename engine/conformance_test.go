package engine_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/internal/material"
)

var reportFile = flag.String("report", "", "write the cases that differ to this file, as NDJSON")

// The least shares, in percent, of cases that must pass; they only rise.
const (
	leastQueries    = 99.0
	leastFunctionsA = 99.0
	leastFunctionsB = 98.0
	leastErrorNames = 98.0
	leastPlaces     = 95.0
	// mostWrong is the share of answers that may be wrong, not merely unsupported.
	mostWrong = 0.25
)

// maxCaseTime stops a statement that does not end.
const maxCaseTime = time.Minute

// tally counts outcomes.
type tally map[conformance.Outcome]int

func (t tally) passed() int { return t[conformance.Right] + t[conformance.Misplaced] }

func (t tally) all() int { return t.passed() + t[conformance.Wrong] + t[conformance.Unsupported] }

func (t tally) String() string {
	return fmt.Sprintf("%d/%d/%d", t.passed(), t[conformance.Wrong], t[conformance.Unsupported])
}

// share is a part in percent; of nothing, all.
func share(part, all int) float64 {
	if all == 0 {
		return 100
	}
	return 100 * float64(part) / float64(all)
}

// score gathers the outcomes of all cases.
type score struct {
	groups         map[string]tally // by kind and group
	classes        map[string]tally // by what the thresholds are about
	total          tally
	placed, places int // errors at the right place, and errors that have one
}

func (s *score) add(c *conformance.Case, priority byte, outcome conformance.Outcome) {
	class := c.Kind
	if c.Kind == "expr" {
		class = "functions " + string(priority)
	}
	for m, key := range map[*map[string]tally]string{&s.groups: c.Kind + " " + c.Group, &s.classes: class} {
		if (*m)[key] == nil {
			(*m)[key] = tally{}
		}
		(*m)[key][outcome]++
	}
	s.total[outcome]++
	if c.Kind == "error" && c.Error != nil && c.Error.Line > 0 {
		s.places++
		if outcome == conformance.Right {
			s.placed++
		}
	}
}

func (s *score) print() {
	for _, by := range []map[string]tally{s.groups, s.classes} {
		for _, key := range slices.Sorted(maps.Keys(by)) {
			fmt.Printf("conformance: %s %s\n", key, by[key])
		}
	}
	fmt.Printf("conformance: error places %.1f%% of %d\n", share(s.placed, s.places), s.places)
	fmt.Printf("conformance: total %s\n", s.total)
}

// difference is a line of the report.
type difference struct {
	ID      string              `json:"id"`
	Outcome conformance.Outcome `json:"outcome"`
	SQL     string              `json:"sql"`
	Problem string              `json:"problem"`
}

// TestTrinoConformance asks every recorded statement of testdata/trino, or of the folder that TRINO_CASES
// names, and compares our answers with the server's.
func TestTrinoConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	home := material.Own(t, "trino")
	dir := cmp.Or(os.Getenv("TRINO_CASES"), home)
	corpus, err := conformance.OpenCorpus(dir, home)
	require.NoError(t, err)

	s := &score{groups: map[string]tally{}, classes: map[string]tally{}, total: tally{}}
	var differences []difference
	r := &conformance.Runner{Source: corpus.Source}
	for _, c := range corpus.Cases {
		ctx, cancel := context.WithTimeout(context.Background(), maxCaseTime)
		outcome, problem := r.Check(ctx, c)
		cancel()
		s.add(c, priorityOf(corpus, c.SQL), outcome)
		if outcome != conformance.Right {
			differences = append(differences, difference{c.ID, outcome, c.SQL, problem})
		}
	}
	s.print()
	writeReport(t, differences)

	least := func(want float64, part, all int, what string) {
		require.GreaterOrEqual(t, share(part, all), want, what)
	}
	for class, want := range map[string]float64{"query": leastQueries, "functions A": leastFunctionsA,
		"functions B": leastFunctionsB, "error": leastErrorNames} {
		least(want, s.classes[class].passed(), s.classes[class].all(), class)
	}
	least(leastPlaces, s.placed, s.places, "places of errors")
	require.LessOrEqual(t, share(s.total[conformance.Wrong], s.total.all()), mostWrong, "wrong answers")
}

// priorityOf is the priority of a case's functions. Without a list of functions
// every case counts to those with the lower threshold.
func priorityOf(corpus *conformance.Corpus, sql string) byte {
	if corpus.Priorities == nil {
		return 'B'
	}
	return corpus.Priorities.Of(sql)
}

func writeReport(t *testing.T, differences []difference) {
	if *reportFile == "" {
		return
	}
	f, err := os.Create(*reportFile)
	require.NoError(t, err)
	defer f.Close()
	lines := json.NewEncoder(f)
	lines.SetEscapeHTML(false)
	for _, d := range differences {
		require.NoError(t, lines.Encode(d))
	}
}
