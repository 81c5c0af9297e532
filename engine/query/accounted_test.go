package query_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

// AUDITLAKE_SHAPES asks for all shapes, those whose names match it, on twice as many rows.
var shapesAsked, asksForShapes = os.LookupEnv("AUDITLAKE_SHAPES")

const manyEvents = "main CROSS JOIN UNNEST(sequence(1, 15)) AS u (n)"

// numbers are as many numbers k, with a text t for each.
var numbers = fmt.Sprintf("(SELECT k, 'caller-' || CAST(k AS varchar) AS t FROM (SELECT n + 10000 * m AS k "+
	"FROM UNNEST(sequence(1, 10000)) AS a (n) CROSS JOIN UNNEST(sequence(1, %d)) AS b (m)))", tenThousands())

func tenThousands() int {
	if asksForShapes {
		return 100
	}
	return 50
}

// heldShapes are questions whose operators hold tens of megabytes, each in another way.
var heldShapes = []struct{ name, sql string }{
	{"sort of numbers", "SELECT k FROM " + numbers + " ORDER BY k % 7, k"},
	{"sort of texts", "SELECT k, t FROM " + numbers + " ORDER BY reverse(t)"},
	{"sort of events", "SELECT * FROM " + manyEvents + " ORDER BY eventid, n"},
	{"first rows", "SELECT k, t FROM " + numbers + " ORDER BY reverse(t) LIMIT 200000"},
	{"groups by number", "SELECT k, count(*), sum(k) FROM " + numbers + " GROUP BY 1"},
	{"groups by text", "SELECT t, min(k) FROM " + numbers + " GROUP BY 1"},
	{"groups by row", "SELECT row(k, t) r, count(*) FROM " + numbers + " GROUP BY 1"},
	{"texts by group", "SELECT k, min(t), max_by(t, k) FROM " + numbers + " GROUP BY 1"},
	{"long texts by group", "SELECT k, max(rpad(t, 200, 'x')) FROM " + numbers + " GROUP BY 1"},
	{"decimals by group", "SELECT k, sum(CAST(k AS decimal(38, 10))), avg(k * 1e0), stddev(k) FROM " + numbers + " GROUP BY 1"},
	{"percentiles", "SELECT k % 50000, approx_percentile(k, 0.5) FROM " + numbers + " GROUP BY 1"},
	{"sketches", "SELECT k % 50000, approx_distinct(t) FROM " + numbers + " GROUP BY 1"},
	{"distinct rows", "SELECT DISTINCT k, t FROM " + numbers},
	{"distinct arguments", "SELECT k % 1000, count(DISTINCT t) FROM " + numbers + " GROUP BY 1"},
	{"union", "SELECT t FROM " + numbers + " UNION SELECT t || 'x' FROM " + numbers},
	{"except", "SELECT k, t FROM " + numbers + " EXCEPT SELECT k + 200000, t FROM " + numbers},
	{"join by number", "SELECT a.k, b.t FROM " + numbers + " a JOIN " + numbers + " b ON a.k = b.k"},
	{"join by text", "SELECT a.k, b.k FROM " + numbers + " a FULL JOIN " + numbers + " b ON a.t = b.t || 'x'"},
	{"join of events", "SELECT a.eventid, b.* FROM main a JOIN (SELECT * FROM " + manyEvents + ") b ON a.eventid = b.eventid"},
	{"semi join", "SELECT k FROM " + numbers + " WHERE t IN (SELECT t FROM " + numbers + ")"},
	{"numbered rows", "SELECT k, row_number() OVER (ORDER BY t) FROM " + numbers},
	{"parts of a window", "SELECT t, sum(k) OVER (PARTITION BY k % 5 ORDER BY k) FROM " + numbers},
	{"lag of events", "SELECT lag(eventjson) OVER (ORDER BY eventid, n) FROM " + manyEvents},
	{"array", "SELECT cardinality(array_agg(k)) FROM " + numbers},
	{"array of texts", "SELECT cardinality(array_agg(t)) FROM " + numbers},
	{"arrays by group", "SELECT k % 20000, array_agg(t) FROM " + numbers + " GROUP BY 1"},
	{"ordered array", "SELECT cardinality(array_agg(t ORDER BY reverse(t))) FROM " + numbers},
	{"list", "SELECT k % 100, length(listagg(t, ',') WITHIN GROUP (ORDER BY k)) FROM " + numbers + " GROUP BY k % 100"},
	{"map", "SELECT cardinality(map_agg(k, t)) FROM " + numbers},
	{"maps by group", "SELECT k % 20000, map_agg(t, k) FROM " + numbers + " GROUP BY 1"},
	{"multimap", "SELECT cardinality(multimap_agg(k % 100, t)) FROM " + numbers},
	{"histogram", "SELECT cardinality(histogram(t)) FROM " + numbers},
	{"union of maps", "SELECT cardinality(map_union(MAP(ARRAY[k], ARRAY[t]))) FROM " + numbers},
	{"sort of maps", "SELECT requestparameters, n FROM " + manyEvents + " ORDER BY eventid, n"},
	{"groups by JSON", "SELECT json_format(json_parse(eventjson)), n, count(*) FROM " + manyEvents + " GROUP BY 1, 2"},
	{"sort of JSON", "SELECT CAST(json_parse(eventjson) AS map(varchar, json)) FROM " + manyEvents + " ORDER BY eventid, n"},
	{"array of JSON", "SELECT cardinality(array_agg(json_extract(eventjson, '$.userIdentity'))) FROM " + manyEvents},
	{"pattern", "SELECT * FROM " + numbers + " MATCH_RECOGNIZE (ORDER BY k MEASURES count(*) AS c ONE ROW PER MATCH PATTERN (a b*) DEFINE b AS b.k % 100 <> 0)"},
}

