package exec_test

import (
	"context"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
)

// searchedSource is a source whose scans, after a few row groups, search until released is closed, or nobody wants what they search for.
type searchedSource struct {
	exec.Source
	found    int // row groups before the search
	released chan struct{}
}

func (s *searchedSource) Open(ctx context.Context, t *metadata.Table, r exec.ScanRequest) (exec.TableScan, error) {
	scan, err := s.Source.Open(ctx, t, r)
	return &searchedScan{TableScan: scan, of: s}, err
}

type searchedScan struct {
	exec.TableScan
	of    *searchedSource
	given int
}

func (s *searchedScan) Next(ctx context.Context) (exec.RowGroup, error) {
	for s.given >= s.of.found {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		select {
		case <-s.of.released:
			s.given = -1 << 30
		case <-time.After(100 * time.Microsecond):
		}
	}
	g, err := s.TableScan.Next(ctx)
	s.given++
	return lateGroup{g}, err
}

// lateGroup takes some time to read, in which others go on to search.
type lateGroup struct{ exec.RowGroup }

func (g lateGroup) Read(ctx context.Context, paths []string, sel []int32) ([]arrow.Array, error) {
	time.Sleep(time.Millisecond)
	return g.RowGroup.Read(ctx, paths, sel)
}

// TestRowsComeBeforeASearchEnds: rows that are read are given out while the search for more goes on, whoever searches, and all come in the end.
func TestRowsComeBeforeASearchEnds(t *testing.T) {
	const groups, found = 20, 7
	for _, workers := range []int{1, 2, 7} {
		for range 10 {
			plain := numbers(t, 10*groups, 10)
			source := &searchedSource{Source: plain, found: found, released: make(chan struct{})}
			out, err := (&runner{source: plain, optimize: true}).plan("SELECT id FROM numbers")
			require.NoError(t, err)
			o, _, err := exec.Build(t.Context(), out, &exec.Env{Function: function.SessionEnv(session), Source: source, Memory: exec.Accounted(nil),
				Workers: workers, Stats: exec.NewStats(false)})
			require.NoError(t, err)
			giveUp := time.AfterFunc(time.Minute, func() { close(source.released) })
			rows := 0
			next := func() bool {
				b, err := o.Next(t.Context())
				require.NoError(t, err)
				if b != nil {
					rows += b.Live()
				}
				return b != nil
			}
			for rows < 10*found {
				require.True(t, next())
			}
			require.True(t, giveUp.Stop(), "%d workers: rows came when the search was over", workers)
			close(source.released)
			for next() {
			}
			require.Equal(t, 10*groups, rows)
			o.Close()
		}
	}
}
