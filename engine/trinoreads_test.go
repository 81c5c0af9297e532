package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/storage/schema"
)

// TestTrinoReadsOurFiles lets a real Trino server read the segments of lakes, set up by the commands of
// docs/trino-cluster.md, and wants the answers that we give.
func TestTrinoReadsOurFiles(t *testing.T) {
	if os.Getenv("AUDITLAKE_TRINO_HOME") == "" {
		t.Skip("AUDITLAKE_TRINO_HOME does not name the folder of a Trino server")
	}
	share := t.TempDir()
	stores := makeTrinoLake(t, filepath.Join(share, "lake"))
	categories := makeCategoriesLake(t, filepath.Join(share, "categories"))
	c := startTrino(t, share)
	lake := openLake(t, filepath.Join(share, "lake"), time.Now())

	t.Run("page", func(t *testing.T) {
		count := answerOf(t, lake, "SELECT count(*) FROM main")[0]
		for _, schema := range []string{"auditlake.lake", "auditlake.current", "bucket.lake"} {
			rows, _, err := c.asker("")("SELECT count(*), count(eventid), count(requestparameters) FROM " + schema + ".main")
			require.NoError(t, err)
			require.Equal(t, answerOf(t, lake, "SELECT '['||format('%d,%d,%d', count(*), count(eventid), count(requestparameters))||']' FROM main"), rows, schema)
		}
		require.Equal(t, 2, strings.Count("\n"+c.said, "\n"+count+"\n"), "the page's own questions: %s", c.said)
	})
	require.NoError(t, lake.Close())
	for _, store := range stores {
		c.makeTable(t, "lake", store.name)
	}
	lake = openLake(t, filepath.Join(share, "lake"), time.Now())
	for _, store := range stores {
		t.Run("columns of "+store.name, func(t *testing.T) { requireSameColumns(t, lake, c, "lake", store) })
	}
	for _, store := range categories {
		c.makeTable(t, "categories", store.name)
	}
	of := openLake(t, filepath.Join(share, "categories"), time.Now())
	for _, store := range categories {
		t.Run("columns of "+store.name, func(t *testing.T) { requireSameColumns(t, of, c, "categories", store) })
	}
	t.Run("questions", func(t *testing.T) { requireSameAnswers(t, lake, c) })
	t.Run("pruning", func(t *testing.T) { requireSamePruned(t, lake, c) })
	t.Run("dropping a table", func(t *testing.T) {
		files, err := lake.Stores().SegmentFiles(context.Background(), "main")
		require.NoError(t, err)
		_, err = c.ask("lake", "DROP TABLE main")
		require.NoError(t, err)
		for _, file := range files {
			require.FileExists(t, filepath.Join(share, filepath.FromSlash("lake/"+file)))
		}
	})
	t.Run("old segments", func(t *testing.T) { requireRewritten(t, c) })
	t.Run("published questions", func(t *testing.T) { requirePublishedAnswers(t, c) })
}

// trinoStore is a store whose segments Trino reads.
type trinoStore struct {
	name    string
	rebuilt bool
}

// makeTrinoLake makes a lake with generated events, as text and rebuilt. Its days have several row groups.
func makeTrinoLake(t *testing.T, dir string) []trinoStore {
	ctx := context.Background()
	lake := openLake(t, dir, time.Now())
	folder := t.TempDir()
	_, err := gen.Write(folder, gen.Options{Seed: 11, Events: 24_000, Days: 2, End: time.Now().UTC().Truncate(24 * time.Hour)})
	require.NoError(t, err)
	stores := []trinoStore{{name: "main"}, {name: "rebuilt", rebuilt: true}}
	for _, s := range stores {
		s.create(t, lake, "")
		r, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: s.name, Paths: []string{folder}})
		require.NoError(t, err)
		require.EqualValues(t, 24_000, r.Events)
	}
	require.NoError(t, lake.Close())
	return stores
}

