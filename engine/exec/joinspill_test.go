package exec_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// spillingJoins are joins of the table grouped whose right sides spill with less memory.
var spillingJoins = []string{
	"SELECT g.id, h.id FROM grouped g JOIN grouped h ON g.many = h.many",
	"SELECT h.some, g.x FROM grouped g JOIN grouped h ON g.some = h.some AND g.id <= h.id",
	"SELECT g.id, h.id, i.some FROM grouped g JOIN grouped h ON g.many = h.many JOIN grouped i ON h.id = i.id AND i.n > 0",
	"SELECT g.id, h.id, i.some FROM grouped g JOIN grouped h ON g.id = h.id LEFT JOIN grouped i ON h.id = i.id - 1 WHERE g.id < 500",
	"SELECT g.d, h.d, g.few FROM grouped g JOIN grouped h ON g.d = h.d AND g.few = h.few WHERE h.id < 400",
	"SELECT upper(h.few), g.id + h.id FROM grouped g JOIN grouped h ON g.id = h.n WHERE g.b OR h.b",
	"SELECT g.few, count(*), count(DISTINCT h.some) FROM grouped g JOIN grouped h ON g.id = h.id GROUP BY g.few",
	"SELECT DISTINCT g.many, h.few FROM grouped g JOIN grouped h ON g.many = h.many",
	"SELECT h.id, e FROM grouped g JOIN grouped h ON g.many = h.many CROSS JOIN UNNEST(ARRAY[g.n, h.n]) AS u(e) WHERE e > 0",
	"SELECT count(*), sum(g.id * h.id) FROM grouped g CROSS JOIN grouped h",
	"SELECT count(*), count(h.n) FROM grouped g JOIN grouped h ON g.few = h.few",
	"SELECT g.id, h.id FROM grouped g JOIN grouped h ON g.few = h.few LIMIT 3000",
	"SELECT g.id, h.id FROM grouped g JOIN grouped h ON g.few = h.few OFFSET 30000 LIMIT 30",
	"SELECT count(*), max(g.id - h.id) FROM grouped g JOIN grouped h ON g.id < h.id AND g.x < h.x",
	"SELECT g.id, h.some FROM grouped g LEFT JOIN grouped h ON g.n = h.n AND h.id BETWEEN g.id AND g.id + 9 AND h.b",
	"SELECT g.id, h.id, h.x FROM grouped g LEFT JOIN grouped h ON g.few = h.few AND h.x BETWEEN g.x AND g.x + 1 AND g.id < 99",
	"SELECT g.id, h.id FROM grouped g LEFT JOIN grouped h ON g.few = h.few AND h.id * 7 % 1000 > g.id * 5 AND h.id * 7 % 1000 < g.id * 5 + 40",
	"SELECT g.id, h.id FROM grouped g LEFT JOIN grouped h ON g.many = h.many AND g.id + h.id > 1600 AND 100 / (h.id - 7) < g.n",
	"SELECT g.id, h.few, h.id FROM grouped g LEFT JOIN grouped h ON g.some = h.some AND g.b",
	"SELECT g.id, h.id FROM grouped g LEFT JOIN grouped h ON g.some = h.many",
	"SELECT g.id, h.id FROM grouped g RIGHT JOIN grouped h ON g.many = h.many AND g.b",
	"SELECT g.id, h.id FROM (SELECT * FROM grouped WHERE id % 3 = 0) g RIGHT JOIN grouped h ON g.id = h.id",
	"SELECT g.some, h.id FROM grouped g FULL JOIN grouped h ON g.many = h.many AND g.n = h.id",
	"SELECT g.id, h.id FROM (SELECT * FROM grouped WHERE n <> 1) g FULL JOIN (SELECT * FROM grouped WHERE n <> 2) h ON g.id = h.id AND g.few = h.few",
	"SELECT count(*), count(g.id), count(h.id) FROM grouped g FULL JOIN grouped h ON g.few = h.few AND g.id < h.id AND g.id < 40",
	"SELECT g.at, h.d FROM grouped g JOIN grouped h ON with_timezone(g.at, 'UTC') = with_timezone(h.at, 'UTC') WHERE h.id < 900",
	"SELECT g.id, h.id FROM grouped g JOIN grouped h ON row(g.id, g.few) = row(h.id, h.few) AND ARRAY[g.n] = ARRAY[h.n]",
	"SELECT id FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE h.id = g.id + 1 AND h.b)",
	"SELECT id FROM grouped g WHERE NOT EXISTS (SELECT 1 FROM grouped h WHERE h.d = g.d AND h.few = g.few AND h.n = 1)",
	"SELECT id, some FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE h.some = g.some AND h.id > g.id)",
	"SELECT id FROM grouped WHERE many IN (SELECT many FROM grouped WHERE n = 2)",
	"SELECT id, many NOT IN (SELECT many FROM grouped WHERE id < 900), x IN (SELECT x FROM grouped WHERE x IS NOT NULL) FROM grouped",
	"SELECT id, n IN (SELECT id FROM grouped), id NOT IN (SELECT id + 100 FROM grouped UNION ALL SELECT NULL) FROM grouped",
	"SELECT id FROM grouped WHERE row(few, n) IN (SELECT few, n FROM grouped WHERE id < 700)",
	"SELECT id FROM grouped g WHERE many NOT IN (SELECT some FROM grouped h WHERE h.some IS NOT NULL AND h.n = g.n)",
	"SELECT few, count(*) FROM grouped WHERE id NOT IN (SELECT id * 3 FROM grouped) GROUP BY few",
}

