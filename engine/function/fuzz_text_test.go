package function

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javauri"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
)

// FuzzURI: what is a URI consists of its parts as they are written, and its
// decoded parts are text.
func FuzzURI(f *testing.F) {
	for _, seed := range []string{"http://u@h.example:80/a%20b?c=d#e", "urn:x?a=1", "[5]", "//[::1%eth0]:1", "http://1.2.3.4/%ED%A0%80", "file:///\u00a0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		u, ok := javauri.Parse(text)
		if !ok {
			return
		}
		require.True(t, strings.HasPrefix(text, u.Scheme))
		require.True(t, strings.HasSuffix(text, u.Fragment))
		for _, part := range []string{u.Host, u.Path, u.Query} {
			require.Contains(t, text, part)
			require.True(t, utf8.ValidString(javauri.Unescape(part)))
		}
	})
}

// FuzzJSON: what is JSON to us is JSON to others, and its canonical form stays
// as it is.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"b":1.50,"a":[null,true,"\ud83d\ude00"]}`, `"\ud800"`, "\"\xed\xc00\"", `1e400`, `-0`, ` [1 , 2] `, `{"a":1,"a":2}`, `"\/"`, "nul"} {
		f.Add(seed, "$.a[0]")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		if p, err := jsonpath.CompileMembers(path); err == nil {
			j := jsontext.Walker{Text: text}
			if p.Find(&j) {
				_ = j.SkipValue()
			}
		}
		requirePathsAlike(t, text, []string{path, "$.a", "$.a.b", "$.b[1]", path + ".c", "$.a"})
		canonical, err := canonicalText(text)
		written, writtenErr := writtenText(text, sortedByKey)
		require.Equal(t, writtenErr, err)
		if err != nil {
			return
		}
		if utf8.ValidString(text) {
			require.True(t, json.Valid([]byte(text)), text)
		}
		again, err := canonicalText(canonical)
		require.NoError(t, err)
		require.Equal(t, canonical, again)
		require.Equal(t, written, canonical)
	})
}

// requirePathsAlike: several paths that are found by one walk through a text give what each gives alone.
func requirePathsAlike(t *testing.T, text string, paths []string) {
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool { _, ok := NewScalarPaths([]string{path}); return !ok })
	together, ok := NewScalarPaths(paths)
	require.True(t, ok)
	column, err := batch.FromStrings(arrow.BinaryTypes.String, []string{text, "", text}, []byte{0b101})
	require.NoError(t, err)
	got, err := together.Extract(&Env{}, batch.Vector{Array: column}, 3)
	require.NoError(t, err)
	alone := extractor(extractScalar)
	for i, path := range paths {
		values := got[i].Array.(*array.String)
		want, err := alone(text, path)
		for _, row := range []int{0, 2} {
			require.Equal(t, err != nil, values.IsNull(row), "%s of %q", path, text)
			if err == nil {
				require.Equal(t, want, values.Value(row), "%s of %q", path, text)
			}
		}
		require.True(t, values.IsNull(1))
	}
}

// TestPathsOfOneText compares many paths over texts that break off anywhere.
func TestPathsOfOneText(t *testing.T) {
	paths := []string{"$.a", "$.a.b", "$.a.b.c", "$.a.d[0]", "$.a.d[1].x", "$.e", "$.a", "$[0]", "$[1].a", "$.1", "$.e.f", "$.zz", `$["a"]["e f"]`}
	for _, text := range []string{
		`{"a":{"b":{"c":1},"e f":"x","d":[true,{"x":"\u0041\ud800"}],"b":7},"e":"last","a":2,"1":-0.5}`,
		`[{"a":1},{"a":[1],"a":"second"},3]`, `{"a":{"b":1,"b":{"c":2}},"e":{"f":null},"g":[[[]]]}`, `{"a":01,"e":1}`, `{"a":"b`, `"a"`, ` {"e" : {"f" : 1.5e3 } , "a":{}} x`,
	} {
		for end := range len(text) + 1 {
			requirePathsAlike(t, text[:end], paths)
		}
	}
}
