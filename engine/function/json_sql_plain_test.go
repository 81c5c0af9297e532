package function

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// randomPlainJSON returns a plain value, of which many are objects with the same few names.
func randomPlainJSON(random *rand.Rand, depth int) string {
	scalars := []string{`"x"`, `"xy"`, `""`, `1`, `-7`, `0`, `123456789012345678`, `1234567890123456789`, `12345678901234567890`, `true`, `false`, `null`}
	if depth == 0 || random.IntN(4) == 0 {
		return scalars[random.IntN(len(scalars))]
	}
	list := make([]string, random.IntN(4))
	isObject := random.IntN(3) > 0
	for i := range list {
		list[i] = randomPlainJSON(random, depth-1)
		if isObject {
			list[i] = `"` + string("abc"[random.IntN(3)]) + `":` + list[i]
		}
	}
	if isObject {
		return "{" + strings.Join(list, ",") + "}"
	}
	return "[" + strings.Join(list, ",") + "]"
}

// TestPathsOfPlainTexts: paths find in plain texts what they find in the same texts with white space, which are not plain.
func TestPathsOfPlainTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 11))
	texts, spaced := make([]string, 3000), make([]string, 3000)
	for i := range texts {
		texts[i] = randomPlainJSON(random, 3) + []string{"", "", "}", " x"}[random.IntN(4)]
		spaced[i] = strings.NewReplacer("{", "{ ", "[", "[ ").Replace(texts[i])
	}
	for _, path := range []string{
		"$.a", "$.b.a", "$.a.b.c", "$.none", "$", "$.*", "$.a[*]", `$.a[*] ? (@.b > 0)`, `$.a ? (@.b == 1)`, `$ ? (@.a <> -7)`, `$ ? (@.a <= 123456789012345678)`, `$ ? (@.b == 1234567890123456789)`,
		`$.* ? (@.c < "xy")`, `$ ? (@.a == "x" || @.b == true)`, `$ ? ((@.a > 1) is unknown)`, `$ ? (@.a > 0.5)`, `$ ? (!(@.b == null))`, `$.a ? (@.c >= "")`, `$..c`, "$.a.size()",
	} {
		for _, mode := range []string{"lax ", "strict "} {
			for _, function := range []string{sqljson.ValueFunction, sqljson.QueryFunction, sqljson.ExistsFunction, sqljson.CaseFunction} {
				kernel, args := jsonPathCall(t, function, sqljson.Settings{Path: mode + path, Wrapper: "WITH UNCONDITIONAL"})
				args[0] = textVector(t, spaced)
				want, err := kernel(&Env{}, args, nil, len(texts))
				require.NoError(t, err)
				args[0] = textVector(t, texts)
				got, err := kernel(&Env{}, args, nil, len(texts))
				require.NoError(t, err)
				for i, text := range texts {
					require.Equal(t, want.Array.ValueStr(i), got.Array.ValueStr(i), "%s %s%s of %q", function, mode, path, text)
				}
			}
		}
	}
}

// TestPlainValueAsError: what a path finds in a plain text and cannot be returned is an error as in any other text.
func TestPlainValueAsError(t *testing.T) {
	for _, text := range []string{`{"a":[1]}`, `{"a":{}}`, `{"a":12345678901234567890}`, `{"b":1}`} {
		kernel, args := jsonPathCall(t, sqljson.ValueFunction, sqljson.Settings{Path: "lax $.a", OnError: "ERROR", OnEmpty: "ERROR"})
		args[0] = constantText(t, text)
		_, err := kernel(&Env{}, args, nil, 1)
		require.Equal(t, types.JSONValueResult, types.ErrorName(err), text)
	}
}