func (s trinoStore) create(t *testing.T, lake *engine.Lake, category string) {
	options := engine.StoreOptions{Name: s.name, Category: category, RetentionDays: 3653}
	if s.rebuilt {
		options.EventJSON = engine.EventJSONRebuilt
	}
	_, err := lake.Stores().Create(context.Background(), options)
	require.NoError(t, err)
}

// makeCategoriesLake makes a lake with random events of each category, as text and rebuilt where it has
// texts. Its days have two segments. Data events have the columns of management events.
func makeCategoriesLake(t *testing.T, dir string) (stores []trinoStore) {
	lake := openLake(t, dir, time.Now())
	for _, category := range schema.Categories() {
		table, _ := schema.ForCategory(category)
		if category == "Data" {
			continue
		}
		forms := []trinoStore{{name: strings.ToLower(category)}}
		if _, ok := table.Lookup("eventjson"); ok {
			forms = append(forms, trinoStore{name: strings.ToLower(category) + "rebuilt", rebuilt: true})
		}
		for _, s := range forms {
			s.create(t, lake, category)
			importRandom(t, lake, s.name, table)
		}
		stores = append(stores, forms...)
	}
	require.NoError(t, lake.Close())
	return stores
}

// importRandom imports two files of random events.
func importRandom(t *testing.T, lake *engine.Lake, store string, table *schema.Table) {
	r := rand.New(rand.NewPCG(7, uint64(len(store))))
	end := time.Now().UTC().Truncate(24 * time.Hour)
	for part := range 2 {
		var lines bytes.Buffer
		for i := range 600 {
			lines.WriteString(randomEvent(r, table, end.Add(-time.Duration(1+r.IntN(86_400_000))*time.Millisecond), part*1000+i) + "\n")
		}
		path := filepath.Join(t.TempDir(), "events.ndjson")
		require.NoError(t, os.WriteFile(path, lines.Bytes(), 0o600))
		taken, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: store, Paths: []string{path}})
		require.NoError(t, err)
		require.EqualValues(t, 600, taken.Events, "%v", taken.FailureCodes)
	}
}

// randomEvent is an event that fills the columns of a table in every way that the table takes.
func randomEvent(r *rand.Rand, table *schema.Table, at time.Time, number int) string {
	members := map[string]any{}
	for _, c := range table.Columns {
		if c.JSONKey != "" && r.IntN(6) > 0 {
			members[c.JSONKey] = randomMember(r, &c)
		}
	}
	members["eventCategory"], members["eventID"] = table.Category, fmt.Sprintf("%08x-%d", r.Uint32(), number)
	members["eventTime"] = at.Format("2006-01-02T15:04:05.000Z")
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func randomMember(r *rand.Rand, c *schema.Column) any {
	if r.IntN(12) == 0 {
		return nil
	}
	switch c.Type.ID() {
	case arrow.BOOL:
		return r.IntN(2) == 0
	case arrow.TIMESTAMP:
		return time.UnixMilli(r.Int64N(4e12)).UTC().Format("2006-01-02T15:04:05.000Z")
	case arrow.FLOAT64:
		return r.NormFloat64() * 1000
	case arrow.INT32:
		return r.IntN(1<<32) - 1<<31
	case arrow.MAP:
		entries := map[string]any{}
		for range r.IntN(5) {
			entries[randomWord(r)] = []any{randomWord(r), r.IntN(99), true, nil, map[string]any{"a": []int{1}}, ""}[r.IntN(6)]
		}
		return entries
	case arrow.LIST:
		list := []any{}
		for range r.IntN(4) {
			if len(c.Fields) == 0 {
				list = append(list, randomWord(r))
			} else {
				list = append(list, randomFields(r, c.Fields))
			}
		}
		return list
	case arrow.STRUCT:
		return randomFields(r, c.Fields)
	}
	return randomWord(r)
}

func randomFields(r *rand.Rand, fields []schema.Column) map[string]any {
	members := map[string]any{}
	for _, f := range fields {
		if r.IntN(4) > 0 {
			members[f.JSONKey] = randomMember(r, &f)
		}
	}
	return members
}

// randomWord is a text: often one of few, at times empty, long, or of letters outside of ASCII.
func randomWord(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return ""
	case 1:
		return strings.Repeat("long ", 40+r.IntN(100)) // beyond where bounds in statistics are cut
	case 2:
		return []string{"Größe", "日本語", "\U0001f600\U0010ffff", "a\x00b", "\"quoted\\\"", "tab\tline\n"}[r.IntN(6)]
	case 3:
		return fmt.Sprintf("%016x", r.Uint64())
	}
	return fmt.Sprint("word", r.IntN(20))
}

