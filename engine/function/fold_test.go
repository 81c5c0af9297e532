package function

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

func TestFoldIsBounded(t *testing.T) {
	long := strings.Repeat("a", 100_000)
	for _, c := range []struct {
		name, function string
		args           []any
		folds          bool
	}{
		{"short", "rpad", []any{"a", 1000, "b"}, true},
		{"more than 64 KiB", "rpad", []any{"a", 70_000, "b"}, false},
		{"no longer than its argument", "upper", []any{long}, true},
		{"twice its argument", "concat", []any{long, long}, false},
		{"a long array", "sequence", []any{1, 10_000}, false},
		{"out of memory", "replace", []any{long, "a", long}, false},
		{"a long text that gives a short value", "length", []any{long}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := callFunction(c.function, c.args...)
			if c.folds {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
		})
	}
}

func TestFoldEndsWithItsStatement(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	fns, end := New().Planning(ctx)
	defer end()
	args := []types.Value{constantOf("a")}
	fn, err := fns.Resolve("upper", []types.Arg{{Type: types.VarcharType}})
	require.NoError(t, err)
	_, err = fns.Fold(fn, args, testSession)
	require.NoError(t, err)
	cancel()
	require.Eventually(t, func() bool { // the context tells its watchers in the background
		_, err = fns.Fold(fn, args, testSession)
		return err == context.Canceled
	}, time.Minute, time.Millisecond)
}
