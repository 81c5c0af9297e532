package function

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function/internal/javauri"
	"github.com/auditlake/auditlake/planner/types"
)

// FuzzPattern: whatever the pattern, there is an error or an answer, and both
// engines give the same one.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"a+b", "aab"}, {"^(a|b)*$", "abab\n"}, {`[\w&&[^\d]]+`, "a1"}, {`(?i)\bFoo\b`, "a foo"}, {"a++b", "aab"}, {`(?<x>a)\k<x>`, "aa"},
		{"(?s).", "\n"}, {`\Q.\E`, "."}, {"[[:alpha:]-z]", "-"}, {"x{2,3}?", "xxx"}, {`\p{Lu}`, "É"}, {"(?x) a #", "a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		if !utf8.ValidString(source) || !utf8.ValidString(text) || len(source) > 100 || len(text) > 100 {
			t.Skip()
		}
		p, err := compilePattern(nil, source)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		if !p.linearFor(text) {
			t.Skip()
		}
		var want, got, stepwise [][]int
		collect := func(list *[][]int) func([]int) bool {
			return func(loc []int) bool { *list = append(*list, slices.Clone(loc)); return len(*list) < 20 }
		}
		p.backtracking.patient = p.backtracking.quick
		if p.backtracking.each(nil, p, text, 0, collect(&want)) != nil {
			t.Skip() // beyond the limits of that engine
		}
		require.NoError(t, p.each(nil, text, collect(&got)))
		require.Equal(t, want, got)
		p.stepsPerByte = maxStepsAtOnce // as for a long text
		require.NoError(t, p.each(nil, text, collect(&stepwise)))
		require.Equal(t, want, stepwise)
		found, err := p.matches(nil, text)
		require.NoError(t, err)
		require.Equal(t, len(want) > 0, found)
		first, err := p.first(nil, text)
		require.NoError(t, err)
		if len(want) > 0 {
			require.Equal(t, want[0], first)
		} else {
			require.Nil(t, first)
		}
	})
}

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
		if p, err := compileJSONPath(path); err == nil {
			j := jsonText{text: text}
			if p.find(&j) {
				_ = j.skip()
			}
		}
		canonical, err := canonicalJSON(text)
		if err != nil {
			return
		}
		if utf8.ValidString(text) {
			require.True(t, json.Valid([]byte(text)), text)
		}
		again, err := canonicalJSON(canonical)
		require.NoError(t, err)
		require.Equal(t, canonical, again)
	})
}
