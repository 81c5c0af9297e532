package exec_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// timed is a row of a table of events.
type timed struct{ time, digit, id int64 } // id is the row's number; a digit below 0 stands for NULL

// timeline makes rows whose times rise on the whole: each lies up to disorder before where it would be.
func timeline(random *rand.Rand, rows int, step float64, disorder int64) []timed {
	out := make([]timed, rows)
	for i := range out {
		out[i] = timed{int64(float64(i)*step) - random.Int64N(disorder+1), random.Int64N(11) - 1, int64(i)}
	}
	return out
}

// eventSource makes the table events of rows.
func eventSource(rows []timed, groupRows int) *conformance.Source {
	times, digits, ids := make([]arrow.Timestamp, len(rows)), make([]int64, len(rows)), make([]int64, len(rows))
	valid := arrowdata.FullValidity(len(rows))
	for i, r := range rows {
		times[i], digits[i], ids[i] = arrow.Timestamp(r.time), r.digit, r.id
		if r.digit < 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	table := &conformance.Table{Rows: len(rows), Meta: &metadata.Table{Name: "events", Store: true, Rows: int64(len(rows)), Columns: []metadata.Column{
		{Name: "eventtime", Type: types.TimestampOf(3)}, {Name: "digit", Type: types.BigIntType}, {Name: "id", Type: types.BigIntType}}},
		Columns: []arrow.Array{batch.FromValues(&arrow.TimestampType{Unit: arrow.Millisecond}, times, nil),
			batch.FromValues(arrow.PrimitiveTypes.Int64, digits, valid), batch.FromValues(arrow.PrimitiveTypes.Int64, ids, nil)}}
	return &conformance.Source{Tables: map[string]*conformance.Table{"events": table}, GroupRows: groupRows}
}

// TestOrderedScan compares the first rows by time with those of a stable sort of the whole table, whatever the
// number of workers, and wants the same bytes for each.
func TestOrderedScan(t *testing.T) {
	digitAfter := func(a, b timed) int { // NULLS LAST
		switch {
		case a.digit == b.digit:
			return 0
		case a.digit < 0:
			return 1
		case b.digit < 0:
			return -1
		}
		return cmp.Compare(a.digit, b.digit)
	}
	newest := func(a, b timed) int { return cmp.Compare(b.time, a.time) }
	oldest := func(a, b timed) int { return cmp.Compare(a.time, b.time) }
	second := func(r timed) timed { return timed{time: types.FloorDiv(r.time, 1000)} }
	newestSecond := func(a, b timed) int { return newest(second(a), second(b)) }
	oldestSecond := func(a, b timed) int { return oldest(second(a), second(b)) }
	all := func(timed) bool { return true }
	seeds := uint64(24)
	if testing.Short() {
		seeds = 6
	}
	for _, c := range []struct {
		name, sql     string
		keep          func(timed) bool
		order         func(a, b timed) int
		offset, count int
	}{
		{"newest", "SELECT id FROM events ORDER BY eventtime DESC LIMIT 7", all, newest, 0, 7},
		{"newest with all columns", "SELECT id, digit, eventtime FROM events ORDER BY eventtime DESC LIMIT 30", all, newest, 0, 30},
		{"oldest", "SELECT id FROM events ORDER BY eventtime LIMIT 7", all, oldest, 0, 7},
		{"NULLS FIRST changes nothing", "SELECT id FROM events ORDER BY eventtime NULLS FIRST LIMIT 7", all, oldest, 0, 7},
		{"one", "SELECT id FROM events ORDER BY eventtime DESC LIMIT 1", all, newest, 0, 1},
		{"after an offset", "SELECT id FROM events ORDER BY eventtime DESC OFFSET 20 LIMIT 5", all, newest, 20, 5},
		{"with a filter", "SELECT id FROM events WHERE digit = 3 ORDER BY eventtime DESC LIMIT 6", func(r timed) bool { return r.digit == 3 }, newest, 0, 6},
		{"with a filter on NULL", "SELECT id FROM events WHERE digit IS NULL ORDER BY eventtime LIMIT 6", func(r timed) bool { return r.digit < 0 }, oldest, 0, 6},
		{"with one that nothing passes", "SELECT id FROM events WHERE digit > 11 ORDER BY eventtime DESC LIMIT 6", func(timed) bool { return false }, newest, 0, 6},
		{"by more keys", "SELECT id FROM events ORDER BY eventtime DESC, digit LIMIT 9", all, func(a, b timed) int { return cmp.Or(newest(a, b), digitAfter(a, b)) }, 0, 9},
		{"more than there are", "SELECT id FROM events ORDER BY eventtime DESC LIMIT 5000", all, newest, 0, 5000},
		{"with ties", "SELECT id FROM events ORDER BY eventtime FETCH FIRST ROW WITH TIES", nil, oldest, 0, 0},
		{"by seconds", "SELECT id FROM events ORDER BY date_trunc('second', eventtime) DESC LIMIT 7", all, newestSecond, 0, 7},
		{"by seconds, with a filter", "SELECT id, digit FROM events WHERE digit = 3 ORDER BY date_trunc('second', eventtime), digit LIMIT 6",
			func(r timed) bool { return r.digit == 3 }, oldestSecond, 0, 6},
		{"by seconds and more keys, after an offset", "SELECT id FROM events ORDER BY date_trunc('second', eventtime) DESC, digit OFFSET 5 LIMIT 9", all,
			func(a, b timed) int { return cmp.Or(newestSecond(a, b), digitAfter(a, b)) }, 5, 9},
		{"by seconds up to the end of a time", "SELECT id FROM events ORDER BY date_diff('second', date_trunc('second', eventtime), timestamp '1970-01-02 00:00:00') LIMIT 7", all,
			newestSecond, 0, 7},
		{"by a time that fails before the first", "SELECT id FROM events ORDER BY date_add('day', 1, eventtime) LIMIT 7", all, oldest, 0, 7},
		{"by the negative of a time", "SELECT id FROM events ORDER BY date_diff('millisecond', eventtime, timestamp '1970-01-02 00:00:00') DESC LIMIT 7", all, oldest, 0, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range seeds {
				random := rand.New(rand.NewPCG(1, seed))
				steps, disorders := []float64{0, 0.2, 1, 10}, []int64{0, 3, 500}
				rows := timeline(random, []int{0, 1, 40, 400}[random.IntN(4)], steps[random.IntN(4)], disorders[random.IntN(3)])
				groupRows := []int{1, 7, 64}[random.IntN(3)]
				want := wantedRows(rows, c.keep, c.order, c.offset, c.count)
				bytes := int64(-1)
				for _, workers := range []int{1, 2, 7} {
					got, stats := firstRows(t, eventSource(rows, groupRows), c.sql, workers)
					require.Equal(t, want, got, "seed %d, %d workers", seed, workers)
					if bytes < 0 {
						bytes = stats.Total().BytesScanned
					}
					require.Equal(t, bytes, stats.Total().BytesScanned, "seed %d, %d workers", seed, workers)
				}
			}
		})
	}
}

