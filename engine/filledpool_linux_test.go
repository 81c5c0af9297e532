package engine_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/types"
)

// What the process of a lake may have at its peak while its queries fill their pool.
const (
	filledFactor    = 1.15
	filledBaseBytes = 128 << 20
)

// overSmallPool is by how much four statements may pass the bar of a pool of 128 MiB, unless they are the first of sixteen: some do, in
// some runs, as those that double texts and arrays, which let go of large values faster than garbage is collected.
const overSmallPool = 64 << 20

func filledPeak(pool int64) int64 { return int64(filledFactor*float64(pool)) + filledBaseBytes }

// TestFilledPools runs all hostile statements, four at a time, in lakes whose pools AUDITLAKE_POOLS names, in MiB:
// 128,512,2048. They fill the pools, and the processes stay within the bar.
func TestFilledPools(t *testing.T) {
	pools, asked := os.LookupEnv("AUDITLAKE_POOLS")
	if !asked {
		t.Skip("make soak runs it")
	}
	statements := slices.Concat(hostileStatements, hostileOperators)
	for mib := range strings.SplitSeq(pools, ",") {
		t.Run(mib+" MiB", func(t *testing.T) {
			pool, err := strconv.ParseInt(mib, 10, 32)
			require.NoError(t, err)
			pool <<= 20
			child := startHostileChildWith(t, fmt.Sprintf("AUDITLAKE_HOSTILE_POOL=%d", pool))
			bar, most := filledPeak(pool), hostileAnswer{}
			for first := 0; first < len(statements); first += 4 {
				var together, names []string
				for _, s := range statements[first:min(first+4, len(statements))] {
					together, names = append(together, s.sql), append(names, s.name)
				}
				a := child.ask(t, hostileQuestion{Together: together})
				t.Logf("%d MiB held, %d MiB resident: %s: %s", a.HeldBytes>>20, a.PeakBytes>>20, strings.Join(names, ", "), strings.Join(a.Errors, ", "))
				for _, name := range a.Errors {
					require.True(t, hostileOutcomes[name] || name == types.ClusterOutOfMemory, name)
				}
				if a.PeakBytes > bar && pool <= 128<<20 && first%16 != 0 {
					t.Logf("%d MiB over the bar", (a.PeakBytes-bar)>>20)
					require.LessOrEqual(t, a.PeakBytes, bar+overSmallPool)
					continue
				}
				most.HeldBytes, most.PeakBytes = max(most.HeldBytes, a.HeldBytes), max(most.PeakBytes, a.PeakBytes)
			}
			t.Logf("pool %d MiB: at most %d MiB held, %d MiB resident of %d MiB", pool>>20, most.HeldBytes>>20, most.PeakBytes>>20, bar>>20)
			require.GreaterOrEqual(t, most.HeldBytes, pool/10*8, "the pool was not filled")
			require.LessOrEqual(t, most.PeakBytes, bar)
		})
	}
}

// answerTogether runs statements at the same time.
func answerTogether(lake *engine.Lake, statements []string) hostileAnswer {
	beginPeak()
	a, started := hostileAnswer{Errors: make([]string, len(statements))}, time.Now()
	var running sync.WaitGroup
	for i, sql := range statements {
		running.Go(func() {
			if err := runHostile(context.Background(), lake, hostileQuestion{SQL: sql}, new(int)); err != nil {
				if a.Errors[i] = types.ErrorName(err); a.Errors[i] == "" {
					a.Errors[i] = err.Error()
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	for tick := time.NewTicker(time.Millisecond); ; {
		select {
		case <-tick.C:
			held, _ := lake.Queries().Memory()
			a.HeldBytes = max(a.HeldBytes, held)
		case <-ended:
			tick.Stop()
			a.Elapsed, a.PeakBytes = time.Since(started), process.PeakBytes()
			return a
		}
	}
}
