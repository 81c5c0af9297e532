package like

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzLike compares the matcher with the same pattern as a regular expression.
func FuzzLike(f *testing.F) {
	for _, seed := range [][3]string{
		{"abc", "a%c", ""}, {"", "%", ""}, {"aXbXc", "%X_X%", ""}, {"50%", "50!%", "!"}, {"é", "_", ""},
		{"aaa", "a%a%a", ""}, {"a\nb", "a_b", ""}, {"ab", "ab%ab", ""}, {"x", "!", "!"},
		{"xaécabc", "%a_c%", ""}, {"abbababb", "%ab_b%_", ""}, {"é_😀x", "%!__x%", "!"}, {"aaaaaaaaaab", "%_a_a_b%", ""}, {"éaé", "%_a_", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, text, pattern, escape string) {
		if !utf8.ValidString(text) || !utf8.ValidString(pattern) || !utf8.ValidString(escape) || utf8.RuneCountInString(escape) > 1 {
			t.Skip()
		}
		m, err := Compile(pattern, escape)
		want, ok := likeRegexp(pattern, escape)
		require.Equal(t, ok, err == nil)
		if ok {
			require.Equal(t, want.MatchString(text), m.Match(nil, text))
		}
	})
}

func likeRegexp(pattern, escape string) (*regexp.Regexp, bool) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped && r != '%' && r != '_' && string(r) != escape:
			return nil, false
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case string(r) == escape:
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if escaped {
		return nil, false
	}
	return regexp.MustCompile(b.String() + `\z`), true
}
