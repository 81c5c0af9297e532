package function

import (
	"strings"
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
	parse := notComputed(t, types.FnJSONTextForCast, types.VarcharType, types.JSONType)
	_, member := NewParsedMember(notComputed(t, "element_at", entries, types.JSONType), notComputed(t, "cast", types.JSONType, entries), parse, "b")
	_, strict := NewParsedMember(notComputed(t, types.OpSubscript, entries, types.JSONType), notComputed(t, "cast", types.JSONType, entries), parse, "b")
	texts := []string{`{"a":[1,2],"b":"x"}`, `{"b":12,"c":null}`, `{"a":{"b":3}}`}
	for _, c := range []struct {
		name string
		of   *Impl
		rows int
		want []string
	}{
		{"member", member, 3, []string{`"x"`, "12", "(null)"}},
		{"member that is there", strict, 2, []string{`"x"`, "12"}},
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

// TestPlainObjectsAsked: once the calls one after the other have given the values of a column they compute those that follow, too, and not
// once they have failed.
func TestPlainObjectsAsked(t *testing.T) {
	plain, other, refused := []string{`{"b":"x"}`}, []string{`{"b":"\u0078"}`}, []string{`{"b":1`}
	parses := 0
	registry, entries := New(), types.MapOf(types.VarcharType, types.JSONType)
	parse, err := registry.Resolve(types.FnJSONTextForCast, []types.Arg{{Type: types.VarcharType}})
	require.NoError(t, err)
	kernel := parse.Impl.(*Impl).Kernel
	parse.Impl = &Impl{Kernel: func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		parses++
		return kernel(env, args, lambdas, rows)
	}}
	element, err := registry.Resolve("element_at", []types.Arg{{Type: entries}, {Type: types.VarcharType}})
	require.NoError(t, err)
	cast := &types.Resolved{Signature: &types.Signature{Name: "cast"}, Args: []*types.Type{types.JSONType}, Return: entries,
		Impl: &Impl{Kernel: jsonCastKernel(entries, false)}}
	_, member := NewParsedMember(element, cast, parse, "b")
	for i, c := range []struct {
		texts      []string
		wantParses int
	}{{plain, 0}, {refused, 1}, {plain, 1}, {other, 2}, {plain, 3}, {refused, 4}, {plain, 5}} {
		v, err := member.Kernel(&Env{}, []batch.Vector{textVector(t, c.texts)}, nil, 1)
		require.Equal(t, c.wantParses, parses, i)
		if c.texts[0] == refused[0] {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, `"x"`, v.Array.ValueStr(0))
	}
}

// TestRepeatedFields: a member is the last field of its name, whether few names are compared or many are looked up.
func TestRepeatedFields(t *testing.T) {
	for _, names := range []string{"aba", "abcdefga", "abcdefgha", "cdefghiba"} { // of a letter each
		t.Run(names, func(t *testing.T) {
			var fields []types.Field
			var want []string // of each field
			for i, name := range strings.Split(names, "") {
				fields = append(fields, types.Field{Name: name, Type: types.JSONType})
				switch value := map[string]string{"a": `"x"`, "b": "1"}[name]; {
				case value == "" || strings.Contains(names[i+1:], name):
					want = append(want, "(null)")
				default:
					want = append(want, value)
				}
			}
			row := types.RowOf(fields...)
			v, err := jsonCastKernel(row, false)(&Env{}, []batch.Vector{textVector(t, []string{`{"a":"x","b":1,"z":2}`})}, nil, 1)
			require.NoError(t, err)
			for i, field := range batch.Fields(v.Array) {
				require.Equal(t, want[i], field.ValueStr(0), i)
			}
		})
	}
}
