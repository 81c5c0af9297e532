package engine_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// recordedAnswer is a line of answers.jsonl: a statement over the published events and
// what a real Trino answers to it.
type recordedAnswer struct {
	ID           string
	SQL          string
	TrinoSQL     string `json:"trino_sql"`
	Check        string
	Ordered      bool
	RowCount     int `json:"row_count"`
	Columns      []struct{ Name, Type string }
	Rows         []json.RawMessage
	RowsHead     []json.RawMessage `json:"rows_head"`
	SHA256       string
	SortColumns  []int  `json:"sort_columns"`
	SortSHA256   string `json:"sort_sha256"`
	StableSHA256 string `json:"stable_sha256"`
	Stable       []int  `json:"stable_columns"`
	AllSQL       string `json:"all_sql"`
	AllCount     int    `json:"all_count"`
	AllSHA256    string `json:"all_sha256"`
	Error        *struct{ Name string }
	Tolerant     json.RawMessage
}

// TestAnswers asks real queries over real events and compares every answer
// with Trino's. Then seven workers answer every twentieth of them, or all with
// AUDITLAKE_BUDGETS, from a tiny cache and spilling all that can be spilled.
func TestAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	published, answers := material.Outside(t, "events"), material.Outside(t, "queries/answers.jsonl")
	lake := openLake(t, t.TempDir(), time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	createStore(t, lake, "main", 3653)
	events := filepath.Join(t.TempDir(), "events.ndjson")
	writeAnswerEvents(t, published, events)
	imported, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{events}})
	require.NoError(t, err)
	require.EqualValues(t, 16628, imported.Events)

	recorded := readAnswers(t, answers)
	checkAnswers(t, lakeAsker(lake), recorded)
	dir, now := lake.Dir(), time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	require.NoError(t, lake.Close())
	t.Run("spilled by 7 workers", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(7))
		lake, err := engine.Open(context.Background(), dir, engine.Options{Now: func() time.Time { return now }, CacheBytes: tinyCacheBytes, SpillFromBytes: 1, SpillFiles: vfs.NewMemory()})
		require.NoError(t, err)
		defer lake.Close()
		_, stats, err := ask(context.Background(), lake, "SELECT eventid FROM main ORDER BY eventname, eventid")
		require.NoError(t, err)
		require.Positive(t, stats.SpilledBytes)
		if _, all := os.LookupEnv("AUDITLAKE_BUDGETS"); !all {
			some := recorded[:0:0]
			for i := 0; i < len(recorded); i += 20 {
				some = append(some, recorded[i])
			}
			recorded = some
		}
		checkAnswers(t, lakeAsker(lake), recorded)
	})
}

func checkAnswers(t *testing.T, ask asker, recorded []recordedAnswer) {
	right, wrong := 0, 0
	for _, a := range recorded {
		if err := a.check(ask, a.SQL); err != nil {
			wrong++
			t.Errorf("%s: %v\n%s", a.ID, err, a.SQL)
			continue
		}
		right++
	}
	t.Logf("answers: %d right, %d wrong", right, wrong)
}

func readAnswers(t *testing.T, path string) []recordedAnswer {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var out []recordedAnswer
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var a recordedAnswer
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &a))
		out = append(out, a)
	}
	require.NoError(t, scanner.Err())
	return out
}

var answerTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)

// writeAnswerEvents writes the events that take part in the answers: an ISO
// eventTime from December 2016 on, no errorMessage over 1,024 bytes.
func writeAnswerEvents(t *testing.T, folder, path string) {
	out, err := os.Create(path)
	require.NoError(t, err)
	defer out.Close()
	files, err := filepath.Glob(filepath.Join(folder, "*.ndjson.gz"))
	require.NoError(t, err)
	for _, name := range files {
		file, err := os.Open(name)
		require.NoError(t, err)
		unzipped, err := gzip.NewReader(file)
		require.NoError(t, err)
		scanner := bufio.NewScanner(unzipped)
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			var event struct{ EventTime, ErrorMessage string }
			// A member of another type leaves the others decoded.
			_ = json.Unmarshal(scanner.Bytes(), &event)
			if !answerTime.MatchString(event.EventTime) || event.EventTime < "2016-12-01" || len(event.ErrorMessage) > 1024 {
				continue
			}
			_, err = fmt.Fprintf(out, "%s\n", scanner.Bytes())
			require.NoError(t, err)
		}
		require.NoError(t, scanner.Err())
		file.Close()
	}
}

// asker answers a statement with rows in canonical form.
type asker func(sql string) ([]string, []answer.Column, error)

