package difftest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// questionsInCI is how many questions of most kinds are asked when
// AUDITLAKE_DIFF_SECONDS, the time for a long run, is not set.
const questionsInCI = 600

// questions gives seeds until the test has asked enough, inCI of them (a fifth of
// that under -short) or for the time that is set. AUDITLAKE_SEED is the first one, 1
// by default: a question of that seed alone is asked again with
// AUDITLAKE_DIFF_SECONDS=0.
func questions(t *testing.T, inCI int, ask func(seed uint64) (compared bool)) {
	first, err := strconv.ParseUint(envOr("AUDITLAKE_SEED", "1"), 10, 64)
	require.NoError(t, err)
	seconds, err := strconv.Atoi(envOr("AUDITLAKE_DIFF_SECONDS", "-1"))
	require.NoError(t, err)
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	if testing.Short() {
		inCI /= 5
	}
	asked, compared := 0, 0
	for seed := first; ; seed++ {
		if ask(seed) {
			compared++
		}
		asked++
		if seconds < 0 && asked == inCI || seconds >= 0 && time.Now().After(end) {
			break
		}
	}
	t.Logf("seeds %d to %d: %d questions, %d answers compared", first, first+uint64(asked)-1, asked, compared)
	if seconds != 0 {
		require.Greater(t, compared, asked*7/10, "too many questions have no one answer")
	}
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// source is the tables as the engine reads them.
func (g *generator) source(t *testing.T) *conformance.Source {
	s := &conformance.Source{Tables: map[string]*conformance.Table{}}
	for _, r := range g.tables {
		table := &conformance.Table{Rows: len(r.rows), Meta: &metadata.Table{Name: r.sql, Rows: int64(len(r.rows))}}
		for i, c := range r.columns {
			a, err := function.ArrayOf(c.t, r.column(i))
			require.NoError(t, err)
			table.Meta.Columns = append(table.Meta.Columns, metadata.Column{Name: c.name, Type: c.t})
			table.Columns = append(table.Columns, a)
		}
		s.Tables[r.sql] = table
	}
	return s
}

func (r *relation) column(i int) []types.Value {
	values := make([]types.Value, len(r.rows))
	for j, row := range r.rows {
		values[j] = types.Value{Type: r.columns[i].t, V: row[i]}
	}
	return values
}

// lines are the rows as text, sorted unless they have an order.
func (r *relation) lines(t *testing.T, ordered bool) []string {
	lines := make([]string, len(r.rows))
	for i, c := range r.columns {
		a, err := function.ArrayOf(c.t, r.column(i))
		require.NoError(t, err)
		for j := range lines {
			lines[j] += string(answer.AppendJSON(nil, c.t, a, j)) + " "
		}
	}
	for j := range lines {
		lines[j] = positive(lines[j])
	}
	if !ordered {
		slices.Sort(lines)
	}
	return lines
}

// positive writes -0 as 0, and instants in UTC: which of equal values stands for
// a group of them is free.
func positive(line string) string {
	line = zonedText.ReplaceAllStringFunc(line, func(text string) string {
		m := zonedText.FindStringSubmatch(text)
		at, err := time.ParseInLocation(time.DateTime, m[1], location(m[3]))
		if err != nil {
			return text
		}
		return at.UTC().Format("\"2006-01-02 15:04:05") + m[2] + " UTC\""
	})
	return strings.ReplaceAll(line, "-0.0 ", "0.0 ")
}

var zonedText = regexp.MustCompile(`"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+) (UTC|\+05:30|[A-Z][a-z]+/[A-Za-z_]+)"`)

// way is how the engine is made to find an answer.
type way struct {
	raw, dictionaries, prune, reversed bool
	groupRows                          int
	// spill makes operators keep next to nothing in memory.
	spill   bool
	workers int
	// without is the rule that the optimizer leaves out, if any.
	without []string
}

func (w way) String() string {
	return fmt.Sprintf("optimizer %t, without rules %q, dictionaries %t, prune %t, reversed %t, %d rows a batch, spill %t, %d workers",
		!w.raw, w.without, w.dictionaries, w.prune, w.reversed, w.groupRows, w.spill, w.workers)
}

func ways(random *rand.Rand) []way {
	var all []way
	for _, groupRows := range []int{1, 3, 8192} {
		for _, raw := range []bool{false, true} {
			for _, dictionaries := range []bool{false, true} {
				reversed := random.IntN(4) == 0
				var without []string
				if !raw && random.IntN(2) == 0 {
					rules := optimize.Rules()
					without = rules[random.IntN(len(rules)):][:1]
				}
				all = append(all, way{raw, dictionaries, !reversed && groupRows < 8192, reversed, groupRows, random.IntN(2) == 0,
					[]int{1, 2, 7}[random.IntN(3)], without})
			}
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:4]
}

// textNumbers are of the dictionaries of all questions, as if these were of one lake.
var textNumbers = conformance.TextNumbers()

// spills is where ask lets queries spill to, spilledBytes how much they did.
var (
	spills = func() *spill.Space {
		space, err := spill.Open(spill.Options{FS: vfs.NewMemory(), Dir: "spill", LimitBytes: 1 << 30})
		if err != nil {
			panic(err)
		}
		return space
	}()
	spilledBytes atomic.Int64
)

// ask asks the engine, and gives the rows as text.
func ask(source *conformance.Source, w way, sql string, ordered bool) (lines []string, err error) {
	rows, err := askCells(source, w, sql)
	if err != nil {
		return nil, err
	}
	lines = make([]string, len(rows))
	for i, row := range rows {
		lines[i] = positive(strings.Join(row, " ") + " ")
	}
	if !ordered {
		slices.Sort(lines)
	}
	return lines, nil
}

// askCells asks the engine. A panic is an error.
func askCells(source *conformance.Source, w way, sql string) (rows [][]string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	source.GroupRows, source.Dictionaries, source.Prune, source.Reversed = w.groupRows, w.dictionaries, w.prune, w.reversed
	runner := &conformance.Runner{Source: source, Raw: w.raw, Without: w.without, Env: func(env *exec.Env) { env.Workers, env.Numbers = w.workers, textNumbers }}
	if w.spill {
		spilled := spills.NewQuery()
		defer func() {
			spilledBytes.Add(spilled.SpilledBytes())
			spilled.Close()
		}()
		runner.Env = func(env *exec.Env) {
			env.Workers, env.Numbers, env.Memory, env.Spill = w.workers, textNumbers, exec.Accounted(memory.SpillingPool(1)), spilled
			if w.workers == 2 {
				env.Stats = exec.NewStats(false) // joins that spill are cut out of what the workers of scans do
			}
		}
	}
	answer, err := runner.Run(context.Background(), sql)
	if err != nil {
		return nil, err
	}
	return answer.Rows, nil
}

// isFault tells an error that a value can cause from all others.
func isFault(err error) bool {
	var e *types.Error
	return errors.As(err, &e) && slices.Contains([]string{
		types.DivisionByZero, types.NumericValueOutOfRange, types.InvalidCastArgument, types.InvalidFunctionArgument,
	}, e.Name)
}

// isUnsupported tells the error of a construct that the engine refuses.
func isUnsupported(err error) bool {
	var e *types.Error
	return errors.As(err, &e) && e.Name == types.NotSupported
}

// TestRandomExpressions: every row's values, or the very fault, whatever the way.
func TestRandomExpressions(t *testing.T) {
	questions(t, questionsInCI, func(seed uint64) bool {
		g := newGenerator(seed)
		g.faults, g.exact = 10, true
		table := g.named(pick(g, g.tables))
		want := g.selection(filtered{table, ""})
		if strings.HasPrefix(want.sql, "SELECT DISTINCT") {
			return true // a question of the other test
		}
		source := g.source(t)
		for _, w := range ways(g.random) {
			got, err := ask(source, w, want.sql, false)
			about := fmt.Sprintf("seed %d, %s\n%s", seed, w, want.sql)
			if want.err == nil {
				require.NoError(t, err, about)
				require.Equal(t, want.lines(t, false), got, about)
				continue
			}
			if err == nil && !w.raw {
				continue // the optimizer may see that a call is NULL without its other arguments
			}
			require.Error(t, err, about)
			require.True(t, isFault(err), "%s\n%v", about, err)
		}
		return true
	})
}

// TestRandomQueries: joins, groups, windows, set operations and subqueries.
func TestRandomQueries(t *testing.T) {
	before := spilledBytes.Load()
	questions(t, questionsInCI, func(seed uint64) bool {
		g := newGenerator(seed)
		want := g.statement(2)
		ordered := false
		if g.chance(30) {
			want, ordered = g.ordered(want)
		}
		source := g.source(t)
		compared := true
		sql := want.with + want.sql
		for _, w := range ways(g.random) {
			got, err := ask(source, w, sql, ordered)
			about := fmt.Sprintf("seed %d, %s\n%s", seed, w, sql)
			switch {
			case err != nil && want.fallible && isFault(err), err == nil && want.err != nil, isUnsupported(err):
				// Which rows are looked at, and in which order, is free.
				compared = false
			case err != nil:
				require.NoError(t, err, about)
			default:
				require.Equal(t, want.lines(t, ordered), got, about)
			}
		}
		return compared
	})
	require.Greater(t, spilledBytes.Load(), before, "some of the questions spill")
	require.Zero(t, spills.UsedBytes())
}

// TestRandomNames: what names mean where several things have them, and the error
// where they mean nothing.
func TestRandomNames(t *testing.T) {
	questions(t, questionsInCI, func(seed uint64) bool {
		m := &nameMaker{generator: newGenerator(seed)}
		m.mistakes = m.chance(25)
		want, runs := m.question()
		sql := want.with + want.sql
		w := ways(m.random)[0]
		got, err := ask(&conformance.Source{}, w, sql, runs != nil)
		about := fmt.Sprintf("seed %d, %s\n%s", seed, w, sql)
		switch {
		case isUnsupported(err):
			return false
		case m.mistake != nil:
			var e *types.Error
			require.ErrorAs(t, err, &e, about)
			require.Equal(t, m.mistake.Error(), e.Name, about)
		default:
			require.NoError(t, err, about)
			require.Equal(t, sortedRuns(want.lines(t, runs != nil), runs), sortedRuns(got, runs), about)
		}
		return true
	})
}

// sortedRuns sorts lines within runs of these lengths.
func sortedRuns(lines []string, runs []int) []string {
	at := 0
	for _, n := range runs {
		if at+n > len(lines) {
			break
		}
		slices.Sort(lines[at : at+n])
		at += n
	}
	return lines
}

// TestRandomClauses: one clause over tables as they are.
func TestRandomClauses(t *testing.T) {
	questions(t, questionsInCI, func(seed uint64) bool {
		g := newGenerator(seed)
		want := g.clause()
		source := g.source(t)
		for _, w := range ways(g.random)[:2] {
			got, err := ask(source, w, want.sql, false)
			about := fmt.Sprintf("seed %d, %s\n%s", seed, w, want.sql)
			switch {
			case err != nil && want.fallible && isFault(err), err == nil && want.err != nil, isUnsupported(err):
				return false
			case err != nil:
				require.NoError(t, err, about)
			default:
				require.Equal(t, want.lines(t, false), got, about)
			}
		}
		return true
	})
}

// TestPartitionsOfQueries: the rows for which a condition holds, for which it
// does not and for which it is unknown are all rows, and no row twice.
func TestPartitionsOfQueries(t *testing.T) {
	questions(t, questionsInCI, func(seed uint64) bool {
		g := newGenerator(seed)
		r := g.named(g.query(2))
		condition := g.expression(boolean, r.columns, 3)
		if r.fallible || condition.fallible || r.err != nil {
			return true // a question of the others
		}
		source := g.source(t)
		w := ways(g.random)[0]
		about := fmt.Sprintf("seed %d, %s\n%s\n%s", seed, w, r.sql, condition.sql)
		all, err := ask(source, w, "SELECT * FROM "+r.sql, false)
		require.NoError(t, err, about)
		parts := []string{}
		for _, c := range []string{condition.sql, "NOT " + condition.sql, condition.sql + " IS NULL"} {
			part, err := ask(source, w, "SELECT * FROM "+r.sql+" WHERE "+c, false)
			require.NoError(t, err, about)
			parts = append(parts, part...)
		}
		slices.Sort(parts)
		require.Equal(t, all, parts, about)
		return true
	})
}