// Of what the heap has more with a query than without it, this share is accounted for, besides what any query takes for the row
// groups at hand and the like.
const (
	accountedShare   = 0.9
	unaccountedBytes = 8 << 20
)

// TestWhatQueriesHoldIsAccounted looks at the heap while queries ask for more memory, and after each batch that they give out: what is
// live of it is in their accounts.
func TestWhatQueriesHoldIsAccounted(t *testing.T) {
	if process.UnderRace {
		t.Skip("the race detector's own memory would count; the unit stage runs it")
	}
	f := newFixture(t)
	wanted := regexp.MustCompile(shapesAsked)
	for i, s := range heldShapes {
		if !wanted.MatchString(s.name) || !asksForShapes && i%3 != 0 || testing.Short() && i%9 != 0 {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			w := &heapWatch{t: t, f: f, baseBytes: min(liveBytes(), liveBytes())}
			f.OnReservation(w.reserved)
			rows, err := f.Query(context.Background(), s.sql)
			require.NoError(t, err)
			defer rows.Close()
			for rows.Next() {
				w.look(0)
			}
			require.NoError(t, rows.Err())
			t.Logf("%d looks, at most %d MiB accounted, at least %.2f of the heap", w.looks, w.mostBytes>>20, w.leastShare)
			require.Positive(t, w.looks, "the question is too small")
		})
	}
}

// heapWatch compares the heap with what queries account for, whenever that is a fourth more than when it looked last.
type heapWatch struct {
	t         *testing.T
	f         *fixture
	baseBytes int64

	mu         sync.Mutex
	looks      int
	mostBytes  int64 // accounted when it looked
	leastShare float64
}

// reserved is called before bytes are allocated, so that a large part of the whole would hide what is missing.
func (w *heapWatch) reserved(bytes int64) { w.look(bytes) }

func (w *heapWatch) look(newBytes int64) {
	if !w.mu.TryLock() {
		return // another goroutine of the query looks
	}
	defer w.mu.Unlock()
	used, _ := w.f.Memory()
	if used < 4<<20 || used < w.mostBytes+w.mostBytes/4 || newBytes > used/16 {
		return
	}
	w.looks, w.mostBytes = w.looks+1, used
	var live int64
	for try := range 10 { // other goroutines of the query may be at work at first, and make what is no more live at the next look
		time.Sleep(time.Duration(try) * 5 * time.Millisecond) // on a loaded machine they need a while for that
		live = liveBytes() - w.baseBytes - unaccountedBytes
		if used, _ = w.f.Memory(); float64(used) >= accountedShare*float64(live) {
			break
		}
	}
	if share := float64(used) / float64(max(live, 1)); w.looks == 1 || share < w.leastShare {
		w.leastShare = share
	}
	if float64(used) < accountedShare*float64(live) {
		w.t.Errorf("%.1f MiB are accounted for, %.1f MiB more are live than before", float64(used)/(1<<20), float64(live)/(1<<20))
		w.writeProfile()
	}
}

// writeProfile leaves a heap profile in the file that AUDITLAKE_HEAP_PROFILE names.
func (w *heapWatch) writeProfile() {
	path := os.Getenv("AUDITLAKE_HEAP_PROFILE")
	if path == "" {
		return
	}
	file, err := os.Create(path)
	if err == nil {
		err = pprof.Lookup("heap").WriteTo(file, 0)
		file.Close()
	}
	if err != nil {
		w.t.Error(err)
	}
}

// liveBytes collects garbage and returns what is left.
func liveBytes() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