// requireSameColumns compares all rows of a store, column by column where they differ.
func requireSameColumns(t *testing.T, lake *engine.Lake, c *trinoCluster, at string, store trinoStore) {
	d, err := lake.Stores().Describe(context.Background(), store.name)
	require.NoError(t, err)
	require.Positive(t, d.Events)
	var names, nullThere []string
	for _, column := range d.Columns {
		// eventjsonchecksum is computed, and only we rebuild eventjson.
		if column.Name != "eventjsonchecksum" && !(store.rebuilt && column.Name == "eventjson") {
			names = append(names, column.Name)
		} else {
			nullThere = append(nullThere, column.Name)
		}
	}
	trino := c.asker(at)
	compare := func(names []string) (wrong string) {
		sql := "SELECT " + strings.Join(names, ", ") + " FROM " + store.name
		ours, ourColumns, err := lakeAsker(lake)(sql)
		require.NoError(t, err)
		theirs, theirColumns, err := trino(sql)
		require.NoError(t, err)
		require.Equal(t, len(ourColumns), len(theirColumns))
		for i, column := range ourColumns {
			require.Equal(t, column.Type.Display(), theirColumns[i].Type.Display(), column.Name)
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		return firstDifference(ours, theirs)
	}
	if wrong := compare(names); wrong != "" {
		for _, name := range names {
			require.Empty(t, compare([]string{name}), name)
		}
		t.Fatal("rows differ, no column does: ", wrong)
	}
	rows, _, err := trino("SELECT count(*), count(*) FILTER (WHERE eventday = date(eventtime)) FROM " + store.name)
	require.NoError(t, err)
	require.Equal(t, []string{fmt.Sprintf("[%d,%d]", d.Events, d.Events)}, rows, "rows, and those of the day that their folder says")
	for _, name := range nullThere {
		rows, _, err := trino("SELECT count(" + name + ") * 20 < count(*) FROM " + store.name)
		require.NoError(t, err)
		require.Equal(t, []string{"[true]"}, rows, name)
	}
}

// firstDifference says where two lists of rows differ, "" if they do not.
func firstDifference(ours, theirs []string) string {
	for i := range max(len(ours), len(theirs)) {
		switch {
		case i == len(ours):
			return fmt.Sprintf("%d rows, Trino has %d, such as %s", len(ours), len(theirs), theirs[i])
		case i == len(theirs):
			return fmt.Sprintf("%d rows, Trino has %d, but not %s", len(ours), len(theirs), ours[i])
		case ours[i] != theirs[i]:
			return fmt.Sprintf("row %d is %s, Trino's %s", i, ours[i], theirs[i])
		}
	}
	return ""
}

// requireSameAnswers asks the statements of testdata/trino both sides.
func requireSameAnswers(t *testing.T, lake *engine.Lake, c *trinoCluster) {
	text, err := os.ReadFile("testdata/trino/questions.sql")
	require.NoError(t, err)
	asked := 0
	for sql := range strings.Lines(string(text)) {
		if sql = strings.TrimSpace(sql); sql == "" || strings.HasPrefix(sql, "--") {
			continue
		}
		asked++
		requireSame(t, lake, c, sql)
	}
	require.Greater(t, asked, 40)
	t.Logf("%d questions", asked)
}

// requireSame asks a statement both sides and wants the same rows, if there are any.
func requireSame(t *testing.T, lake *engine.Lake, c *trinoCluster, sql string) {
	t.Helper()
	ours, _, err := lakeAsker(lake)(sql)
	require.NoError(t, err, sql)
	theirs, _, err := c.asker("lake")(sql)
	require.NoError(t, err, sql)
	require.NotEmpty(t, ours, sql)
	if last := strings.LastIndex(sql, "ORDER BY"); last <= strings.LastIndexByte(sql, ')') { // none, or that of a window
		slices.Sort(ours)
		slices.Sort(theirs)
	}
	require.Empty(t, firstDifference(ours, theirs), sql)
}

// predicatesAStatement is how many predicates are asked in one statement, each by a scan of its own.
const predicatesAStatement = 12

// requireSamePruned asks predicates that statistics and bloom filters decide, for values that there are
// and values that there are not, and wants Trino to read less for some.
func requireSamePruned(t *testing.T, lake *engine.Lake, c *trinoCluster) {
	r := rand.New(rand.NewPCG(3, 4))
	var predicates []string
	for _, column := range []string{"eventid", "requestid", "eventname", "eventsource", "awsregion", "sourceipaddress", "useragent", "errorcode",
		"errormessage", "useridentity.arn", "useridentity.accesskeyid", "useridentity.sessioncontext.sessionissuer.username", "recipientaccountid",
		"resources[1].arn", "element_at(requestparameters, 'bucketName')", "element_at(responseelements, 'x-amz-request-id')", "eventjson"} {
		values := answerOf(t, lake, fmt.Sprintf("SELECT v FROM (SELECT DISTINCT %s AS v FROM main WHERE length(%[1]s) > 0 AND %[1]s NOT LIKE '%%''%%') ORDER BY xxhash64(to_utf8(v)) LIMIT 3", column))
		for _, v := range values {
			quoted := "'" + v + "'"
			prefix := strings.ReplaceAll(v[:1+r.IntN(len(v))], "_", "")
			predicates = append(predicates, column+" = "+quoted, column+" < "+quoted, column+" >= "+quoted, column+" = '"+v+"~'",
				column+" IN ("+quoted+", 'absent')", column+" LIKE '"+strings.ToValidUTF8(strings.ReplaceAll(prefix, "%", ""), "")+"%'")
		}
		predicates = append(predicates, column+" IS NULL", column+" IS NOT NULL", column+" = ''", column+" <> ''")
	}
	day := answerOf(t, lake, "SELECT cast(max(date(eventtime)) AS varchar) FROM main")[0]
	for range 40 {
		low := fmt.Sprintf("TIMESTAMP '%s %02d:%02d:%02d.%03d'", day, r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000))
		predicates = append(predicates, "eventtime >= "+low, fmt.Sprintf("eventtime BETWEEN %s - INTERVAL '%d' MINUTE AND %[1]s", low, 1+r.IntN(300)), "eventtime < "+low)
	}
	for _, at := range answerOf(t, lake, "SELECT cast(eventtime AS varchar) FROM main ORDER BY xxhash64(to_utf8(eventid)) LIMIT 10") {
		predicates = append(predicates, "eventtime = TIMESTAMP '"+at+"'", "eventtime <= TIMESTAMP '"+at+"'")
	}
	predicates = append(predicates, "readonly", "NOT readonly", "readonly IS NULL", "managementevent = false")
	for chunk := range slices.Chunk(predicates, predicatesAStatement) {
		var parts []string
		for i, p := range chunk {
			parts = append(parts, fmt.Sprintf("SELECT %d, count(*), min(eventid), max(eventtime) FROM main WHERE %s", i, p))
		}
		requireSame(t, lake, c, strings.Join(parts, " UNION ALL "))
	}
	t.Logf("%d predicates", len(predicates))

	total := parseCount(t, answerOf(t, lake, "SELECT count(*) FROM main")[0])
	one := answerOf(t, lake, "SELECT eventid FROM main ORDER BY xxhash64(to_utf8(eventid)) LIMIT 1")[0]
	for _, p := range []struct {
		name, where string
		most        int64 // rows that Trino reads
	}{
		{"a day", "eventday = DATE '" + day + "'", parseCount(t, answerOf(t, lake, "SELECT count(*) FROM main WHERE date(eventtime) = DATE '"+day+"'")[0])},
		{"times of a day", "eventtime >= TIMESTAMP '" + day + " 00:00:00'", parseCount(t, answerOf(t, lake, "SELECT count(*) FROM main WHERE date(eventtime) = DATE '"+day+"'")[0])},
		{"times before all", "eventtime < TIMESTAMP '2016-01-01 00:00:00'", 0},
		// Trino looks at the bloom filters of stripes with several row groups: that of a day with few events is read.
		{"an id that is there", "eventid = '" + one + "'", total * 3 / 4},
		{"an id that is not", "eventid = '" + one + "~'", total * 3 / 4},
	} {
		a, err := c.ask("lake", "SELECT count(eventname) FROM main WHERE "+p.where)
		require.NoError(t, err, p.name)
		require.LessOrEqual(t, a.processedRows, p.most, p.name)
		t.Logf("%s: Trino reads %d of %d rows", p.name, a.processedRows, total)
	}
}