// TestSpilledJoins: answers and their order are the same whatever is spilled.
func TestSpilledJoins(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	rows, numbersOfWorkers, limits := 1500, []int{1, 2, 7}, []int64{1, 20_000, 200_000}
	if !exec.TriesAll() {
		rows = 1000
	}
	if testing.Short() {
		rows, numbersOfWorkers, limits = 500, numbersOfWorkers[1:2], limits[:2]
	}
	if process.UnderRace {
		rows /= 2 // of some statements a quarter of the pairs; the goroutines are the same
	}
	source := grouped(t, rows)
	for i, sql := range spillingJoins {
		source.GroupRows, source.Dictionaries = []int{100, 37, 250}[i%3], i%2 == 0
		want := answerText(t, source, sql, 1)
		for w, workers := range numbersOfWorkers {
			for j, spillsFrom := range limits {
				if exec.IsLeftOut(i, w, j) {
					continue
				}
				q := limitedQuery{workers: workers, memory: memory.SpillingPool(spillsFrom), inScans: (i/2+w)%2 == 0}
				got, spilled, err := q.run(t.Context(), t, source, sql)
				require.NoError(t, err, sql)
				require.Equal(t, want, got, "%s: %d workers, %d bytes", sql, workers, spillsFrom)
				if spillsFrom == 1 {
					require.Positive(t, spilled, sql)
				}
			}
		}
	}
}

