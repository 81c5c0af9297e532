package exec_test

import (
	"context"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

// limitedQuery is a query that spills to a disk what it should not hold.
type limitedQuery struct {
	disk       vfs.FS // nil: one in memory
	memory     *memory.Pool
	spillBytes int64 // 0: as much as the disk has
	workers    int
	// inScans: workers of scans do what operators do where these are measured.
	inScans bool
}

// run asks a statement, after which nothing is held. It reports how much was spilled.
func (q limitedQuery) run(ctx context.Context, t *testing.T, source *conformance.Source, sql string) (text []string, spilled int64, err error) {
	t.Helper()
	if q.disk == nil {
		q.disk = vfs.NewMemory()
	}
	space, err := spill.Open(spill.Options{FS: q.disk, Dir: "spill", LimitBytes: q.spillBytes})
	require.NoError(t, err)
	spills := space.NewQuery()
	r := &conformance.Runner{Source: source, Env: func(env *exec.Env) {
		env.Workers, env.Numbers, env.Spill, env.Memory = q.workers, textNumbers, spills, exec.Accounted(q.memory)
		if q.inScans {
			env.Stats = exec.NewStats(false)
		}
	}}
	answer, err := r.Run(ctx, sql)
	require.Zero(t, q.memory.UsedBytes(), sql)
	require.Zero(t, space.UsedBytes(), sql)
	if err != nil {
		return nil, spills.SpilledBytes(), err
	}
	return rowTexts(answer), spills.SpilledBytes(), nil
}

// spilling are statements about the table grouped that spill with less memory.
var spilling = []string{
	"SELECT many, count(*), max(id) FROM grouped GROUP BY many",
	"SELECT at, d, sum(x), avg(x), min(some), arbitrary(some), max_by(many, id) FROM grouped GROUP BY at, d",
	"SELECT id, few, array_agg(some), count(DISTINCT n), sum(x) FILTER (WHERE b) FROM grouped GROUP BY id, few",
	"SELECT row(id, few), array[n, id], CAST(id AS decimal(25, 3)), count(*) FROM grouped GROUP BY 1, 2, 3",
	"SELECT map(array[id], array[some]), date_add('day', id, DATE '2026-01-01'), CAST(at AS timestamp(9)), with_timezone(at, 'Asia/Tokyo'), count(n) FROM grouped GROUP BY 1, 2, 3, 4",
	"SELECT few, many, grouping(few, many), count(*), count(DISTINCT n), sum(x) FROM grouped GROUP BY GROUPING SETS ((few, many), (), (many), (few))",
	"SELECT few, count(DISTINCT id), sum(DISTINCT id), array_agg(DISTINCT many), count(DISTINCT many) FROM grouped GROUP BY few",
	"SELECT count(DISTINCT id), sum(DISTINCT id), count(DISTINCT many) FILTER (WHERE b), array_agg(DISTINCT many) FILTER (WHERE b) FROM grouped",
	"SELECT few, count(DISTINCT id), count(DISTINCT many), sum(DISTINCT x) FROM grouped GROUP BY few",
	"SELECT count(DISTINCT id), sum(DISTINCT x), count(DISTINCT row(id, d)) FILTER (WHERE b), min(at) FROM grouped",
	"SELECT few, max_by(DISTINCT n, id), array_agg(DISTINCT many ORDER BY many) FILTER (WHERE n = 1), count(DISTINCT x) FROM grouped GROUP BY few",
	"SELECT many, max_by(id, n, 2), min(at, 3), max(id, 1) FROM grouped GROUP BY many",
	"SELECT DISTINCT many, d, id FROM grouped",
	"SELECT DISTINCT with_timezone(at, some_zone), x FROM (SELECT *, CASE WHEN b THEN 'UTC' ELSE 'Asia/Tokyo' END AS some_zone FROM grouped)",
	"SELECT DISTINCT array[id % 2500], null, 1 FROM grouped",
	"SELECT many, some FROM grouped UNION SELECT some, many FROM grouped",
	"SELECT many, count(*) FROM (SELECT DISTINCT many, n FROM grouped) GROUP BY many",
}

// TestSpilledGroups: answers and their order are the same whatever is spilled.
func TestSpilledGroups(t *testing.T) {
	t.Parallel() // its memory and its disk are its own
	source := grouped(t, 1500)
	numbersOfWorkers, limits := []int{1, 2, 7}, []int64{1, 50_000, 200_000}
	if testing.Short() {
		numbersOfWorkers, limits = numbersOfWorkers[1:2], limits[:1]
	}
	for i, sql := range slices.Concat(spilling, groupings) {
		source.GroupRows, source.Dictionaries = []int{100, 37, 250}[i%3], i%2 == 0
		want := answerText(t, source, sql, 1)
		for w, workers := range numbersOfWorkers {
			for j, spillsFrom := range limits {
				if exec.IsLeftOut(i, w, j) {
					continue
				}
				got, spilled, err := limitedQuery{workers: workers, memory: memory.SpillingPool(spillsFrom)}.run(t.Context(), t, source, sql)
				require.NoError(t, err, sql)
				require.Equal(t, want, got, "%s: %d workers, %d bytes", sql, workers, spillsFrom)
				if i < len(spilling) && spillsFrom == 1 {
					require.Positive(t, spilled, sql)
				}
			}
		}
	}
}

// TestGroupsWithinMemory: more groups than there is memory for.
func TestGroupsWithinMemory(t *testing.T) {
	source := grouped(t, 8000)
	source.GroupRows, source.Dictionaries = 250, true
	for _, sql := range []string{spilling[0], spilling[3], spilling[6], spilling[9]} {
		pool := memory.NewPool(600_000)
		got, spilled, err := limitedQuery{workers: 2, memory: pool}.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		require.Equal(t, answerText(t, source, sql, 1), got, sql)
		require.Positive(t, spilled, sql)
	}
}

// watchedDisk calls a function whenever a file is made, or opened for reading.
type watchedDisk struct {
	vfs.FS
	created, opened func()
	isDamaged       bool
}

func (d *watchedDisk) Create(path string) (vfs.File, error) {
	if d.created != nil {
		d.created()
	}
	return d.FS.Create(path)
}

func (d *watchedDisk) Open(path string) (vfs.ReadFile, error) {
	if d.opened != nil {
		d.opened()
	}
	file, err := d.FS.Open(path)
	if err != nil || !d.isDamaged {
		return file, err
	}
	return damagedFile{file}, nil
}

// damagedFile has a bit wrong in all that is read.
type damagedFile struct{ vfs.ReadFile }

func (f damagedFile) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.ReadFile.ReadAt(b, at)
	if n > 0 {
		b[n/2] ^= 4
	}
	return n, err
}

