package exec

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// codedTexts is a column of two texts, which rows have by turns.
func codedTexts(t *testing.T, first, second string, rows int) batch.Vector {
	t.Helper()
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, []string{first, second}, nil)
	require.NoError(t, err)
	codes := make([]int32, rows)
	for i := range codes {
		codes[i] = int32(i % 2)
	}
	return batch.Vector{Array: batch.FromCodes(codes, nil, texts)}
}

// TestPlainRows: what the answer has of a batch comes selected and without dictionaries, unless that takes much, or much of the memory there is.
func TestPlainRows(t *testing.T) {
	const rows = 4
	constant := batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{7}, nil), Const: true}
	of := func(text string) *batch.Batch {
		return &batch.Batch{Columns: []batch.Vector{codedTexts(t, "unread", "either", rows), codedTexts(t, "a", text, rows), constant}, Len: rows, Sel: []int32{1, 2}}
	}
	for _, c := range []struct {
		name       string
		text       string
		limitBytes int64
		isPlain    bool
	}{
		{"of few bytes", "b", 0, true},
		{"of more than is made plain at once", strings.Repeat("b", maxPlainBytes), 0, false},
		{"of more than a share of the memory", strings.Repeat("b", 100), 1000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &plainRows{positions: []int{2, 1}, memory: &account{memory.NewPool(c.limitBytes).Account("test")}}
			b := of(c.text)
			got, err := p.apply(b)
			require.NoError(t, err)
			if !c.isPlain {
				require.Same(t, b, got)
				return
			}
			require.Nil(t, got.Sel)
			require.Equal(t, 2, got.Len)
			require.Equal(t, 2, got.Columns[0].Array.NullN(), "nobody reads the first column")
			require.Equal(t, constant, got.Columns[2])
			texts := got.Columns[1].Array.(*array.String)
			require.Equal(t, []string{c.text, "a"}, []string{texts.Value(0), texts.Value(1)})
		})
	}
}