// wantedRows lists the ids of the rows in question; without keep those that tie with the first one.
func wantedRows(rows []timed, keep func(timed) bool, order func(a, b timed) int, offset, count int) []int64 {
	kept := slices.DeleteFunc(slices.Clone(rows), func(r timed) bool { return keep != nil && !keep(r) })
	slices.SortStableFunc(kept, order)
	if keep == nil {
		count, _ = slices.BinarySearchFunc(kept, true, func(r timed, _ bool) int {
			if order(r, kept[0]) == 0 {
				return -1
			}
			return 1
		})
	}
	ids := []int64{}
	for _, r := range kept[min(offset, len(kept)):min(offset+count, len(kept))] {
		ids = append(ids, r.id)
	}
	return ids
}

// firstRows runs a statement and returns its first column.
func firstRows(t *testing.T, source exec.Source, sql string, workers int) ([]int64, *exec.Stats) {
	t.Helper()
	memory, _ := source.(*conformance.Source)
	if failing, ok := source.(failingSource); ok {
		memory = failing.Source
	}
	out, err := (&runner{source: memory, optimize: true}).plan(sql)
	require.NoError(t, err)
	stats := exec.NewStats(false)
	o, _, err := exec.Build(t.Context(), out, &exec.Env{Function: function.SessionEnv(session), Source: source,
		Memory: exec.Accounted(nil), Workers: workers, Stats: stats})
	require.NoError(t, err)
	defer o.Close()
	ids := []int64{}
	for {
		b, err := o.Next(t.Context())
		require.NoError(t, err)
		if b == nil {
			return ids, stats
		}
		for row := range b.Live() {
			if b.Sel != nil {
				row = int(b.Sel[row])
			}
			ids = append(ids, b.Columns[0].Array.(*array.Int64).Value(b.Columns[0].At(row)))
		}
	}
}

