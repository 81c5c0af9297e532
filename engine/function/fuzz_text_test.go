package function

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

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
