package difftest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
)

// oddRows is how many rows the table of odd values has.
const oddRows = 150

// functionQuestion is an expression over rows that a column numbers.
type functionQuestion struct{ expression, from string }

// tried has NULL where the expression fails.
func (q functionQuestion) tried() string {
	return "SELECT id, TRY(" + q.expression + ") FROM " + q.from
}

func (q functionQuestion) plain() string { return "SELECT id, " + q.expression + " FROM " + q.from }

// of asks of these rows alone.
func (q functionQuestion) of(rows []string) string {
	return q.plain() + " WHERE id IN (" + strings.Join(rows, ", ") + ")"
}

func (g *generator) functionQuestion(table string) functionQuestion {
	from := pick(g, []string{table, table, table,
		"(SELECT * FROM " + table + " WHERE id % 3 <> 1)",
		"(SELECT * FROM " + table + " ORDER BY id OFFSET 7 LIMIT 60)",
		"(SELECT * FROM " + table + " WHERE id < 40 UNION ALL SELECT * FROM " + table + " WHERE id > 41)",
		"(SELECT f.* FROM " + table + " AS f JOIN (VALUES 3, 3, 70, 71, 99) AS v (n) ON f.id % 50 = v.n % 50)",
	})
	return functionQuestion{g.written("any", 1+g.n(3)), from}
}

// TestGrammar: every kind that a form names has forms or columns, and every kind can be asked.
func TestGrammar(t *testing.T) {
	reached := map[string]bool{}
	var reach func(kind string)
	reach = func(kind string) {
		if reached[kind] {
			return
		}
		reached[kind] = true
		require.True(t, len(productions[kind]) > 0 || len(columnsOfKind(kind)) > 0, "nothing is of the kind %s", kind)
		for _, form := range productions[kind] {
			for _, part := range partOfForm.FindAllString(form, -1) {
				reach(part[1:])
			}
		}
	}
	reach("any")
	for kind := range productions {
		require.True(t, reached[kind], kind)
	}
	for _, c := range oddColumns {
		require.True(t, reached[c.kind], c.name)
	}
}

// TestRandomFunctions: the engine gives the same answer of odd values, or fails, whatever the way. Which of the rows that fail comes first is free.
func TestRandomFunctions(t *testing.T) {
	table := newGenerator(1).oddTable("odd", oddRows)
	source := (&generator{tables: []*relation{table}}).source(t)
	questions(t, questionsInCI/10, func(seed uint64) bool { // they are over many rows
		g := newGenerator(seed)
		q := g.functionQuestion(table.sql)
		list := ways(g.random)
		for _, sql := range []string{q.tried(), q.plain()} {
			want, failure := askWay(source, list[0], sql)
			for _, w := range list[1:] {
				got, otherFailure := askWay(source, w, sql)
				about := fmt.Sprintf("seed %d, %s and %s\n%s", seed, list[0], w, sql)
				if failure == "" || otherFailure == "" {
					require.Equal(t, failure, otherFailure, about)
				}
				require.Equal(t, want, got, about)
			}
		}
		return true
	})
}

// TestFunctionsBesideTrino asks a Trino server, as TestBesideTrino does, and the engine in several ways calls of functions with odd values.
func TestFunctionsBesideTrino(t *testing.T) {
	trino, first, count := trinoOfTests(t)
	table := newGenerator(first).oddTable(fmt.Sprint("odd", first), oddRows)
	trino.drop([]*relation{table})
	trino.create(t, []*relation{table})
	defer trino.drop([]*relation{table})
	source := (&generator{tables: []*relation{table}}).source(t)
	var mu sync.Mutex // guards the outcomes
	outcomes := map[string]int{}
	turns := make(chan struct{}, 3)
	var asking sync.WaitGroup
	for seed := first; seed < first+count; seed++ {
		turns <- struct{}{}
		asking.Go(func() {
			defer func() { <-turns }()
			f := functionAsker{t: t, generator: newGenerator(seed), seed: seed, trino: trino, source: &conformance.Source{Tables: source.Tables}}
			outcome := f.ask(f.functionQuestion(table.sql))
			mu.Lock()
			defer mu.Unlock()
			outcomes[outcome]++
		})
	}
	asking.Wait()
	t.Log(outcomes)
}

// functionAsker asks both sides the statements of one question.
type functionAsker struct {
	*generator
	t      *testing.T
	seed   uint64
	trino  *trinoServer
	source *conformance.Source
}

// brokenThere is the server's error of a function that fails in a way of its own.
const brokenThere = "GENERIC_INTERNAL_ERROR"

func (f *functionAsker) ask(q functionQuestion) (outcome string) {
	tried, failure, same := f.compare(q.tried())
	switch {
	case !same:
		return "different"
	case failure != "":
		return "refused: " + failure
	}
	if _, failure, same = f.compare(q.plain()); !same {
		return "different"
	} else if failure == "" {
		return "same"
	}
	var right, failing []string
	for _, line := range tried {
		id, isNull := strings.CutSuffix(strings.TrimPrefix(line, "["), ",null]")
		if isNull {
			failing = append(failing, id)
			continue
		}
		id, _, _ = strings.Cut(id, ",")
		right = append(right, id)
	}
	asked := [][]string{right, {pick(f.generator, failing)}, {pick(f.generator, failing)}}
	for _, rows := range asked {
		if len(rows) == 0 {
			continue
		}
		if _, _, same = f.compare(q.of(rows)); !same {
			return "different"
		}
	}
	return "rows with errors"
}

// compare asks both sides; where several rows fail, which error comes first is free.
func (f *functionAsker) compare(sql string) (theirs []string, failure string, same bool) {
	theirs, failure = f.trino.ask(sql)
	slices.Sort(theirs)
	isOneRow := strings.Contains(sql, " WHERE id IN (") && !strings.Contains(sql[strings.LastIndex(sql, "("):], ",")
	for _, w := range ways(f.random)[:3] {
		ours, ourFailure := askWay(f.source, w, sql)
		switch {
		case failure == brokenThere, failure == "" && ourFailure == "" && slices.Equal(theirs, ours), failure != "" && failure == ourFailure:
		case failure != "" && ourFailure != "" && !isOneRow:
		default:
			f.t.Errorf("seed %d, %s\n%s\nTrino: %v %v\nhere:  %v %v", f.seed, w, sql, failure, onlyIn(theirs, ours), ourFailure, onlyIn(ours, theirs))
			return theirs, failure, false
		}
	}
	return theirs, failure, true
}

// onlyIn are the first lines of a that b lacks.
func onlyIn(a, b []string) []string {
	var only []string
	for _, line := range a {
		if _, found := slices.BinarySearch(b, line); !found && len(only) < 4 {
			only = append(only, line)
		}
	}
	return only
}

// askWay asks the engine as askPlain does, in a way of its own.
func askWay(source *conformance.Source, w way, sql string) (lines []string, failure string) {
	got, err := askCells(source, w, sql)
	if err != nil {
		name, _, _ := strings.Cut(err.Error(), " ")
		return nil, strings.TrimSuffix(name, ":")
	}
	for _, row := range got {
		lines = append(lines, plainRow("["+strings.Join(row, ",")+"]"))
	}
	slices.Sort(lines)
	return lines, ""
}
