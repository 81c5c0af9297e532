package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/internal/process"
)

// killRounds is how often the tests of killed processes do so: AUDITLAKE_KILL_ROUNDS.
func killRounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("AUDITLAKE_KILL_ROUNDS")
	if text == "" {
		return 2
	}
	rounds, err := strconv.Atoi(text)
	require.NoError(t, err, "AUDITLAKE_KILL_ROUNDS")
	return rounds
}

// TestKilledImport kills an import at random points until one gets through:
// every time the lake opens and answers, and in the end it holds every event
// once. AUDITLAKE_KILL_ROUNDS sets how many lakes are treated so.
func TestKilledImport(t *testing.T) {
	rounds := killRounds(t)
	program := buildProgram(t)
	logs := t.TempDir()
	const events = 12000
	_, err := gen.Write(logs, gen.Options{Seed: 3, Events: int64(events), Days: 10, End: time.Now().UTC().Add(-24 * time.Hour)})
	require.NoError(t, err)
	whole := importUntil(t, program, filepath.Join(t.TempDir(), "lake"), logs, time.Minute)
	require.True(t, whole.done)

	seed := time.Now().UnixNano()
	t.Logf("seed %d, an undisturbed import takes %s", seed, whole.took)
	random := rand.New(rand.NewSource(seed))
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			lake := filepath.Join(t.TempDir(), "lake")
			kills, last := 0, int64(0)
			for {
				wait := time.Duration(random.Int63n(int64(whole.took)))
				if kills >= 8 {
					wait = time.Minute
				}
				r := importUntil(t, program, lake, logs, wait)
				count := countEvents(t, program, lake)
				require.GreaterOrEqual(t, count, last, "committed events do not go away")
				require.LessOrEqual(t, count, int64(events), "no event comes twice")
				last = count
				if r.done {
					break
				}
				kills++
			}
			require.EqualValues(t, events, last, "after %d kills", kills)
			require.True(t, importUntil(t, program, lake, logs, time.Minute).done)
			require.EqualValues(t, events, countEvents(t, program, lake), "importing again adds nothing")
		})
	}
}

// built is the folder of the program, made by the first test that needs it.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	process.TempInMemory()
	for _, name := range []string{"AUDITLAKE_STATS", "AUDITLAKE_FORMAT", "AUDITLAKE_PAGER", "AUDITLAKE_TIME_ZONE"} {
		os.Unsetenv(name) // the settings of whoever runs the tests
	}
	os.Setenv("XDG_CONFIG_HOME", filepath.Join(os.TempDir(), "auditlake-no-config"))
	code := m.Run()
	for _, dir := range []string{built.dir, imported.dir} {
		if dir != "" {
			os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

func buildProgram(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "auditlake-test-"); built.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", filepath.Join(built.dir, "auditlake"), ".").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	require.NoError(t, built.err)
	return filepath.Join(built.dir, "auditlake")
}

type attempt struct {
	done bool
	took time.Duration
}

// importUntil runs an import and kills it when it takes longer than wait.
func importUntil(t *testing.T, program, lake, logs string, wait time.Duration) attempt {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--lake", lake, "import", logs)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run() // the end of ctx sends SIGKILL
	if err == nil {
		return attempt{done: true, took: time.Since(start)}
	}
	require.Error(t, ctx.Err(), "the import failed by itself: %s", stderr.String())
	return attempt{took: time.Since(start)}
}

// countEvents asks the lake; one that was killed before it had a store holds none.
func countEvents(t *testing.T, program, lake string) int64 {
	cmd := exec.Command(program, "--lake", lake, "query", "--format", "trino", "SELECT count(*), count(DISTINCT eventid), count(eventjson) FROM main")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var answer struct {
		Data  [][]int64
		Error *struct{ ErrorName string }
	}
	if len(out) == 0 {
		require.Error(t, err)
		_, statErr := os.Stat(filepath.Join(lake, "catalog"))
		require.Error(t, statErr, "the lake exists but does not answer: %v: %s", err, stderr.String())
		return 0
	}
	require.NoError(t, json.Unmarshal(out, &answer), "%s", out)
	if answer.Error != nil {
		require.Equal(t, "TABLE_NOT_FOUND", answer.Error.ErrorName)
		return 0
	}
	require.NoError(t, err)
	row := answer.Data[0]
	require.Equal(t, row[0], row[1], "event ids are distinct")
	require.Equal(t, row[0], row[2], "no event is half there")
	return row[0]
}
