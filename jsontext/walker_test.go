package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// leaves lists the scalars of a text, members with their names.
func leaves(j *Walker, out []string) ([]string, error) {
	var err error
	switch j.PeekByte() {
	case '{':
		err = j.EachMember(func(key string) error {
			out = append(out, key+":")
			out, err = leaves(j, out)
			return err
		})
		return out, err
	case '[':
		err = j.EachElement(func(int) error {
			out, err = leaves(j, out)
			return err
		})
		return out, err
	}
	scalar, err := j.ReadScalar()
	return append(out, scalar), err
}

func TestWalker(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"members":          {` {"a" : 1 , "b":[true,null,"x\ty"]} `, "a: 1 b: true null x\ty"},
		"empty containers": {`[{},[],""]`, ""},
		"numbers":          {`[-0,1.5,2E+3]`, "-0 1.5 2E+3"},
		"escapes":          {`"\u0041\/\ud83d\ude00"`, "A/😀"},
		"lone surrogate":   {`"\ud800"`, "\xED\xA0\x80"},
	} {
		t.Run(name, func(t *testing.T) {
			j := Walker{Text: c.text}
			got, err := leaves(&j, nil)
			require.NoError(t, err)
			require.True(t, j.AtEnd())
			require.Equal(t, c.want, strings.TrimSpace(strings.Join(got, " ")))
			skipper := Walker{Text: c.text}
			require.NoError(t, skipper.SkipValue())
			require.True(t, skipper.AtEnd())
		})
	}
}

