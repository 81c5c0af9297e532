package exec_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/processors"
	"github.com/auditlake/auditlake/planner/metadata"
)

// watchedSource notes how many row groups of its tables are read at once.
type watchedSource struct {
	exec.Source
	reading, most atomic.Int64
}

type watchedScan struct {
	exec.TableScan
	source *watchedSource
}

type watchedGroup struct {
	exec.RowGroup
	source *watchedSource
}

func (s *watchedSource) Open(ctx context.Context, table *metadata.Table, request exec.ScanRequest) (exec.TableScan, error) {
	scan, err := s.Source.Open(ctx, table, request)
	return watchedScan{scan, s}, err
}

func (s watchedScan) Next(ctx context.Context) (exec.RowGroup, error) {
	g, err := s.TableScan.Next(ctx)
	if err != nil {
		return nil, err
	}
	return watchedGroup{g, s.source}, nil
}

func (g watchedGroup) Read(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	n := g.source.reading.Add(1)
	defer g.source.reading.Add(-1)
	for most := g.source.most.Load(); n > most && !g.source.most.CompareAndSwap(most, n); most = g.source.most.Load() {
	}
	return g.RowGroup.Read(ctx, paths, sel)
}

// TestStatementsShareProcessors runs many statements with many workers each: no more of them compute at once than there
// are processors, and what they answer and scan is what they answer alone.
func TestStatementsShareProcessors(t *testing.T) {
	statements := []string{
		"SELECT digit, count(*), min(text) FROM numbers GROUP BY digit",
		"SELECT text FROM numbers WHERE digit = 3 LIMIT 5",
		"SELECT text FROM numbers ORDER BY digit, id DESC",
		"SELECT a.text FROM numbers a JOIN numbers b ON a.id = b.digit ORDER BY b.id LIMIT 20",
		"SELECT id FROM numbers UNION ALL SELECT digit FROM numbers LIMIT 1100",
		"SELECT text, row_number() OVER (PARTITION BY digit ORDER BY id) FROM numbers",
		"SELECT * FROM numbers ORDER BY id DESC LIMIT 3",
	}
	for _, count := range []int{1, 2} {
		tables := numbers(t, 1000, 10)
		source := &watchedSource{Source: tables}
		pool := processors.NewPool(count, func() time.Time { return time.Time{} })
		run := func(sql string, of *processors.Query) string {
			out, err := (&runner{source: tables, optimize: true}).plan(sql)
			require.NoError(t, err)
			stats := exec.NewStats(false)
			o, _, err := exec.Build(t.Context(), out, &exec.Env{Function: function.SessionEnv(session), Source: source,
				Memory: exec.Accounted(nil), Workers: 7, Processors: of, Stats: stats})
			require.NoError(t, err)
			defer o.Close()
			text := ""
			for {
				b, err := o.Next(t.Context())
				require.NoError(t, err)
				if b == nil {
					return text + fmt.Sprint(stats.Total().BytesScanned)
				}
				for _, v := range b.Columns {
					text += fmt.Sprint(b.Sel, v)
				}
			}
		}
		alone := make([]string, len(statements))
		for i, sql := range statements {
			alone[i] = run(sql, nil)
		}
		source.most.Store(0)
		var all sync.WaitGroup
		for range 3 {
			for i, sql := range statements {
				all.Add(1)
				go func() {
					defer all.Done()
					require.Equal(t, alone[i], run(sql, pool.NewQuery()), sql)
				}()
			}
		}
		all.Wait()
		require.Positive(t, source.most.Load())
		require.LessOrEqual(t, source.most.Load(), int64(count))
	}
}