// TestJoinsWithinMemory: right sides that are larger than the memory.
func TestJoinsWithinMemory(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	if process.UnderRace {
		t.Skip("memory is counted alike; TestSpilledJoins has the same goroutines")
	}
	source := grouped(t, 8000)
	source.GroupRows, source.Dictionaries = 250, true
	for _, sql := range []string{
		"SELECT g.id, h.id, h.many, h.x FROM grouped g JOIN grouped h ON g.id = h.id",
		"SELECT g.many, h.x FROM grouped g LEFT JOIN grouped h ON g.many = h.many AND g.b",
		"SELECT g.id, h.id, h.some FROM grouped g FULL JOIN grouped h ON g.many = h.many",
		"SELECT count(*), max(g.id - h.n), max(h.id), max(h.x), max(h.d), max(h.at), count(h.many), count(h.some) FROM grouped g JOIN grouped h ON g.b = h.b AND g.n = h.n AND g.few = h.few",
		"SELECT g.id, h.id, h.many, h.some, h.x FROM grouped g JOIN grouped h ON g.b = h.b OFFSET 70000 LIMIT 20",
		"SELECT g.id, h.id, h.many, h.some, h.x FROM grouped g LEFT JOIN grouped h ON g.id < 4 AND g.x < h.x OFFSET 5000 LIMIT 3000",
		"SELECT id FROM grouped g WHERE NOT EXISTS (SELECT 1 FROM grouped h WHERE h.id = g.id + 2 AND h.n < g.n)",
	} {
		requireSpillsWithin(t, source, sql, 600_000)
	}
	requireSpillsWithin(t, source, "SELECT id, many IN (SELECT rpad(many || some, 500, 'x') FROM grouped) FROM grouped", 1_500_000)
}

// requireSpillsWithin asks within memory that a statement spills for, and within a third more. Only the soak does both with
// the work in scans and outside of them.
func requireSpillsWithin(t *testing.T, source *conformance.Source, sql string, spillsWithin int64) {
	want := answerText(t, source, sql, 1)
	for i, limit := range []int64{spillsWithin, spillsWithin / 3 * 4} {
		for j, inScans := range []bool{true, false} {
			if (len(sql)+i+j)%2 > 0 && !exec.TriesAll() {
				continue
			}
			got, spilled, err := limitedQuery{workers: 2, memory: memory.NewPool(limit), inScans: inScans}.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %d bytes", sql, limit)
			require.Equal(t, want, got, sql)
			if limit == spillsWithin {
				require.Positive(t, spilled, sql)
			}
		}
	}
}

// TestSpilledJoinErrors fails where the condition cannot be computed, after the rows that come before.
func TestSpilledJoinErrors(t *testing.T) {
	source := grouped(t, 600)
	source.GroupRows = 50
	for _, c := range []struct {
		name, sql, want string
	}{
		{"first", "SELECT g.id FROM grouped g JOIN grouped h ON g.id = h.id AND 1 / (g.id + h.id) < 9 LIMIT 3", types.DivisionByZero},
		{"all", "SELECT count(*) FROM grouped g JOIN grouped h ON g.id = h.id AND 1 / (g.id - 350 + h.id - 350) < 9", types.DivisionByZero},
		{"not reached", "SELECT g.id FROM grouped g JOIN grouped h ON g.id = h.id AND 1 / (g.id - 350 + h.id - 350) < 9 LIMIT 350", ""},
		{"reached", "SELECT g.id FROM grouped g JOIN grouped h ON g.id = h.id AND 1 / (g.id - 350 + h.id - 350) < 9 LIMIT 351", types.DivisionByZero},
		{"left rows", "SELECT g.id FROM grouped g LEFT JOIN grouped h ON g.some = h.some AND h.id > 400 AND 1 / (g.id - 350 + h.id - 350) < 9 LIMIT 90", ""},
		{"mark", "SELECT count(*) FROM grouped g WHERE EXISTS (SELECT 1 FROM grouped h WHERE g.id = h.id AND 1 / (g.id - 350 + h.id - 350) < 9)", types.DivisionByZero},
		{"right side", "SELECT count(*) FROM grouped g JOIN (SELECT 1 / (id - 350) q FROM grouped) h ON g.id = h.q", types.DivisionByZero},
	} {
		for _, inScans := range []bool{true, false} {
			if testing.Short() && !inScans {
				continue // the scan's workers do more at the same time
			}
			_, _, err := limitedQuery{workers: 2, memory: memory.SpillingPool(1), inScans: inScans}.run(t.Context(), t, source, c.sql)
			if c.want == "" {
				require.NoError(t, err, c.name)
				continue
			}
			require.Equal(t, c.want, types.ErrorName(err), "%s: %v", c.name, err)
		}
	}
}

