package batch_test

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestTextWord: words are in the order of the texts, as far as they tell them apart.
func TestTextWord(t *testing.T) {
	texts := []string{"", "\x00", "\x00\x00", "a", "a\x00", "ab", "abcdefg", "abcdefgh", "abcdefgha", "abcdefgi", "b", "\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"}
	for _, a := range texts {
		for _, b := range texts {
			if order := cmp.Compare(batch.TextWord([]byte(a)), batch.TextWord([]byte(b))); order != 0 {
				require.Equal(t, cmp.Compare(a, b), order, "%q, %q", a, b)
			}
		}
	}
	require.Less(t, batch.TextWord([]byte("ab")), batch.TextWord([]byte("b")))
	require.Less(t, batch.TextWord([]byte("abcdefgh")), batch.TextWord([]byte("abcdefgi")))
}

// TestTextWordAt: the word of a text among others is that of the text alone.
func TestTextWordAt(t *testing.T) {
	data := []byte("\x00a\xff\xfebcdefghijklmnop")
	for lo := range data {
		for hi := lo; hi <= len(data); hi++ {
			require.Equal(t, batch.TextWord(data[lo:hi]), batch.TextWordAt(data, int32(lo), int32(hi)), "%d to %d", lo, hi)
		}
	}
}
