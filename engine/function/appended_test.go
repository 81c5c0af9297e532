package function

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestAppendedTexts: what texts take is counted while they grow, also beyond what was expected, and room that they do not need is not kept.
func TestAppendedTexts(t *testing.T) {
	const rows, expected = 100, 1 << 20
	meter := memory.NewPool(1 << 24).Account("an expression").Meter(0)
	texts, err := newAppended(meter, rows, expected)
	require.NoError(t, err)
	require.EqualValues(t, expected+4*rows, meter.Used())
	texts.data = append(texts.data, make([]byte, 3*expected)...)
	require.NoError(t, texts.look())
	require.EqualValues(t, int64(cap(texts.data))+4*rows, meter.Used())
	texts.data = texts.data[:0]
	_, err = texts.array(arrow.BinaryTypes.String, make([]byte, rows))
	require.NoError(t, err)
	require.LessOrEqual(t, cap(texts.data), 4<<10)
	_, err = newAppended(meter, rows, 1<<24)
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
}

// TestAppendedTextsMove: texts that move to more room do so before the next is appended, and both rooms are counted meanwhile.
func TestAppendedTextsMove(t *testing.T) {
	const poolBytes, rows = 16 << 20, 100
	meter := memory.NewPool(poolBytes).Account("an expression").Meter(0)
	texts, err := newAppended(meter, rows, 0)
	require.NoError(t, err)
	most := 0
	_, err = texts.appendRows(nil, nil, nil, func(dst []byte, _ int) ([]byte, error) {
		longer := append(dst, make([]byte, shortList+1)...)
		if len(dst) > 0 {
			require.Equal(t, cap(dst), cap(longer))
		}
		most = max(most, cap(longer))
		return longer, nil
	})
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
	require.Less(t, most, poolBytes/9*5, "a room, and four fifths of it that move there")
}

// TestAppendedTextsEnd: a kernel that appends texts ends with its statement, and where there is no memory for more of them.
func TestAppendedTextsEnd(t *testing.T) {
	encode := kernelOf(t, "url_encode", types.VarcharType)
	texts := make([]string, 1000)
	for i := range texts {
		texts[i] = "äöü €"
	}
	column, err := batch.FromStrings(arrow.BinaryTypes.String, texts, arrowdata.FullValidity(len(texts)))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		bytes int64
		fits  bool
	}{"room for all": {1 << 20, true}, "room for what is expected": {32 << 10, false}, "no room": {1 << 10, false}} {
		t.Run(name, func(t *testing.T) {
			env := (&Env{Memory: memory.NewPool(c.bytes).Account("test")}).Metered()
			defer env.Close()
			v, err := encode(env, []batch.Vector{{Array: column}}, nil, len(texts))
			if !c.fits {
				require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, "%C3%A4%C3%B6%C3%BC+%E2%82%AC", v.Array.ValueStr(999))
		})
	}
}