// TestJoinsThatEndEarlyLeaveNothing: cancelled, without room on disk, or with files that are not what was written.
func TestJoinsThatEndEarlyLeaveNothing(t *testing.T) {
	source := grouped(t, 3000)
	source.GroupRows, source.Dictionaries = 100, true
	for _, sql := range []string{
		spillingJoins[0],
		"SELECT g.id, h.id FROM grouped g JOIN grouped h ON g.b = h.b AND g.n = h.n",
		"SELECT g.id, h.id FROM grouped g FULL JOIN grouped h ON g.id = h.id AND g.some < h.some",
		"SELECT id, id IN (SELECT id * 2 FROM grouped) FROM grouped",
	} {
		for name, c := range map[string]struct {
			ends func(q *limitedQuery, disk *watchedDisk, cancel func())
			want func(err error)
		}{
			"cancelled while it writes": {
				func(_ *limitedQuery, disk *watchedDisk, cancel func()) { disk.created = cancel },
				func(err error) { require.ErrorIs(t, err, context.Canceled) },
			},
			"cancelled while it reads": {
				func(_ *limitedQuery, disk *watchedDisk, cancel func()) { disk.opened = cancel },
				func(err error) { require.ErrorIs(t, err, context.Canceled) },
			},
			"a limit of what is spilled": {
				func(q *limitedQuery, _ *watchedDisk, _ func()) { q.spillBytes = 5000 },
				func(err error) {
					require.Equal(t, types.ExceededSpillLimit, types.ErrorName(err))
					require.ErrorContains(t, err, memory.Exhausted)
				},
			},
			"a disk that is full": {
				func(_ *limitedQuery, disk *watchedDisk, _ func()) {
					full := vfs.NewInjector(disk.FS)
					full.Set(&vfs.Fault{Op: vfs.OpWrite, Times: 1, Err: syscall.ENOSPC})
					disk.FS = full
				},
				func(err error) { require.Equal(t, types.InsufficientResources, types.ErrorName(err)) },
			},
			"damaged files": {
				func(_ *limitedQuery, disk *watchedDisk, _ func()) { disk.isDamaged = true },
				func(err error) { require.ErrorContains(t, err, "damaged") },
			},
		} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				disk := &watchedDisk{FS: vfs.NewMemory()}
				q := limitedQuery{disk: disk, workers: 2, memory: memory.SpillingPool(20_000), inScans: true}
				c.ends(&q, disk, cancel)
				_, _, err := q.run(ctx, t, source, sql)
				require.Error(t, err, sql)
				c.want(err)
			})
		}
	}
}

// numbersTo is SQL of a table of the numbers k from 1 to millions of them.
func numbersTo(millions int) string {
	return fmt.Sprintf("(SELECT m * 1000000 + n * 1000 + o + 1 AS k FROM UNNEST(sequence(0, %d)) AS a (m) "+
		"CROSS JOIN UNNEST(sequence(0, 999)) AS b (n) CROSS JOIN UNNEST(sequence(0, 999)) AS c (o))", millions-1)
}