// TestGroupsThatEndEarlyLeaveNothing: cancelled, without room on disk, or with files that are not what was written.
func TestGroupsThatEndEarlyLeaveNothing(t *testing.T) {
	source := grouped(t, 3000)
	source.GroupRows, source.Dictionaries = 100, true
	for _, sql := range []string{spilling[0], spilling[5], spilling[6], spilling[10]} {
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
				func(err error) { require.Equal(t, types.ExceededSpillLimit, types.ErrorName(err)) },
			},
			"a disk that is full": {
				func(q *limitedQuery, disk *watchedDisk, _ func()) {
					full := vfs.NewInjector(disk.FS)
					full.Set(&vfs.Fault{Op: vfs.OpWrite, Times: 1, Err: syscall.ENOSPC})
					disk.FS = full
				},
				func(err error) { require.Equal(t, types.InsufficientResources, types.ErrorName(err)) },
			},
			"damaged files": {
				func(_ *limitedQuery, disk *watchedDisk, _ func()) { disk.isDamaged = true },
				func(err error) {
					require.Equal(t, types.GenericInternalError, types.ErrorName(err))
					require.ErrorContains(t, err, "damaged")
				},
			},
		} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				disk := &watchedDisk{FS: vfs.NewMemory()}
				q := limitedQuery{disk: disk, workers: 2, memory: memory.SpillingPool(50_000)}
				c.ends(&q, disk, cancel)
				_, _, err := q.run(ctx, t, source, sql)
				require.Error(t, err, sql)
				c.want(err)
			})
		}
	}
}
