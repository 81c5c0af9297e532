package difftest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/planner/types"
)

// TestBesideTrino asks a Trino server, AUDITLAKE_TRINO with a catalog "memory",
// and the engine the same random questions over generated events;
// AUDITLAKE_TRINO_QUESTIONS of them, from AUDITLAKE_SEED on.
func TestBesideTrino(t *testing.T) {
	trino, first, count := trinoOfTests(t)
	tables := eventTables(first)
	trino.create(t, tables)
	defer trino.drop(tables)
	source := (&generator{tables: tables}).source(t)
	source.GroupRows = 8192
	var mu sync.Mutex // guards the counts and the log
	same, outcomes := 0, map[string]int{}
	turns := make(chan struct{}, 3)
	var asking sync.WaitGroup
	for seed := first; seed < first+count; seed++ {
		g := newGenerator(seed)
		g.tables, g.faults = tables, 1
		want := g.statement(2)
		ordered := false
		if g.chance(30) {
			want, ordered = g.ordered(want)
		}
		sql := want.with + want.sql
		turns <- struct{}{}
		asking.Go(func() {
			defer func() { <-turns }()
			theirs, theirError := trino.ask(sql)
			ours, ourError := askPlain(source, sql)
			mu.Lock()
			defer mu.Unlock()
			outcome := compareAnswers(theirs, ours, theirError, ourError, ordered, want.fallible)
			if outcomes[outcome]++; outcome == "" {
				same++
				return
			}
			if outcome != evaluationOrder && outcome != refusedThere {
				t.Errorf("seed %d: %s\n%s\nTrino: %v %v\nhere:  %v %v", seed, outcome, sql, theirError, theirs, ourError, ours)
			}
		})
	}
	asking.Wait()
	t.Logf("%d statements, %d the same; %v", count, same, outcomes)
}

// trinoOfTests is the server that tests ask so many questions, from a seed on. Without one it skips the test.
func trinoOfTests(t *testing.T) (trino *trinoServer, firstSeed, count uint64) {
	server := os.Getenv("AUDITLAKE_TRINO")
	if server == "" {
		t.Skip("AUDITLAKE_TRINO names no server")
	}
	count, err := strconv.ParseUint(envOr("AUDITLAKE_TRINO_QUESTIONS", "300"), 10, 32)
	require.NoError(t, err)
	firstSeed, err = strconv.ParseUint(envOr("AUDITLAKE_SEED", "1"), 10, 64)
	require.NoError(t, err)
	return &trinoServer{url: server}, firstSeed, count
}

// Differences that mean nothing: which of the rows that fail are looked at is
// free; and some correlated subqueries are answered here alone.
const (
	evaluationOrder = "the order of evaluation"
	refusedThere    = "not supported there"
)

// compareAnswers says how two answers differ, "" if they do not.
func compareAnswers(theirs, ours []string, theirError, ourError string, ordered, fallible bool) string {
	switch {
	case theirError == ourError && theirError != "":
		return ""
	case fallible && (theirError == "" || ourError == ""):
		if theirError != ourError {
			return evaluationOrder
		}
	case theirError == types.NotSupported && ourError == "":
		return refusedThere
	case theirError != ourError:
		return "an error"
	}
	if !ordered {
		slices.Sort(theirs)
		slices.Sort(ours)
	}
	if slices.Equal(theirs, ours) {
		return ""
	}
	return "an answer"
}

// eventTables are generated events in three tables, with columns of every type.
func eventTables(seed uint64) []*relation {
	var rows [][]any
	for e := range gen.Events(gen.Options{Seed: seed, Events: 110, Days: 3}) {
		var event map[string]any
		if err := json.Unmarshal(e.JSON, &event); err != nil {
			panic(err)
		}
		rows = append(rows, eventRow(event, e.Time))
	}
	var tables []*relation
	for i, part := range [][2]int{{0, 55}, {40, 75}, {70, 85}} {
		r := &relation{sql: fmt.Sprintf("events%d_%d", seed, i), rows: rows[part[0]:part[1]]}
		for c, t := range append(slices.Clone(columnTypes), integer, varchar) {
			r.columns = append(r.columns, column{fmt.Sprint("c", c), t})
		}
		tables = append(tables, r)
	}
	return tables
}

