package javaregexp

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequiredTexts(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{`arn:aws:iam::[0-9]{12}:role/[a-z]+-admin`, []string{"arn:aws:iam::", ":role/", "-admin"}},
		{`^a(b(c))+d*(ef){2,}g?$`, []string{"a", "b", "c", "ef"}},
		{`foo|bar`, nil},
		{`fool|foot`, []string{"foo"}},
		{`x(?i)yes(?-i)z`, []string{"x", "z"}},
		{`\d+`, nil},
		{`a{0,3}`, nil},
		{"a\uFFFD", nil},
	} {
		p, err := Compile(nil, c.pattern)
		require.NoError(t, err)
		var got []string
		if p.required != nil {
			for _, piece := range p.required.Pieces {
				got = append(got, piece.Plain)
			}
		}
		require.Equal(t, c.want, got, c.pattern)
	}
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a.*b.*c", "acb", true},
		{"a.*b.*c", "xaxbxc", false},
		{"abc", "ab", true},
		{"ab+ba", "aba", true}, // the texts do not overlap
		{`a++b`, "c", false},   // only the backtracking engine can tell
	} {
		p, err := Compile(nil, c.pattern)
		require.NoError(t, err)
		require.Equal(t, c.want, p.hopeless(c.text), "%s in %s", c.pattern, c.text)
		found, err := p.Search(nil).Matches(c.text)
		require.NoError(t, err)
		require.False(t, c.want && found)
	}
}
