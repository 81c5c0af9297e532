package main_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/enginetest/damage"
)

// One of damagesPerProgramDamage damages of AUDITLAKE_DAMAGES (300, if it is not set) is tried with the program.
const damagesPerProgramDamage = 20

// TestDamagesThroughTheProgram is TestDamages of engine/enginetest/damage with a process for each question.
func TestDamagesThroughTheProgram(t *testing.T) {
	number := func(name string, otherwise int) int {
		n, err := strconv.Atoi(os.Getenv(name))
		if os.Getenv(name) == "" {
			return otherwise
		}
		require.NoError(t, err, name)
		return n
	}
	damages, seed := number("AUDITLAKE_DAMAGES", 300)/damagesPerProgramDamage, number("AUDITLAKE_SEED", 1)
	program := buildProgram(t)
	ctx := context.Background()
	dir, err := damage.Folder()
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, damage.Build(ctx, dir))
	lakes, err := damage.Read(ctx, dir)
	require.NoError(t, err)
	folder := filepath.Join(dir, "tried")
	for n := range damages {
		r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
		lake := lakes[r.IntN(len(lakes))]
		d, err := lake.Damage(r, folder, regexp.MustCompile(""))
		require.NoError(t, err)
		for _, finding := range lake.TryProgram(ctx, d, program, folder) {
			t.Errorf("damage %d of seed %d, %s: %s", n, seed, d, finding)
		}
	}
	t.Logf("%d damages, seed %d", damages, seed)
}
