package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

func TestParseSelectors(t *testing.T) {
	const list = `[{"Name":"n","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]`
	want := []engine.Selector{{Name: "n", FieldSelectors: []engine.FieldSelector{
		{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
	}}}
	for _, text := range []string{list, "\xef\xbb\xbf\r\n" + list + "\n", `{"TrailARN":"x","AdvancedEventSelectors":` + list + `}`} {
		got, err := parseSelectors([]byte(text))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for text, want := range map[string]string{
		``:                        "expected a list such as [{",
		`{}`:                      "expected a list such as [{",
		`"x"`:                     "expected a list such as [{",
		`[{]`:                     "invalid character ']'",
		list + `]`:                "invalid character ']' after top-level value",
		`[{"Field":"eventName"}]`: `unknown field "Field"`,
		`[{"FieldSelectors":[{"Field":"eventName","NotEqual":["a"]}]}]`: `unknown field "NotEqual"`,
		`[{"FieldSelectors":[{"Field":"eventName","Equals":"a"}]}]`:     "Equals is a string; it must be a list",
	} {
		_, err := parseSelectors([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

// TestStoreOfSelectors: a store is of the category that its selectors select, and of no other.
func TestStoreOfSelectors(t *testing.T) {
	lake, file := t.TempDir(), filepath.Join(t.TempDir(), "selectors.json")
	require.NoError(t, os.WriteFile(file, []byte(`[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]`), 0o600))
	got := command(t, "--lake", lake, "store", "create", "insights", "--selectors", file)
	require.Equal(t, 0, got.code, got.err)
	require.Regexp(t, `category +Insight\n`, got.out)
	got = command(t, "--lake", lake, "store", "create", "main", "--category", "Management", "--selectors", file)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "they select Insight events, the store takes Management events")
}
