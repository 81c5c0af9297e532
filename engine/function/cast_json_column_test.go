package function

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// castJSON casts texts, of which empty ones are NULL, and shows the values.
func castJSON(t *testing.T, env *Env, to string, try bool, texts ...string) ([]string, error) {
	target, err := types.ParseType(to)
	require.NoError(t, err)
	kernel, ok := castKernel(types.JSONType, target, try)
	require.True(t, ok)
	valid := make([]byte, (len(texts)+7)/8)
	for i, text := range texts {
		if text != "" {
			valid[i/8] |= 1 << (i % 8)
		}
	}
	column, err := batch.FromStrings(arrow.BinaryTypes.String, texts, valid)
	require.NoError(t, err)
	v, err := kernel(env, []batch.Vector{{Array: column}}, nil, len(texts))
	if err != nil {
		return nil, err
	}
	shown := make([]string, len(texts))
	for i := range shown {
		shown[i] = v.Array.ValueStr(i)
	}
	return shown, nil
}

// TestRefusedJSON: a text that is refused anywhere leaves nothing behind in the column where TRY_CAST, or TRY, makes a NULL of it.
func TestRefusedJSON(t *testing.T) {
	texts := map[string][]string{
		"bigint":                          {"1", `"x"`, "2", "null", "", "1e30", "3"},
		"varchar":                         {`"a"`, "[1]", "1.5", "null", "", `"b"`},
		"array(integer)":                  {"[1,2]", "[3,4,99999999999]", "[]", "null", "", `[5,"x"]`, "[6,null]", "[7,", "[8]"},
		"array(array(varchar))":           {`[["a"],["b","c"]]`, `[["d"],["e",[1]]]`, `[[],null,["f",null]]`, "7", `[["g"]]`},
		"map(varchar, bigint)":            {`{"a":1,"b":2}`, `{"c":3,"d":"x"}`, `{"c":3,"c":4}`, "{}", "null", "", `{"e":null}`, `{"f":5`, `{"g":6}`},
		"map(varchar, json)":              {`{"a":{"z":1,"y":[]}}`, `{"b":1,"b":2}`, `{"c":null}`},
		"map(integer, boolean)":           {`{"1":true,"2":"f"}`, `{"3":true,"x":false}`, `{"4":0}`, `{"1":true,"01":true}`},
		"row(a bigint, b array(varchar))": {`{"a":1,"b":["x"]}`, `{"a":2,"b":["y",[1]]}`, `[3,["z"]]`, `[4]`, `{"b":null}`, `{"a":5,"a":6}`, "null", "", `{"B":["u"]}`},
		"array(row(k varchar, v map(varchar, real)))": {`[{"k":"a","v":{"x":1.5}},{"v":{"y":2}}]`, `[{"k":"b","v":{"x":1.5}},{"v":{"y":"?"}}]`, `[["c",{"z":0}],null]`},
	}
	for to, texts := range texts {
		t.Run(to, func(t *testing.T) {
			together, err := castJSON(t, nil, to, true, texts...)
			require.NoError(t, err)
			hidden, err := castJSON(t, (&Env{}).Hiding(), to, false, texts...)
			require.NoError(t, err)
			refused := 0
			for i, text := range texts {
				alone, err := castJSON(t, nil, to, false, text)
				if err != nil {
					require.Equal(t, types.InvalidCastArgument, types.ErrorName(err))
					alone, refused = []string{"(null)"}, refused+1
				}
				require.Equal(t, alone[0], together[i], text)
				require.Equal(t, alone[0], hidden[i], text)
			}
			require.Positive(t, refused)
		})
	}
}

// TestRepeatedMapKeys: a key that comes twice is found among few keys and many.
func TestRepeatedMapKeys(t *testing.T) {
	for _, keys := range []int{1, 2, 16, 17, 18, 100} {
		var members []string
		for i := range keys {
			members = append(members, fmt.Sprintf(`"k%d":%d`, i, i))
		}
		object := "{" + strings.Join(members, ",") + "}"
		_, err := castJSON(t, nil, "map(varchar, bigint)", false, object, object)
		require.NoError(t, err)
		for _, repeated := range []int{0, keys - 1} {
			_, err := castJSON(t, nil, "map(varchar, bigint)", false, object, fmt.Sprintf(`%s,"k%d":0}`, strings.TrimSuffix(object, "}"), repeated))
			require.ErrorContains(t, err, "Duplicate map keys are not allowed")
		}
	}
	_, err := castJSON(t, nil, "map(varchar(2), bigint)", false, `{"abc":1,"abd":2}`)
	require.ErrorContains(t, err, "Duplicate map keys are not allowed")
}

// TestMemoryOfJSONColumns: what the columns take is counted, and where there is no more of it no value becomes NULL for that.
func TestMemoryOfJSONColumns(t *testing.T) {
	text := "[" + strings.Repeat(`{"k":["a",null],"n":1},`, 5000) + "null]"
	for _, to := range []string{"array(row(k array(varchar), n bigint))", "array(map(varchar, json))"} {
		for bytes, fits := range map[int64]bool{8 << 20: true, 64 << 10: false} {
			env := (&Env{Memory: memory.NewPool(bytes).Account("test")}).Metered()
			_, err := castJSON(t, env, to, true, text)
			if fits {
				require.NoError(t, err)
				require.Greater(t, env.Meter.Used(), int64(len(text)))
			} else {
				require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
			}
			env.Close()
		}
	}
}