func TestWalkerRefuses(t *testing.T) {
	for _, text := range []string{
		``, `{`, `[1`, `{"a"}`, `{"a":1,}`, `{a:1}`, `[1 2]`, `01`, `1.`, `1e`, `-`, `1x`, `nul`, `truex`, `"a`, "\"\n\"", `"\x"`, `"\u12"`, `"\`,
		strings.Repeat("[", maxWalkerDepth+1) + strings.Repeat("]", maxWalkerDepth+1),
	} {
		j := Walker{Text: text}
		require.ErrorIs(t, j.SkipValue(), ErrMalformed, text)
	}
}

func TestAppendQuoted(t *testing.T) {
	for name, c := range map[string]struct {
		text, shortest, canonical string
	}{
		"plain":             {"abc", `"abc"`, `"abc"`},
		"quote and slash":   {`a"\/`, `"a\"\\/"`, `"a\"\\/"`},
		"named controls":    {"\n\r\t", `"\n\r\t"`, `"\n\r\t"`},
		"other controls":    {"\b\f\x1f\x7f", "\"\\u0008\\u000c\\u001f\x7f\"", "\"\\b\\f\\u001F\x7f\""},
		"basic plane":       {"é\u2028\uFFFD", "\"é\u2028\uFFFD\"", "\"é\u2028\uFFFD\""},
		"beyond it":         {"a😀b", `"a😀b"`, `"a\uD83D\uDE00b"`},
		"invalid UTF-8":     {"a\xffb", "\"a\uFFFDb\"", "\"a\xffb\""},
		"surrogate as read": {"a\xED\xA0\x80b", "\"a\uFFFD\uFFFD\uFFFDb\"", `"a\uD800b"`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.shortest, string(AppendQuoted(nil, c.text, Shortest)))
			require.Equal(t, "x"+c.shortest, string(AppendQuotedBytes([]byte("x"), []byte(c.text), Shortest)))
			require.Equal(t, c.canonical, string(AppendQuoted(nil, c.text, Canonical)))
		})
	}
}

func TestSurrogates(t *testing.T) {
	require.Equal(t, "a?b", WithoutSurrogates("a\xED\xA0\x80b"))
	require.Equal(t, "a\xffb", WithoutSurrogates("a\xffb"))
	require.Equal(t, `["😀\ud800\n"]`, UnescapePairs(`["\ud83d\ude00\ud800\n"]`))
}

func TestUnescapeSurrogates(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"none":               {`["é😀",1]`, `["é😀",1]`},
		"pair":               {`["a\uD83D\uDE00b"]`, `["a😀b"]`},
		"lone high one":      {`"\uD83Dx"`, `"?x"`},
		"lone low one":       {`"\uDE00"`, `"?"`},
		"two high ones":      {`"\uD83D\uD83D\uDE00"`, `"?😀"`},
		"wrong way round":    {`"\uDE00\uD83D"`, `"??"`},
		"others":             {`"\u0001\n\"\\"`, `"\u0001\n\"\\"`},
		"escaped backslash":  {`"\\uD83D\\\uD83D\uDE00"`, `"\\uD83D\\😀"`},
		"at the end":         {`"\uD83D`, `"?`},
		"escape that is cut": {`"\uD8"`, `"\uD8"`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, string(UnescapeSurrogates([]byte(c.text))))
		})
	}
}

// joinHalves makes one character of two surrogates that stand beside each other,
// as whoever reads their escapes does.
func joinHalves(text string) string {
	var joined strings.Builder
	for i := 0; i < len(text); {
		if r := utf16.DecodeRune(surrogateAt(text[i:]), surrogateAt(text[min(i+surrogateBytes, len(text)):])); r != utf8.RuneError {
			joined.WriteRune(r)
			i += 2 * surrogateBytes
			continue
		}
		joined.WriteByte(text[i])
		i++
	}
	return joined.String()
}

// surrogateAt is the surrogate that a text begins with, or zero.
func surrogateAt(text string) rune {
	if !startsSurrogate(text) {
		return 0
	}
	return rune(text[0]&0x0F)<<12 | rune(text[1]&0x3F)<<6 | rune(text[2]&0x3F)
}

// FuzzQuoted: what is written is read again, by others, too.
func FuzzQuoted(f *testing.F) {
	for _, seed := range []string{"", "a\"\\\n\x00é😀", "\xED\xA0\x80", "\xED\xA0\x80\xED\xB0\x80", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, form := range []Quoting{Shortest, Canonical} {
			quoted := string(AppendQuoted(nil, text, form))
			j := Walker{Text: quoted}
			j.PeekByte()
			read, err := j.ReadString()
			require.NoError(t, err)
			require.True(t, j.AtEnd())
			if form == Canonical {
				require.Equal(t, joinHalves(text), read)
			}
			if utf8.ValidString(text) {
				var other string
				require.NoError(t, json.Unmarshal([]byte(quoted), &other))
				require.Equal(t, text, other)
				require.Equal(t, text, read)
			}
		}
	})
}

func TestReadNumber(t *testing.T) {
	for name, c := range map[string]struct {
		text, number, rest string // no number: refused
		hasFraction        bool
	}{
		"integer":               {"[12]", "12", "]", false},
		"minus zero":            {"[-0]", "-0", "]", false},
		"fraction":              {"[-1.50,", "-1.50", ",", true},
		"exponent":              {"[1E+05]", "1E+05", "]", true},
		"small exponent":        {"[0e-1]", "0e-1", "]", true},
		"at the end of text":    {"[7", "7", "", false},
		"behind a leading zero": {text: "[012.5]"},
		"sign alone":            {text: "[-]"},
		"sign at the end":       {text: "[-"},
		"plus":                  {text: "[+1]"},
		"no fraction":           {text: "[1.]"},
		"no integer":            {text: "[.5]"},
		"no exponent":           {text: "[1e]"},
		"signed exponent":       {text: "[1e+]"},
	} {
		t.Run(name, func(t *testing.T) {
			j := Walker{Text: c.text}
			_ = j.EachElement(func(int) error {
				number, err := j.ReadNumber()
				require.Equal(t, c.number, number)
				require.Equal(t, c.number == "", err == ErrMalformed)
				if err == nil {
					require.Equal(t, c.rest, j.Rest())
					require.Equal(t, c.hasFraction, HasFraction(number))
				}
				return ErrMalformed
			})
		})
	}
	for text, ok := range map[string]bool{"12": true, "12 ": true, "12\n": true, "12,": false, "1.5x": false, "01": false} {
		_, err := (&Walker{Text: text}).ReadNumber()
		require.Equal(t, ok, err == nil, text)
	}
}
