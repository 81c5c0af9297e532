package like

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLikePieceIndex compares with strings.Index.
func TestLikePieceIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(81, 82))
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(`aeQ"#`[random.IntN(5)])
		}
		return b.String()
	}
	found := 0
	for range 20_000 {
		in, of := text(random.IntN(60)), text(random.IntN(5))
		if random.IntN(3) == 0 {
			in = strings.Repeat("Q", random.IntN(300)) + in
		}
		p := PlainPiece(of)
		want := strings.Index(in, of)
		require.Equal(t, want, p.Index(in), "%q in %q", of, in)
		if want >= 0 {
			found++
		}
	}
	require.Greater(t, found, 3000)
	require.Equal(t, 3, rarest(`aee#Q`))
	require.Equal(t, 1, rarest(`eQ"`))
}

// TestLikeAnyCase compares with a search of the text in the piece's case.
func TestLikeAnyCase(t *testing.T) {
	random := rand.New(rand.NewPCG(83, 84))
	text := func(n int, letters string) string {
		var b strings.Builder
		for range n {
			b.WriteByte(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	found := 0
	for round := range 20_000 {
		in, of := text(random.IntN(60), "aAbB@`[{\x01!\xc3\xa9"), text(1+random.IntN(4), "ab@`[{\x01!")
		p, inCase := AnyCasePiece(of), strings.NewReplacer("A", "a", "B", "b").Replace(in)
		if round%2 == 0 {
			of = strings.ToUpper(of)
			p, inCase = AnyCasePiece(of), strings.NewReplacer("a", "A", "b", "B").Replace(in)
		}
		want := strings.Index(inCase, of)
		require.Equal(t, want, p.Index(in), "%q in %q", of, in)
		if want >= 0 {
			found++
		}
	}
	require.Greater(t, found, 3000)
}