// TestOrderedScanStops counts the rows of the row groups, of ten rows each, that have to be read.
func TestOrderedScanStops(t *testing.T) {
	rows := make([]timed, 1000)
	for i := range rows {
		rows[i] = timed{int64(i / 2), int64(i % 10), int64(i)}
	}
	for _, c := range []struct {
		name, sql string
		scanned   int64
	}{
		{"one row group has them", "SELECT * FROM events ORDER BY eventtime DESC LIMIT 3", 10},
		{"from the other end", "SELECT * FROM events ORDER BY eventtime LIMIT 3", 10},
		{"several are needed", "SELECT * FROM events ORDER BY eventtime DESC LIMIT 25", 30},
		{"few rows pass the filter", "SELECT * FROM events WHERE digit = 4 ORDER BY eventtime DESC LIMIT 5", 50},
		{"too few rows pass", "SELECT * FROM events WHERE digit = 4 ORDER BY eventtime DESC LIMIT 101", 1000},
		{"two of them share nothing", `SELECT id FROM (SELECT id FROM events WHERE id >= 0 ORDER BY eventtime DESC LIMIT 3)
			UNION ALL SELECT id FROM (SELECT id FROM events WHERE id >= 0 ORDER BY eventtime DESC LIMIT 5)`, 20},
		{"by the next day", "SELECT id FROM events ORDER BY date_add('day', 1, eventtime) DESC LIMIT 3", 10},
		{"by hundredths of a second", "SELECT id FROM events ORDER BY CAST(eventtime AS timestamp(2)) DESC, id LIMIT 3", 10},
		{"by a sum, which may be too large", "SELECT id FROM events ORDER BY eventtime + INTERVAL '1' DAY DESC LIMIT 3", 1000},
		{"by days", "SELECT id FROM events ORDER BY CAST(eventtime AS date) DESC, id LIMIT 3", 1000},
		{"by hours of the day", "SELECT id FROM events ORDER BY hour(eventtime) DESC, id LIMIT 3", 1000},
		{"by their text", "SELECT id FROM events ORDER BY CAST(eventtime AS varchar) DESC LIMIT 3", 1000},
		{"none is wanted", "SELECT * FROM events ORDER BY eventtime DESC LIMIT 0", 0},
		{"the order is another", "SELECT * FROM events ORDER BY id DESC LIMIT 3", 1000},
		{"with ties", "SELECT * FROM events ORDER BY eventtime DESC FETCH FIRST 3 ROWS WITH TIES", 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, workers := range []int{1, 2, 7} {
				stats, _, err := (&runner{source: eventSource(rows, 10), optimize: true}).stats(t, c.sql, workers, 0)
				require.NoError(t, err)
				require.Equal(t, c.scanned, stats.Total().BytesScanned, "%d workers", workers)
			}
		})
	}
}

var errDamaged = errors.New("damaged")

// failingSource gives row groups that cannot be read below a position.
type failingSource struct {
	*conformance.Source
	below int64
}

func (s failingSource) Open(ctx context.Context, t *metadata.Table, r exec.ScanRequest) (exec.TableScan, error) {
	scan, err := s.Source.Open(ctx, t, r)
	return failingScan{scan, s.below}, err
}

type failingScan struct {
	exec.TableScan
	below int64
}

func (s failingScan) Next(ctx context.Context) (exec.RowGroup, error) {
	g, err := s.TableScan.Next(ctx)
	if err == nil && g.Position() < s.below {
		return failingGroup{g}, nil
	}
	return g, err
}

type failingGroup struct{ exec.RowGroup }

func (failingGroup) Live(context.Context) ([]int32, error) { return nil, errDamaged }

// TestOrderedScanIsNotInterestedInTheRest: workers that run ahead may meet what cannot be read, where
// the scan does not come to.
func TestOrderedScanIsNotInterestedInTheRest(t *testing.T) {
	rows := make([]timed, 1000)
	for i := range rows {
		rows[i] = timed{int64(i), 0, int64(i)}
	}
	for _, workers := range []int{1, 2, 7} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			source := failingSource{eventSource(rows, 10), 980}
			got, _ := firstRows(t, source, "SELECT id FROM events ORDER BY eventtime DESC LIMIT 20", workers)
			require.Len(t, got, 20)
		})
	}
}