// eventRow has a value of an event for each column type.
func eventRow(event map[string]any, at time.Time) []any {
	text := func(m map[string]any, name string) any {
		if s, ok := m[name].(string); ok {
			return s
		}
		return nil
	}
	identity, _ := event["userIdentity"].(map[string]any)
	parameters, _ := event["requestParameters"].(map[string]any)
	entries := types.MapValue{}
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range parameters {
			if !yield(k) {
				return
			}
		}
	}) {
		entries.Keys = append(entries.Keys, types.Value{Type: varchar, V: k})
		entries.Values = append(entries.Values, types.Value{Type: varchar, V: text(parameters, k)})
	}
	var places any
	if resources, ok := event["resources"].([]any); ok {
		list := []types.Value{}
		for i := range resources {
			list = append(list, types.Value{Type: integer, V: int64(i)})
		}
		places = list
	}
	source, name := text(event, "eventSource"), text(event, "eventName")
	millis := at.UnixMilli()
	var bytes any = int64(len(fmt.Sprint(parameters)))
	var share any = float64(at.Minute()) / 4
	if event["errorCode"] != nil {
		bytes, share = nil, math.NaN()
	}
	nanos, picos := movedBy(decimal128.FromI64(int64(at.Minute())*1000), millis), movedBy(decimal128.FromI64(int64(at.Second())), millis)
	row := []types.Value{{Type: integer, V: int64(len(identity))}, {Type: varchar, V: text(identity, "type")}}
	return []any{event["readOnly"], int64(at.Hour()), bytes, share, decimal128.FromI64(int64(at.Second()) * 25), source,
		types.FloorDiv(millis, millisecondsDay), millis, types.Zoned{Instant: millis - millis%3_600_000, Zone: zones[at.Minute()%len(zones)]},
		nanos, picos, types.LongZoned{Instant: picos, Zone: zones[at.Second()%len(zones)]},
		places, entries, row, int64(at.Minute()), name}
}

// trinoServer asks a server statements.
type trinoServer struct{ url string }

func (s *trinoServer) create(t *testing.T, tables []*relation) {
	for _, r := range tables {
		var lines, names []string
		for _, row := range r.rows {
			var cells []string
			for i, v := range row {
				text := "NULL"
				if v != nil {
					text = literalText(r.columns[i].t, v)
				}
				cells = append(cells, "CAST("+text+" AS "+r.columns[i].t.String()+")")
			}
			lines = append(lines, "ROW("+strings.Join(cells, ", ")+")")
		}
		for _, c := range r.columns {
			names = append(names, c.name)
		}
		sql := "CREATE TABLE " + r.sql + " AS SELECT * FROM (VALUES " + strings.Join(lines, ", ") + ") AS t(" + strings.Join(names, ", ") + ")"
		_, failure := s.ask(sql)
		require.Empty(t, failure, sql)
	}
}

func (s *trinoServer) drop(tables []*relation) {
	for _, r := range tables {
		s.ask("DROP TABLE " + r.sql)
	}
}

// ask gives the rows as text, or the name of an error.
func (s *trinoServer) ask(sql string) (lines []string, failure string) {
	request, err := http.NewRequest(http.MethodPost, s.url+"/v1/statement", strings.NewReader(sql))
	if err != nil {
		return nil, err.Error()
	}
	for {
		for name, value := range map[string]string{"User": "difftest", "Catalog": "memory", "Schema": "default", "Time-Zone": "UTC",
			"Client-Capabilities": "PARAMETRIC_DATETIME"} { // else times come in milliseconds
			request.Header.Set("X-Trino-"+name, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err.Error()
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return nil, err.Error()
		}
		var page struct {
			NextURI string
			Data    []json.RawMessage
			Error   *struct{ ErrorName, Message string }
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, string(body)
		}
		if page.Error != nil {
			return nil, page.Error.ErrorName
		}
		for _, row := range page.Data {
			lines = append(lines, plainRow(string(row)))
		}
		if page.NextURI == "" {
			return lines, ""
		}
		if request, err = http.NewRequest(http.MethodGet, page.NextURI, nil); err != nil {
			return nil, err.Error()
		}
	}
}

func askPlain(source *conformance.Source, sql string) (lines []string, failure string) {
	answer, err := (&conformance.Runner{Source: source}).Run(context.Background(), sql)
	if err != nil {
		name, _, _ := strings.Cut(err.Error(), " ")
		return nil, strings.TrimSuffix(name, ":")
	}
	for _, row := range answer.Rows {
		lines = append(lines, plainRow("["+strings.Join(row, ",")+"]"))
	}
	return lines, ""
}

// plainRow writes a row of JSON in one way: numbers with twelve digits, entries of
// maps in order, instants in UTC.
func plainRow(row string) string {
	decoder := json.NewDecoder(strings.NewReader(row))
	decoder.UseNumber()
	var cells []any
	if err := decoder.Decode(&cells); err != nil {
		return row
	}
	for i, cell := range cells {
		if n, ok := cell.(json.Number); ok && strings.ContainsAny(n.String(), ".eE") {
			f, _ := n.Float64()
			cells[i] = strconv.FormatFloat(f+0, 'g', 12, 64)
		}
	}
	text, err := json.Marshal(cells)
	if err != nil {
		return row
	}
	return positive(string(text))
}
