package function

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// notComputed is a call of a function that must not be computed.
func notComputed(t *testing.T, name string, arg, result *types.Type) *types.Resolved {
	return &types.Resolved{Signature: &types.Signature{Name: name}, Args: []*types.Type{arg}, Return: result,
		Impl: &Impl{Kernel: func(*Env, []batch.Vector, []Lambda, int) (batch.Vector, error) {
			t.Error(name)
			return batch.Vector{}, errNull
		}}}
}

// TestPlainObjectsAtOnce: of plain objects that give no error nothing is made but what is asked for.
func TestPlainObjectsAtOnce(t *testing.T) {
	entries := types.MapOf(types.VarcharType, types.JSONType)
	row := types.RowOf(types.Field{Name: "b", Type: types.VarcharType})
	parse := notComputed(t, types.FnJSONParseForCast, types.VarcharType, types.JSONType)
	_, member := NewParsedMember(notComputed(t, "element_at", entries, types.JSONType), notComputed(t, "cast", types.JSONType, entries), parse, "b")
	_, strict := NewParsedMember(notComputed(t, types.OpSubscript, entries, types.JSONType), notComputed(t, "cast", types.JSONType, entries), parse, "b")
	_, field := NewParsedRow(notComputed(t, "cast", types.JSONType, row), parse)
	texts := []string{`{"a":[1,2],"b":"x"}`, `{"b":12,"c":null}`, `{"a":{"b":3}}`}
	for _, c := range []struct {
		name string
		of   *Impl
		rows int
		want []string
	}{
		{"member", member, 3, []string{`"x"`, "12", "(null)"}},
		{"member that is there", strict, 2, []string{`"x"`, "12"}},
		{"row", field, 3, []string{`{"b":"x"}`, `{"b":"12"}`, `{"b":null}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := c.of.Kernel(&Env{}, []batch.Vector{textVector(t, texts[:c.rows])}, nil, c.rows)
			require.NoError(t, err)
			for i, want := range c.want {
				require.Equal(t, want, v.Array.ValueStr(i))
			}
			one := textVector(t, texts[:1])
			one.Const = true
			v, err = c.of.Kernel(&Env{}, []batch.Vector{one}, nil, c.rows)
			require.NoError(t, err)
			require.True(t, v.Const)
			require.Equal(t, c.want[0], v.Array.ValueStr(0))
		})
	}
}
