package jsontext

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestIsPlain(t *testing.T) {
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	for name, c := range map[string]struct {
		text                string
		anyOrder, ascending bool
	}{
		"object":                {`{"a":"x","b":[{"c":-1},{"c":20}],"d":[true,false,null]}`, true, true},
		"empty containers":      {`[{},[],""]`, true, true},
		"escape of no JSON":     {`["\x7f"]`, false, false},
		"all other ASCII":       {"\"a/b 'c' and \x7f\"", true, true},
		"empty name":            {`{"":1,"a":2}`, true, true},
		"names of one prefix":   {`{"a":1,"a ":2,"ab":3}`, true, true},
		"names out of order":    {`{"b":1,"a":2}`, true, false},
		"repeated name":         {`{"a":1,"a":2}`, true, false},
		"repeated empty name":   {`{"":1,"":2}`, true, false},
		"order within":          {`[{"b":[{"d":1,"c":2}]}]`, true, false},
		"as deep as it may be":  {nested(maxPlainDepth), true, true},
		"a value too deep":      {strings.Replace(nested(maxPlainDepth), "[]", "[1]", 1), false, false},
		"too deep":              {nested(maxPlainDepth + 1), false, false},
		"fraction":              {`[1.5]`, false, false},
		"exponent":              {`[1e3]`, false, false},
		"minus zero":            {`[-0]`, false, false},
		"leading zero":          {`[01]`, false, false},
		"zero":                  {`[0]`, true, true},
		"sign alone":            {`[-]`, false, false},
		"number alone":          {`1`, false, false},
		"word alone":            {`true`, false, false},
		"broken word":           {`[nul]`, false, false},
		"white space":           {`[1, 2]`, false, false},
		"space behind":          {`[1] `, false, false},
		"space before":          {` [1]`, false, false},
		"another value behind":  {`[1][2]`, false, false},
		"escape":                {`["a\n"]`, false, false},
		"escape in a name":      {`{"\u0061":1}`, false, false},
		"escape behind 8 bytes": {`["12345678\n"]`, false, false},
		"control character":     {"[\"a\n\"]", false, false},
		"beyond ASCII":          {`["é"]`, false, false},
		"beyond ASCII, long":    {`["12345678é12345678"]`, false, false},
		"wrong brace":           {`{"a":1]`, false, false},
		"wrong bracket":         {`[1}`, false, false},
		"comma before the end":  {`[1,]`, false, false},
		"no name":               {`{1}`, false, false},
		"no colon":              {`{"a"}`, false, false},
		"no quote at the end":   {`["a`, false, false},
		"nothing":               {``, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.anyOrder, IsPlain(c.text, AnyOrder))
			require.Equal(t, c.ascending, IsPlain(c.text, Ascending))
			for end := range len(c.text) {
				require.False(t, c.anyOrder && IsPlain(c.text[:end], AnyOrder), c.text[:end])
			}
		})
	}
}

// TestTakePlain: a Walker goes on behind what is plain, and stays where it is not.
func TestTakePlain(t *testing.T) {
	j := Walker{Text: `{"a": [1,"x"], "b":[1.5,{"c":"y"}],"d":7} `}
	var taken []string
	require.NoError(t, j.EachMember(func(string) error {
		text, ok := j.TakePlain(Ascending)
		if !ok {
			at := j.Rest()
			require.NoError(t, j.SkipValue())
			text = "not " + at[:len(at)-len(j.Rest())]
		}
		taken = append(taken, text)
		return nil
	}))
	require.True(t, j.AtEnd())
	require.Equal(t, []string{`[1,"x"]`, `not [1.5,{"c":"y"}]`, `not 7`}, taken)

	deep := Walker{Text: strings.Repeat("[", maxWalkerDepth) + "[]" + strings.Repeat("]", maxWalkerDepth)}
	var walk func(int) error
	walk = func(int) error {
		if text, ok := deep.TakePlain(AnyOrder); ok {
			return errorOf(text)
		}
		return deep.EachElement(walk)
	}
	require.ErrorIs(t, walk(0), ErrMalformed)
}

type errorOf string

func (e errorOf) Error() string { return string(e) }

// plainForm writes the value that j is at token by token; false where it has a fraction, an exponent or minus zero, or names that do not ascend.
func plainForm(j *Walker, dst []byte, members PlainMembers) (_ []byte, ok bool) {
	ok = true
	var err error
	switch c := j.PeekByte(); c {
	case '{':
		last, isFirst := "", true
		dst = append(dst, '{')
		err = j.EachMember(func(name string) error {
			if !isFirst {
				dst = append(dst, ',')
				ok = ok && (last < name || members == AnyOrder)
			}
			last, isFirst = name, false
			var isPlain bool
			dst, isPlain = plainForm(j, append(AppendQuoted(dst, name, Canonical), ':'), members)
			ok = ok && isPlain
			return nil
		})
		dst = append(dst, '}')
	case '[':
		dst = append(dst, '[')
		err = j.EachElement(func(i int) error {
			if i > 0 {
				dst = append(dst, ',')
			}
			var isPlain bool
			dst, isPlain = plainForm(j, dst, members)
			ok = ok && isPlain
			return nil
		})
		dst = append(dst, ']')
	case '"':
		var s string
		s, err = j.ReadString()
		dst = AppendQuoted(dst, s, Canonical)
	default:
		var s string
		s, err = j.ReadScalar()
		dst, ok = append(dst, s...), s != "-0" && (c == 'n' || c == 't' || c == 'f' || !strings.ContainsAny(s, ".eE"))
	}
	return dst, ok && err == nil
}

