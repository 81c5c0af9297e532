package function

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestPaddedTexts compares with texts repeated and cut by code points, behind a text that stands before.
func TestPaddedTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	texts := randomTexts(t, random, 500, "a", "é", "日", "😀")
	for i := range texts.Len() - 1 {
		text, fill, length := texts.Value(i), texts.Value(i+1)+"x", random.IntN(40)
		points, missing := []rune(text), length-len([]rune(text))
		filling := string([]rune(strings.Repeat(fill, length+1))[:max(0, missing)])
		cut := string(points[:min(length, len(points))])
		for isLeft, want := range map[bool]string{true: filling + cut, false: cut + filling} {
			got, err := appendPadded(&Env{}, []byte("before"), padded{text, int64(length), fill, isLeft})
			require.NoError(t, err)
			require.Equal(t, "before"+want, string(got), "%s, %d, %s", text, length, fill)
		}
	}
}

// TestLongPaddings: long texts of short ones are counted while they grow.
func TestLongPaddings(t *testing.T) {
	env := (&Env{Memory: memory.NewPool(1 << 20).Account("test")}).Metered()
	defer env.Close()
	texts := randomTexts(t, rand.New(rand.NewPCG(23, 24)), 100, "a")
	length, err := Constant(types.Value{Type: types.BigIntType, V: int64(100_000)})
	require.NoError(t, err)
	pad := kernelOf(t, "rpad", types.VarcharType, types.BigIntType, types.VarcharType)
	_, err = pad(env, []batch.Vector{{Array: texts}, length, constantText(t, "xy")}, nil, texts.Len())
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
}
