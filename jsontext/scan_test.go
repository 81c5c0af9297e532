package jsontext

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// scan reports whether text is one JSON value, as the scanner sees it.
func scan(text string) (Token, *Scanner, bool) {
	s := &Scanner{}
	s.Reset([]byte(text))
	tok, ok := s.Value()
	if ok && (s.Next() != 0 || s.Pos < len(text)) {
		ok = s.step(s.unexpectedAt(s.Pos))
	}
	return tok, s, ok
}

func TestValue(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Token
	}{
		"null":             {`null`, Token{Kind: Null, End: 4}},
		"true":             {` true `, Token{Kind: True, Start: 1, End: 5}},
		"false":            {`false`, Token{Kind: False, End: 5}},
		"number":           {`-12.50E+03`, Token{Kind: Number, End: 10}},
		"string":           {`"abcdefghij"`, Token{Kind: String, End: 12}},
		"escaped string":   {`"abcdefg\u00e9\""`, Token{Kind: String, Rough: true, End: 17}},
		"empty object":     {`{}`, Token{Kind: Object, End: 2}},
		"space in it":      {`{ }`, Token{Kind: Object, Rough: true, End: 3}},
		"dense nest":       {`{"a":[1,{"b":[]}],"c":"x y"}`, Token{Kind: Object, End: 28}},
		"space at colon":   {`{"a" :1}`, Token{Kind: Object, Rough: true, End: 8}},
		"space after it":   {`[1] `, Token{Kind: Array, End: 3}},
		"array of objects": {`[{},{}]`, Token{Kind: Array, End: 7}},
	} {
		t.Run(name, func(t *testing.T) {
			tok, s, ok := scan(c.text)
			require.True(t, ok, s.Problem)
			require.Equal(t, c.want, tok)
			require.Zero(t, s.Depth)
		})
	}
}

func TestBrokenText(t *testing.T) {
	for text, want := range map[string]struct {
		problem Problem
		pos     int
	}{
		``:              {UnexpectedEnd, 0},
		`{"a":1`:        {UnexpectedEnd, 6},
		`{"a"`:          {UnexpectedEnd, 4},
		`"abc`:          {UnexpectedEnd, 4},
		`"a\`:           {UnexpectedEnd, 3},
		`"a\u12`:        {UnexpectedEnd, 6},
		`12e`:           {UnexpectedEnd, 3},
		`tru`:           {UnexpectedEnd, 3},
		`trux`:          {UnexpectedByte, 3},
		`{"a":1,}`:      {UnexpectedByte, 7},
		`[1,]`:          {UnexpectedByte, 3},
		`[1 2]`:         {UnexpectedByte, 3},
		`{"a":1]`:       {UnexpectedByte, 6},
		`{a:1}`:         {UnexpectedByte, 1},
		`{"a" 1}`:       {UnexpectedByte, 5},
		"[\x00]":        {UnexpectedByte, 1},
		`1 2`:           {UnexpectedByte, 2},
		`NaN`:           {UnexpectedByte, 0},
		"\"a\nb\"":      {ControlCharacter, 2},
		`"\x41"`:        {BadEscape, 1},
		`"\u12g4"`:      {BadEscape, 1},
		`01 `:           {BadNumber, 2},
		`1.x`:           {BadNumber, 2},
		`[-]`:           {BadNumber, 2},
		"\u00a0{}":      {UnexpectedByte, 0},
		"{\"a\":1}\x0b": {UnexpectedByte, 7},
	} {
		t.Run(text, func(t *testing.T) {
			_, s, ok := scan(text)
			require.False(t, ok)
			require.Equal(t, want.problem.String(), s.Problem.String())
			require.Equal(t, want.pos, s.Pos)
		})
	}
}

func TestDepthLimit(t *testing.T) {
	_, s, ok := scan(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth))
	require.True(t, ok, s.Problem)
	_, s, ok = scan(strings.Repeat(`{"a":`, MaxDepth+1))
	require.False(t, ok)
	require.Equal(t, TooDeep, s.Problem)
}

func TestAppendString(t *testing.T) {
	for literal, want := range map[string]string{
		`plain`:              "plain",
		`\"\\\/\b\f\n\r\t`:   "\"\\/\b\f\n\r\t",
		`\u0041\u00E9\u20ac`: "Aé€",
		`\ud83d\ude00!`:      "😀!",
		`\ud83dx`:            "\ufffdx",
		`\ud83d\ud83d\ude00`: "\ufffd😀",
		`\ude00\ud83d`:       "\ufffd\ufffd",
		`\ud83d\n`:           "\ufffd\n",
		``:                   "",
	} {
		require.Equal(t, want, string(AppendString(nil, []byte(literal))), literal)
	}
}

func TestAppendCompact(t *testing.T) {
	got := AppendCompact([]byte("x"), []byte("{ \"a b\" :\t[ 1.0 , \"\\\" \\\\\" ] ,\n\"c\": \" \"}"))
	require.Equal(t, `x{"a b":[1.0,"\" \\"],"c":" "}`, string(got))
}

// FuzzValue holds the scanner to encoding/json.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x\u00e9\n"],"b":{"c":null}}`, ` [true,false] `, `{"a":}`, "\"\x01\"", `"\ud800"`, `[[[]]]`, `-0.0e-1`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tok, s, ok := scan(string(text))
		if s.Problem == TooDeep {
			return
		}
		require.Equal(t, json.Valid(text), ok)
		if !ok {
			require.LessOrEqual(t, s.Pos, len(text))
			return
		}
		value := text[tok.Start:tok.End]
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, value))
		require.Equal(t, compact.String(), string(AppendCompact(nil, value)))
		if tok.Kind == Object || tok.Kind == Array {
			require.Equal(t, compact.Len() < len(value), tok.Rough)
		}
		if tok.Kind == String && utf8.Valid(value) {
			var want string
			require.NoError(t, json.Unmarshal(value, &want))
			require.Equal(t, want, string(AppendString(nil, value[1:len(value)-1])))
			require.Equal(t, bytes.ContainsRune(value, '\\'), tok.Rough)
		}
	})
}