// TestLargeJoins joins a million rows with as many in 64 MiB, with AUDITLAKE_LARGE_JOINS five in 512: of as many keys, and of one.
func TestLargeJoins(t *testing.T) {
	if process.UnderRace {
		t.Skip("it takes minutes; other tests spill joins, too")
	}
	millions, limit := 1, int64(64<<20)
	if _, large := os.LookupEnv("AUDITLAKE_LARGE_JOINS"); large {
		millions, limit = 5, 512<<20
	}
	ask := func(t *testing.T, ctx context.Context, sql string) (text []string, spilled int64, err error) {
		return limitedQuery{disk: onDisk{vfs.OS, t.TempDir()}, workers: 2, memory: memory.NewPool(limit)}.run(ctx, t, &conformance.Source{}, sql)
	}
	rows := int64(millions) * 1_000_000
	many := fmt.Sprintf("%s a JOIN (SELECT k * 7 %% %d + 1 AS k, 'text ' || CAST(k AS varchar) AS t FROM %s) b ON a.k = b.k", numbersTo(millions), rows, numbersTo(millions))
	t.Run("many keys", func(t *testing.T) {
		text, spilled, err := ask(t, t.Context(), "SELECT count(*), sum(a.k), count(DISTINCT b.t) FROM "+many)
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("[%d %d %d]", rows, rows*(rows+1)/2, rows)}, text)
		require.Positive(t, spilled)
	})
	one := fmt.Sprintf("(SELECT k, k %% 1 AS one FROM %s) a JOIN (SELECT k, k %% 1 AS one, 'text ' || CAST(k AS varchar) AS t FROM %s) b ON a.one = b.one", numbersTo(millions), numbersTo(millions))
	t.Run("one key, a limit", func(t *testing.T) {
		text, spilled, err := ask(t, t.Context(), fmt.Sprintf("SELECT a.k, b.k, b.t FROM %s OFFSET %d LIMIT 2", one, rows-1))
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf(`[1 %d "text %d"]`, rows, rows), `[2 1 "text 1"]`}, text)
		require.Positive(t, spilled)
	})
	t.Run("one key, cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var ended time.Time
		time.AfterFunc(time.Duration(millions)*time.Second, func() {
			ended = time.Now()
			cancel()
		})
		_, _, err := ask(t, ctx, "SELECT count(*), max(b.t) FROM "+one)
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, time.Since(ended), 2*time.Second)
		t.Logf("ended after %v", time.Since(ended))
	})
}

// onDisk has all paths below a folder.
type onDisk struct {
	vfs.FS
	dir string
}

func (d onDisk) Create(path string) (vfs.File, error)   { return d.FS.Create(filepath.Join(d.dir, path)) }
func (d onDisk) Open(path string) (vfs.ReadFile, error) { return d.FS.Open(filepath.Join(d.dir, path)) }
func (d onDisk) Remove(path string) error               { return d.FS.Remove(filepath.Join(d.dir, path)) }
func (d onDisk) MkdirAll(path string) error             { return d.FS.MkdirAll(filepath.Join(d.dir, path)) }
func (d onDisk) FreeBytes(path string) (int64, error) {
	return d.FS.FreeBytes(filepath.Join(d.dir, path))
}

// TestJoinsReadAheadLeaveRoom: left rows that a join reads ahead leave what is above it the memory that it answers with when one worker does all.
func TestJoinsReadAheadLeaveRoom(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	source := grouped(t, 100_000)
	source.GroupRows = 8192
	const left = "(SELECT id, id % 7 k, rpad(CAST(id AS varchar), 400, 'x') s FROM grouped UNION ALL SELECT id, 3, rpad(few, 300, 'y') FROM grouped WHERE n = 1) a"
	numbersOfWorkers := []int{1, 3}
	if testing.Short() {
		numbersOfWorkers = numbersOfWorkers[1:]
	}
	for i, sql := range []string{
		"SELECT s, count(*) FROM " + left + " FULL JOIN (SELECT id y FROM grouped WHERE id < 5) b ON a.k = b.y GROUP BY s",
		"SELECT s, y FROM " + left + " FULL JOIN (SELECT id y FROM grouped WHERE id < 5) b ON a.k = b.y ORDER BY s",
		"SELECT s, count(*) FROM " + left + " WHERE EXISTS (SELECT 1 FROM grouped b WHERE b.id < 5 AND a.k = b.id AND a.id > b.n) GROUP BY s",
	} {
		if process.UnderRace && i == 0 {
			continue
		}
		for _, workers := range numbersOfWorkers {
			_, spilled, err := limitedQuery{memory: memory.NewPool(48 << 20), workers: workers, inScans: true}.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %d workers", sql, workers)
			require.Positive(t, spilled, "%s: %d workers", sql, workers)
		}
	}
}
