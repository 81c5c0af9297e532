package function

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// jsonPathCall are the kernel and the arguments of a call over JSON texts without parameters.
func jsonPathCall(tb testing.TB, function string, settings sqljson.Settings) (Kernel, []batch.Vector) {
	settings.Input = sqljson.Text
	none, err := Constant(types.Null(types.UnknownType))
	require.NoError(tb, err)
	args, kinds := []batch.Vector{{}, constantText(tb, settings.String()), none}, []*types.Type{types.VarcharType, types.VarcharType, types.UnknownType}
	if function == sqljson.ValueFunction || function == sqljson.CaseFunction {
		result, err := Constant(types.Null(types.VarcharType))
		require.NoError(tb, err)
		args, kinds = append(args, result), append(kinds, types.VarcharType)
	}
	return kernelOf(tb, function, kinds...), args
}

// TestJSONPathText: an input is checked as a whole, wherever in it the path looks.
func TestJSONPathText(t *testing.T) {
	nested := func(depth int) string {
		return `{"a":1,"d":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
	}
	for _, c := range []struct{ text, path, want string }{
		{`{"a":1,"b":2}`, "lax $.a", "1"},
		{" \n{ \"a\" : [ 1 , { \"c\" : 2.50 } ] } x", "lax $.a", `[1,{"c":2.5}]`},
		{`{"a":1,"b":01}`, "lax $.a", "bad"},
		{`{"a":1,"b":"\x"}`, "lax $.a", "bad"},
		{`{"a":1`, "lax $.a", "bad"},
		{`{"a":1}}`, "lax $.a", "1"},
		{`{"a":1,}`, "strict $.b", "bad"},
		{`[{"a":1},{"a":2},]`, "lax $.a", "bad"},
		{`[[{"a":1}],{"a":2}]`, "lax $.a", "2"},
		{`{"a":1,"b":{"c":1,"c":2},"a":{"x":1,"y":2,"x":3}}`, "lax $.a", `{"x":3,"y":2}`},
		{`{"\u0061":"\ud800\u00e9","b":1}`, "lax $.a", `"\uD800é"`},
		{`{"b":{"a":1}}`, "lax $.b.a + $.b.a", "2"},
		{`{"b":{"a":1}`, "lax $.b.a + $.b.a", "bad"},
		{`{"b":[3,4,5]}`, "lax $.b[$.b[0] - 2, last]", ""},
		{`{"b":[1,{"c":1},{"c":7}]}`, "lax $.b[*] ? (@.c > 1 && exists($.b))", `{"c":7}`},
		{`{"b":[1,{"c":1},{"c":7}]`, "lax $.b[*] ? (@.c > 1 && exists($.b))", "bad"},
		{`{"b":1}`, "lax 7", "7"},
		{`{"b":1`, "lax 7", "bad"},
		{"", "lax $", "null"},
		{nested(998), "lax $.a", "1"},
		{nested(999), "lax $.a", "1"},
		{nested(1000), "lax $.a", "bad"},
	} {
		kernel, args := jsonPathCall(t, sqljson.QueryFunction, sqljson.Settings{Path: c.path, OnError: "ERROR"})
		args[0] = constantText(t, c.text)
		got, err := kernel(&Env{}, args, nil, 1)
		if c.want == "bad" {
			require.Equal(t, types.JSONInputConversion, types.ErrorName(err), "%s of %q", c.path, c.text)
			continue
		}
		if c.want == "" {
			require.Equal(t, types.JSONOutputConversion, types.ErrorName(err), "%s of %q", c.path, c.text)
			continue
		}
		require.NoError(t, err, "%s of %q", c.path, c.text)
		require.Equal(t, c.want, ValueAt(types.VarcharType, got.Array, 0).V, "%s of %q", c.path, c.text)
	}
}

// TestJSONTableCountsRows: the rows that are made of texts are kept together, and counted together.
func TestJSONTableCountsRows(t *testing.T) {
	none, err := Constant(types.Null(types.UnknownType))
	require.NoError(t, err)
	row := types.RowOf(types.Field{Type: types.BigIntType})
	nullRow, err := Constant(types.Null(row))
	require.NoError(t, err)
	settings := sqljson.Settings{Path: "lax $[*]", Input: sqljson.Text, Table: &sqljson.Plan{Columns: []*sqljson.Column{{Kind: sqljson.OrdinalityColumn}}}}
	kernel := kernelOf(t, sqljson.TableFunction, types.VarcharType, types.VarcharType, types.UnknownType, row)
	env := (&Env{Memory: memory.NewPool(1 << 30).Account("test")}).Metered()
	defer env.Close()
	for _, text := range []string{"[1,2,3]", "[" + strings.Repeat("1,", longJSONBytes) + "1]"} {
		const rows = 100
		before := env.Held()
		texts := textVector(t, slices.Repeat([]string{text}, rows))
		_, err := kernel(env, []batch.Vector{texts, constantText(t, settings.String()), none, nullRow}, nil, rows)
		require.NoError(t, err)
		require.GreaterOrEqual(t, env.Held()-before, rows*jsonTreeBytes(text))
	}
}

// TestJSONObjectKeys: each row's object has the order of its own keys, whatever those of the row before were.
func TestJSONObjectKeys(t *testing.T) {
	text := func(s string) types.Value { return types.Value{Type: types.VarcharType, V: s} }
	fields := make([]types.Field, 6)
	for i := range fields {
		fields[i].Type = types.VarcharType
	}
	row := types.RowOf(fields...)
	kernel := kernelOf(t, sqljson.ObjectFunction, types.VarcharType, row)
	object := func(nullOut bool, rows ...[]types.Value) (out []any, err error) {
		values := make([]types.Value, len(rows))
		for i, r := range rows {
			values[i] = types.Value{Type: row, V: r}
		}
		column, err := ArrayOf(row, values)
		require.NoError(t, err)
		settings := sqljson.Settings{Items: make([]sqljson.Format, 3), NullOut: nullOut}
		got, err := kernel(&Env{}, []batch.Vector{constantText(t, settings.String()), {Array: column}}, nil, len(rows))
		for i := range rows {
			if err == nil {
				out = append(out, ValueAt(types.VarcharType, got.Array, i).V)
			}
		}
		return out, err
	}
	null := types.Null(types.VarcharType)
	got, err := object(false,
		[]types.Value{text("b"), text("1"), text("a"), null, text("c"), text("3")},
		[]types.Value{text("b"), text("1"), text("a"), text("\"2"), text("c"), text("3")},
		[]types.Value{text("b"), text("1"), text("a"), text("2"), text("c"), null},
		[]types.Value{text("b"), null, text("b"), text("2"), text("b"), null},
		[]types.Value{text("b"), null, text("b"), null, text("b"), null})
	require.NoError(t, err)
	require.Equal(t, []any{`{"b":"1","c":"3"}`, `{"a":"\"2","b":"1","c":"3"}`, `{"a":"2","b":"1"}`, `{"b":"2"}`, `{}`}, got)
	got, err = object(true, []types.Value{text("b"), null, text("a"), null, text("c"), text("3")})
	require.NoError(t, err)
	require.Equal(t, []any{`{"a":null,"b":null,"c":"3"}`}, got)
	_, err = object(true, []types.Value{text("b"), null, text("b"), null, null, null})
	require.Equal(t, types.NotSupported, types.ErrorName(err))
	_, err = object(true, []types.Value{text("b"), null, null, null, text("b"), null})
	require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
}

// TestJSONObjectsAlone: an object of many rows is what it is alone, and so is the error of the first that has one.
func TestJSONObjectsAlone(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 230))
	row := types.RowOf(types.Field{Type: types.VarcharType}, types.Field{Type: types.VarcharType}, types.Field{Type: types.CharOf(4)}, types.Field{Type: types.BigIntType},
		types.Field{Type: types.VarcharType}, types.Field{Type: types.VarcharType})
	kernel := kernelOf(t, sqljson.ObjectFunction, types.VarcharType, row)
	oneOf := func(often any, rare ...any) any {
		if random.IntN(20) > 0 {
			return often
		}
		return rare[random.IntN(len(rare))]
	}
	made, refused := 0, 0
	for range 3000 {
		settings := sqljson.Settings{Items: []sqljson.Format{sqljson.NoFormat, sqljson.NoFormat, sqljson.Text}, NullOut: random.IntN(2) == 0, Unique: random.IntN(2) == 0}
		objects := func(rows []types.Value) ([]string, error) {
			column, err := ArrayOf(row, rows)
			require.NoError(t, err)
			got, err := kernel(&Env{}, []batch.Vector{constantText(t, settings.String()), {Array: column}}, nil, len(rows))
			var out []string
			for i := range rows {
				if err == nil {
					out = append(out, got.Array.ValueStr(i))
				}
			}
			return out, err
		}
		rows := make([]types.Value, 1+random.IntN(6))
		var want []string
		var wantErr error
		for i := range rows {
			fields := []any{oneOf("b", "a", "longer"), oneOf(`tex"t`, nil), oneOf("a", "b", nil), oneOf(int64(7), nil), oneOf("cc", "é", "a"), oneOf(`{"x":[1, 2]}`, nil, "{", `"y"`)}
			values := make([]types.Value, len(fields))
			for f, v := range fields {
				values[f] = types.Value{Type: row.Fields[f].Type, V: v}
			}
			rows[i] = types.Value{Type: row, V: values}
			if wantErr == nil {
				var alone []string
				alone, wantErr = objects(rows[i : i+1])
				want = append(want, alone...)
			}
		}
		got, err := objects(rows)
		require.Equal(t, wantErr, err)
		if err != nil {
			refused++
			continue
		}
		made++
		require.Equal(t, want, got)
	}
	require.Greater(t, made, 500)
	require.Greater(t, refused, 500)
}

func BenchmarkJSONPath(b *testing.B) {
	texts := eventIDs()
	for i, id := range texts {
		texts[i] = `{"a":"` + id + `","b":[{"c":1},{"c":2}],"d":[1,2,3]}`
	}
	for _, c := range []struct{ function, path string }{
		{sqljson.ValueFunction, "lax $.a"}, {sqljson.QueryFunction, "lax $.b"}, {sqljson.ExistsFunction, "lax $.b[*]?(@.c > 1)"}, {sqljson.ValueFunction, "lax $.d[1]"},
	} {
		b.Run(c.function+" "+c.path, func(b *testing.B) {
			kernel, args := jsonPathCall(b, c.function, sqljson.Settings{Path: c.path})
			args[0] = textVector(b, texts)
			benchmarkRows(b, kernel, args...)
		})
	}
}