func lakeAsker(lake *engine.Lake) asker {
	return func(sql string) ([]string, []answer.Column, error) { return canonicalRows(lake, sql) }
}

// check asks the statement and says what differs.
func (a *recordedAnswer) check(ask asker, sql string) error {
	rows, columns, err := ask(sql)
	if a.Check == "error" {
		if err == nil && a.Tolerant == nil {
			return fmt.Errorf("no error, Trino says %s", a.Error.Name)
		}
		if name := types.ErrorName(err); err != nil && name != a.Error.Name && a.Tolerant == nil {
			return fmt.Errorf("error %w, Trino says %s", err, a.Error.Name)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.checkColumns(columns); err != nil {
		return err
	}
	if len(rows) != a.RowCount {
		return fmt.Errorf("%d rows, Trino has %d", len(rows), a.RowCount)
	}
	if a.SortSHA256 != "" && digest(project(rows, a.SortColumns)) != a.SortSHA256 {
		return fmt.Errorf("the rows are not in order")
	}
	if a.Check == "count" {
		return a.checkCount(ask, rows)
	}
	if !a.Ordered {
		sort.Strings(rows)
	}
	if a.SHA256 != "" {
		if digest(rows) != a.SHA256 {
			return fmt.Errorf("digest differs; first row %s, Trino's %s", rows[0], a.RowsHead[0])
		}
		return nil
	}
	want := make([]string, len(a.Rows))
	for i, row := range a.Rows {
		want[i] = canonical(row, floatingColumns(columns))
	}
	if !a.Ordered {
		sort.Strings(want)
	}
	for i := range want {
		if want[i] != rows[i] {
			return fmt.Errorf("row %d is %s, Trino's %s", i, rows[i], want[i])
		}
	}
	return nil
}

func (a *recordedAnswer) checkColumns(columns []answer.Column) error {
	if len(columns) != len(a.Columns) {
		return fmt.Errorf("%d columns, Trino has %d", len(columns), len(a.Columns))
	}
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, ", ", ",")) }
	for i, c := range columns {
		if !strings.EqualFold(c.Name, a.Columns[i].Name) || plain(c.Type.Display()) != plain(a.Columns[i].Type) {
			return fmt.Errorf("column %d is %s %s, Trino's %s %s", i, c.Name, c.Type.Display(), a.Columns[i].Name, a.Columns[i].Type)
		}
	}
	return nil
}

func (a *recordedAnswer) checkCount(ask asker, rows []string) error {
	if a.StableSHA256 != "" {
		stable := project(rows, a.Stable)
		sort.Strings(stable)
		if digest(stable) != a.StableSHA256 {
			return fmt.Errorf("the stable columns differ")
		}
	}
	if a.AllSQL == "" {
		return nil
	}
	all, _, err := ask(a.AllSQL)
	if err != nil {
		return err
	}
	sort.Strings(all)
	if len(all) != a.AllCount || digest(all) != a.AllSHA256 {
		return fmt.Errorf("without LIMIT: %d rows, Trino has %d, or others", len(all), a.AllCount)
	}
	left := map[string]int{}
	for _, row := range all {
		left[row]++
	}
	for _, row := range rows {
		if left[row]--; left[row] < 0 {
			return fmt.Errorf("row %s is not in the answer without LIMIT", row)
		}
	}
	return nil
}

func canonicalRows(lake *engine.Lake, sql string) ([]string, []answer.Column, error) {
	rows, err := lake.Query(context.Background(), sql)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	floating := floatingColumns(rows.Columns())
	var out []string
	var text []byte
	for rows.Next() {
		arrays := rows.Arrays()
		for i := 0; i < int(rows.Record().NumRows()); i++ {
			text = text[:0]
			text = append(text, '[')
			for j, c := range rows.Columns() {
				if j > 0 {
					text = append(text, ',')
				}
				text = answer.AppendJSON(text, c.Type, arrays[j], i)
			}
			text = append(text, ']')
			out = append(out, canonical(text, floating))
		}
	}
	return out, rows.Columns(), rows.Err()
}

func project(rows []string, columns []int) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		var values []json.RawMessage
		if err := json.Unmarshal([]byte(row), &values); err != nil {
			panic(err)
		}
		picked := make([]string, len(columns))
		for j, c := range columns {
			picked[j] = string(values[c])
		}
		out[i] = "[" + strings.Join(picked, ",") + "]"
	}
	return out
}

func digest(rows []string) string {
	h := sha256.New()
	for _, row := range rows {
		h.Write([]byte(row + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}