// TestPlainForm compares random texts with what is written of them.
func TestPlainForm(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 21))
	pieces := []string{`{`, `}`, `[`, `]`, `,`, `:`, `"a"`, `"b"`, `"c":`, `"d":`, `"":`, `"longer than eight"`, `0`, `12`, `-3`, `-0`, `1.5`, `2e1`, `01`, `true`, `false`, `null`, ` `, `"\t"`, `"é"`, `"`, `"😀"`, "\x01"}
	plain := 0
	for range 300_000 {
		text := string(`{[`[random.IntN(2)])
		for range random.IntN(9) {
			text += pieces[random.IntN(len(pieces))]
		}
		text += strings.Repeat("]", random.IntN(2)) + strings.Repeat("}", random.IntN(2))
		for _, members := range []PlainMembers{AnyOrder, Ascending} {
			j := Walker{Text: text}
			form, ok := plainForm(&j, nil, members)
			want := ok && j.AtEnd() && string(form) == text && strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || r == '\\' }) < 0
			require.Equal(t, want, IsPlain(text, members), text)
			if want {
				plain++
			}
		}
	}
	require.Greater(t, plain, 1000)
}

// TestPlainMember: what a member of a plain object has is what a Walker finds, and of no other object an end is told.
func TestPlainMember(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	pieces := []string{`"a":1`, `"b":{"a":[2]}`, `"c":"x"`, `"a":"again"`, `"ab":null`, `"":[]`, `"a":1.5`, `"a":[-0]`, `"d":"\t"`, `"a" :1`, `"a":01`, `"z":{"b":1,"a":2}`, `"a"`}
	found := 0
	for range 100_000 {
		var list []string
		for range random.IntN(5) {
			list = append(list, pieces[random.IntN(len(pieces))])
		}
		object := "{" + strings.Join(list, ",") + "}"
		behind := []string{"", "}", " ", ",{}"}[random.IntN(4)]
		for _, members := range []PlainMembers{AnyOrder, Ascending} {
			value, end := PlainMember(object+behind, "a", members)
			if !IsPlain(object, members) {
				require.Equal(t, -1, end, object)
				continue
			}
			require.Equal(t, len(object), end, object)
			j, want := Walker{Text: object}, ""
			require.NoError(t, j.EachMember(func(name string) error {
				from := j.Rest()
				require.NoError(t, j.SkipValue())
				if name == "a" {
					want = from[:len(from)-len(j.Rest())]
				}
				return nil
			}))
			require.Equal(t, want, value, object)
			if value != "" {
				found++
			}
		}
	}
	require.Greater(t, found, 1000)
	for _, text := range []string{"", "[]", `"a"`, "{", ` {"a":1}`} {
		_, end := PlainMember(text, "a", AnyOrder)
		require.Equal(t, -1, end, text)
	}
}

// TestPlainElements: the elements of a plain array are what a Walker finds, and of no other array an end is told.
func TestPlainElements(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 9))
	pieces := []string{`1`, `-20`, `{"a":[2,3]}`, `"x,]"`, `[]`, `[[1],2]`, `null`, `true`, `{"b":1,"a":2}`, `1.5`, `-0`, `"\t"`, ` 1`, `01`, ``}
	found := 0
	for range 100_000 {
		var list []string
		for range random.IntN(4) {
			list = append(list, pieces[random.IntN(len(pieces))])
		}
		array := "[" + strings.Join(list, ",") + "]"
		behind := []string{"", "]", " ", ",1"}[random.IntN(4)]
		for _, members := range []PlainMembers{AnyOrder, Ascending} {
			var got []string
			end := EachPlainElement(array+behind, members, func(element string) { got = append(got, element) })
			if !IsPlain(array, members) {
				require.Equal(t, -1, end, array)
				continue
			}
			require.Equal(t, len(array), end, array)
			j, want := Walker{Text: array}, []string(nil)
			require.NoError(t, j.EachElement(func(int) error {
				from := j.Rest()
				require.NoError(t, j.SkipValue())
				want = append(want, from[:len(from)-len(j.Rest())])
				return nil
			}))
			require.Equal(t, want, got, array)
			found += len(got)
		}
	}
	require.Greater(t, found, 1000)
	for _, text := range []string{"", "{}", `"a"`, "[", ` [1]`} {
		require.Equal(t, -1, EachPlainElement(text, AnyOrder, func(string) {}), text)
	}
}

// TestNotPlain: the first byte that ends or interrupts a plain string is found whatever stands behind it.
func TestNotPlain(t *testing.T) {
	const letters = ones * 'a'
	for first := range uint64(256) {
		for second := range uint64(256) {
			for at := 0; at < 56; at += 8 {
				v := letters&^(0xffff<<at) | first<<at | second<<(at+8)
				want, got := special(v)|v&highs, notPlain(v)
				require.Equal(t, want&-want, got&-got, "%x", v)
			}
		}
	}
}