func parseCount(t *testing.T, text string) int64 {
	var n int64
	_, err := fmt.Sscan(text, &n)
	require.NoError(t, err)
	return n
}

// requireRewritten: Trino fails on segments of an earlier version until they are written anew.
func requireRewritten(t *testing.T, c *trinoCluster) {
	dir := filepath.Join(c.share, "old")
	unpackLake(t, "testdata/lakes/without-eventjson.tar.gz", dir)
	stores := []trinoStore{{name: "config"}, {name: "activity"}}
	for _, s := range stores {
		c.makeTable(t, "old", s.name)
		_, err := c.ask("old", "SELECT * FROM "+s.name)
		require.ErrorContains(t, err, "Failed to read ORC file")
	}
	lake := openLake(t, dir, newYear)
	done, err := lake.RewriteOld(context.Background())
	require.NoError(t, err)
	require.Equal(t, 2, done.Written)
	for _, s := range stores {
		requireSameColumns(t, lake, c, "old", s)
	}
}

// wholeRow finds SELECT *.
var wholeRow = regexp.MustCompile(`select\s+(distinct\s+)?\*`)

// requirePublishedAnswers asks the statements of answers.jsonl over the published events.
func requirePublishedAnswers(t *testing.T, c *trinoCluster) {
	published, answers := material.Further(t, "events"), material.Further(t, "queries/answers.jsonl")
	if published == "" || answers == "" {
		return
	}
	ctx := context.Background()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	dir := filepath.Join(c.share, "answers")
	lake := openLake(t, dir, now)
	events := filepath.Join(t.TempDir(), "events.ndjson")
	writeAnswerEvents(t, published, events)
	stores := []trinoStore{{name: "main"}, {name: "rebuilt", rebuilt: true}}
	for _, s := range stores {
		s.create(t, lake, "")
		_, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: s.name, Paths: []string{events}})
		require.NoError(t, err)
	}
	require.NoError(t, lake.Close())
	for _, s := range stores {
		c.makeTable(t, "answers", s.name)
	}
	lake = openLake(t, dir, now)
	for _, s := range stores {
		requireSameColumns(t, lake, c, "answers", s)
	}
	asked := 0
	for _, a := range readAnswers(t, answers) {
		// What these read is another column there, or one more.
		if sql := strings.ToLower(a.TrinoSQL); a.Check != "rows" || strings.Contains(sql, "eventjsonchecksum") || wholeRow.MatchString(sql) {
			continue
		}
		asked++
		if err := a.check(c.asker("answers"), a.TrinoSQL); err != nil {
			t.Errorf("%s: %v\n%s", a.ID, err, a.TrinoSQL)
		}
	}
	require.GreaterOrEqual(t, asked, 200)
	t.Logf("%d published questions", asked)
}
