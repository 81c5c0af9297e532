package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/process"
)

// cancelledOperators are statements of operators that spillingSteps has not, or of other ways of them.
var cancelledOperators = []struct{ step, sql string }{
	{"Scan", "SELECT eventid, eventjson, requestparameters FROM main WHERE eventjson LIKE '%a%b%'"},
	{"Scan", "SELECT * FROM main"},
	{"Aggregate", "SELECT count(*), max(eventjson), approx_distinct(eventid), min_by(eventjson, eventid) FROM main"},
	{"Aggregate", "SELECT eventname, awsregion, count(*), array_agg(eventid) FROM main GROUP BY CUBE (eventname, awsregion)"},
	{"Aggregate", "SELECT DISTINCT eventname, eventid FROM main"},
	{"Join", "SELECT a.eventid, b.eventid FROM main a RIGHT JOIN main b ON a.eventname = b.eventname AND a.eventtime < b.eventtime"},
	{"Join", "SELECT count(*) FROM main a CROSS JOIN main b WHERE a.eventid < b.eventid AND a.eventname <> b.eventname"},
	{"Join", "SELECT eventid FROM main WHERE eventjson IN (SELECT eventjson FROM main WHERE NOT readonly)"},
	{"Join", "SELECT a.eventid, n FROM main a CROSS JOIN LATERAL (SELECT count(*) AS n FROM main b WHERE b.eventname = a.eventname)"},
	{"Union", "SELECT eventid, eventjson FROM main UNION ALL SELECT eventname, eventjson FROM main"},
	{"Unnest", "SELECT eventid, k, v FROM main CROSS JOIN UNNEST(requestparameters) AS u (k, v)"},
	{"Unnest", "SELECT x, count(*) FROM main CROSS JOIN UNNEST(regexp_split(eventjson, '[^a-z]+')) WITH ORDINALITY AS u (x, i) GROUP BY 1"},
	{"TopN", "SELECT * FROM main ORDER BY eventtime DESC LIMIT 700"},
	{"Window", "SELECT eventid, sum(length(eventjson)) OVER (PARTITION BY awsregion ORDER BY eventtime RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW), " +
		"lag(eventjson, 3) OVER (ORDER BY eventid) FROM main"},
	{"RecursiveUnion", "WITH RECURSIVE r (n, t) AS (SELECT 1, eventid FROM main UNION ALL SELECT n + 1, t FROM r WHERE n < 8) SELECT n, count(DISTINCT t) FROM r GROUP BY 1"},
}

// wayOut is how a statement is ended before its time.
type wayOut int

const (
	byContext wayOut = iota // of who asks
	byID                    // by somebody else
	byClosing               // its reader stops after some rows
	waysOut
)

// TestCancelledAtAnyMoment ends statements of all operators, which spill, at random moments: each ends, and leaves no goroutine, no memory
// and no file, and the next ones are answered. AUDITLAKE_CANCELS is how many times each is ended, AUDITLAKE_SEED chooses the moments;
// without it every third statement is ended once.
func TestCancelledAtAnyMoment(t *testing.T) {
	isBrief, each := process.UnderRace && testing.Short(), 3
	if isBrief {
		each = 5
	}
	if _, all := os.LookupEnv("AUDITLAKE_CANCELS"); all {
		each = 1
	}
	times, seed := numberOf(t, "AUDITLAKE_CANCELS", 1), numberOf(t, "AUDITLAKE_SEED", 1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	dir, defects := logsLakeFolder(t), &bytes.Buffer{}
	c := &cancelling{random: rand.New(rand.NewPCG(uint64(seed), 0)), spillFolder: filepath.Join(dir, "spill")}
	var err error
	c.lake, err = engine.Open(t.Context(), dir, engine.Options{
		Now: func() time.Time { return newYear }, SpillFromBytes: 1 << 20, CacheBytes: tinyCacheBytes,
		Log: slog.New(slog.NewTextHandler(defects, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	require.NoError(t, err)
	c.sideWant = answerOf(t, c.lake, sideQuestion)
	for i, s := range append(cancelledOperators, spillingSteps...) {
		if i%each > 0 {
			continue // the others have the same operators
		}
		t.Run(fmt.Sprintf("%02d %s", i, s.step), func(t *testing.T) {
			c.sql = s.sql
			started := time.Now()
			c.want = answerOf(t, c.lake, s.sql)
			c.took = time.Since(started)
			before := goleak.IgnoreCurrent()
			for range times {
				way := wayOut(c.random.IntN(int(waysOut)))
				c.end(t, way)
				c.requireNothingLeft(t, way, before)
			}
			if !isBrief {
				require.Equal(t, c.want, answerOf(t, c.lake, s.sql), s.sql)
			}
		})
	}
	require.NoError(t, c.lake.Close())
	require.Empty(t, defects.String())
}

func numberOf(t *testing.T, variable string, otherwise int) int {
	text, given := os.LookupEnv(variable)
	if !given {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// sideQuestion is asked after each that was ended.
const (
	sideQuestion = "SELECT eventname, count(*), max(length(eventjson)) FROM main GROUP BY 1 ORDER BY eventname"
	// endsWithin is far longer than anything here takes.
	endsWithin = 3 * time.Minute
)

// cancelling ends a statement again and again.
type cancelling struct {
	lake        *engine.Lake
	random      *rand.Rand
	spillFolder string
	sideWant    []string

	sql  string
	want []string
	took time.Duration // the whole statement
}

// end asks the statement, and ends it in some way.
func (c *cancelling) end(t *testing.T, way wayOut) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	after, most := time.Duration(c.random.Int64N(int64(c.took)+1)), len(c.want)
	if way == byClosing {
		most = c.random.IntN(most)
	}
	asked, err := c.lake.Queries().Submit(ctx, c.sql)
	require.NoError(t, err)
	var rows []string
	ended := make(chan error, 1)
	go func() {
		var err error
		rows, err = firstRows(asked, most)
		ended <- err
	}()
	switch way {
	case byContext:
		time.AfterFunc(after, cancel)
	case byID:
		time.AfterFunc(after, func() { _ = c.lake.Queries().Cancel(asked.ID()) }) // an error if it is over
	}
	select {
	case err := <-ended:
		about := fmt.Sprintf("%s, ended in way %d after %s", c.sql, way, after)
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, engine.ErrQueryCancelled):
		default:
			require.NoError(t, err, about)
			require.Equal(t, c.want[:most], rows, about)
		}
	case <-time.After(endsWithin):
		buffer := make([]byte, 1<<20)
		t.Fatalf("%s, ended in way %d after %s, goes on:\n%s", c.sql, way, after, buffer[:runtime.Stack(buffer, true)])
	}
}

// firstRows are so many of an answer's rows, or all.
func firstRows(asked *engine.Query, most int) (out []string, err error) {
	rows, err := asked.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out = []string{}
	for cells := range textRows(rows) {
		if len(out) == most {
			break
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out, rows.Err()
}

// requireNothingLeft looks at what a statement that has ended may leave, and asks another.
func (c *cancelling) requireNothingLeft(t *testing.T, way wayOut, before goleak.Option) {
	about := fmt.Sprintf("%s, ended in way %d", c.sql, way)
	figures, err := c.lake.Figures(t.Context())
	require.NoError(t, err)
	require.Zero(t, figures.QueryMemoryBytes, about)
	require.Empty(t, figures.Queries, about)
	files, err := os.ReadDir(c.spillFolder)
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	require.Empty(t, files, about)
	require.NoError(t, goleak.Find(before), about)
	require.Equal(t, c.sideWant, answerOf(t, c.lake, sideQuestion), about)
}
