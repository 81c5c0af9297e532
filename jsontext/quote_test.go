package jsontext_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/jsontext"
)

// BenchmarkAppendQuoted quotes values as events have them, among them JSON in text.
func BenchmarkAppendQuoted(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"short", "i-0abc"},
		{"name", "arn:aws:iam::123456789012:role/service-role/deployment"},
		{"json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			var out []byte
			for b.Loop() {
				out = jsontext.AppendQuoted(out[:0], c.text, jsontext.Canonical)
			}
		})
	}
}

// TestAppendQuotedByCharacter: a text is written as its characters are, whatever stands around them.
func TestAppendQuotedByCharacter(t *testing.T) {
	random := rand.New(rand.NewPCG(125, 126))
	characters := []string{"a", "Z", "0", " ", "\x7f", "\"", "\\", "\n", "\x00", "\x1f", "!", "é", "\u07ff", "\u0800", "日", "\ue000", "\uffff", "😀", "\xff", "plain text"}
	for range 5000 {
		text, want := "", []byte{'"'}
		for range random.IntN(24) {
			c := characters[min(random.IntN(len(characters)*3), len(characters)-1)] // mostly plain
			text += c
			quoted := jsontext.AppendQuoted(nil, c, jsontext.Canonical)
			want = append(want, quoted[1:len(quoted)-1]...)
		}
		require.Equal(t, string(want)+`"`, string(jsontext.AppendQuoted(nil, text, jsontext.Canonical)))
	}
}
