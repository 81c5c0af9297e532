package function

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// TestLongestJoinedElements: elements are joined up to the longest value that there may be, whatever those that are NULL could have added.
func TestLongestJoinedElements(t *testing.T) {
	const longest = 20
	env := (&Env{Memory: memory.NewPool(1 << 20).Account("test"), Limits: memory.Limits{MaxValueBytes: longest}}).Metered()
	defer env.Close()
	ten := strings.Repeat("x", 10)
	for _, row := range []struct {
		name     string
		elements []string
		valid    byte
		args     []string
		want     string // "": an error
	}{
		{"as long as allowed", []string{ten, ten[1:]}, 0b11, []string{","}, ten + "," + ten[1:]},
		{"longer by a byte", []string{ten, ten}, 0b11, []string{","}, ""},
		{"longer by a separator", []string{ten, ten}, 0b11, []string{"--"}, ""},
		{"without separator", []string{ten, ten}, 0b11, []string{""}, ten + ten},
		{"NULLs left out", []string{ten, ten, ten[1:]}, 0b101, []string{","}, ten + "," + ten[1:]},
		{"a text for NULL", []string{ten, "", ""}, 0b1, []string{"", "abcde"}, ten + "abcdeabcde"},
		{"long for NULL", []string{ten, "", ""}, 0b1, []string{"", "abcdef"}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			elements, err := batch.FromStrings(arrow.BinaryTypes.String, row.elements, []byte{row.valid})
			require.NoError(t, err)
			args := []batch.Vector{{Array: batch.FromLists([]int32{0, int32(len(row.elements))}, nil, elements)}}
			argTypes := []*types.Type{types.ArrayOf(types.VarcharType)}
			for _, text := range row.args {
				args, argTypes = append(args, constantText(t, text)), append(argTypes, types.VarcharType)
			}
			got, err := kernelOf(t, "array_join", argTypes...)(env, args, nil, 1)
			if row.want == "" {
				require.Equal(t, types.ExceededFunctionMemory, types.ErrorName(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{row.want}, batch.Strings(got.Array))
		})
	}
}
