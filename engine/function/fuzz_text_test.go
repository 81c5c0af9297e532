package function

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/arrowtype"
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
		p, err := compilePattern(source)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		if !p.linearFor(text) {
			t.Skip()
		}
		re, err := p.backtracking()
		if err != nil {
			t.Skip() // beyond the limits of that engine
		}
		re.MatchTimeout = 50 * time.Millisecond
		want, err := re.MatchString(text)
		if err != nil {
			t.Skip()
		}
		got, err := p.matches(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
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

// FuzzFormat: whatever the format, there is an error or an answer.
func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"%s", "%5d|%-5s", "%1$,.3f %<e", "%(+d", "%tY-%<tm", "%%%n", "%g %G", "%#x", "%c"} {
		f.Add(seed, int64(-42), 1.5)
	}
	f.Fuzz(func(t *testing.T, pattern string, n int64, x float64) {
		items, err := parseFormat(pattern)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		for i, item := range items {
			if item.width > 100 || item.precision > 100 {
				items[i].width, items[i].precision = 100, 100
			}
		}
		args := []formatArg{{class: 'd', text: "n", number: n}, formatFloat(x, 64, "Double"), {text: "null"},
			{class: 't', local: formatTime{local: time.Unix(n%1e10, 0).UTC(), hasDate: true, hasTime: true}}}
		_, _ = appendFormat(nil, nil, items, args)
	})
}

// FuzzJoda: a text read by a pattern of numbers reads the same once written.
func FuzzJoda(f *testing.F) {
	for _, seed := range [][2]string{
		{"yyyy-MM-dd HH:mm:ss", "2024-08-07 15:04:05"}, {"EEE dd MMM yy h a", "Wed 07 Aug 24 3 PM"}, {"xxxx ww e", "2024 32 3"},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2024-08-07T15:04:05.678+05:30"}, {"''yy'q", "'24q"}, {"G C D k K", "AD 20 220 24 0"}, {"ZZZ z", "Europe/Paris EST"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		items, err := compileJoda(pattern)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		v := jodaValues{}
		ok := true
		for i := 0; i < len(items) && ok; i++ {
			if items[i].count > 1000 {
				t.Skip()
			}
			text, ok = v.read(text, items[i], i+1 < len(items) && items[i+1].isNumber(), 2024)
		}
		if !ok {
			return
		}
		if at, ok := v.fields.time(); ok {
			_ = jodaFormat(items, at, arrowtype.UTC, 0)
		}
	})
}

// FuzzMySQLDate: whatever the pattern and the text, there is an error or an answer.
func FuzzMySQLDate(f *testing.F) {
	f.Add("%Y-%m-%d %H:%i:%s.%f", "2024-08-07 15:04:05.678")
	f.Add("%W %M %e %y %r", "Wednesday August 7 24 03:04:05 PM")
	f.Add("%x %v %j %%", "2024 32 220 %")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		millis, err := mysqlParse(text, pattern)
		if err != nil {
			require.Equal(t, types.InvalidFunctionArgument, types.ErrorName(err))
			return
		}
		_, _ = mysqlFormat(time.UnixMilli(millis).UTC(), pattern)
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
