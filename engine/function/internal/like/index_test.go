package like

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The places of a piece are those of strings.Index, wherever it stands and whatever stands around it.
func TestIndexIsThatOfStrings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int, letters string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		return string(b)
	}
	for _, letters := range []string{"ab", "abc\x80\xff\x00", "-admin"} {
		found := 0
		for range 20_000 {
			wanted, in := text(1+random.IntN(6), letters), text(random.IntN(200), letters)
			piece := PlainPiece(wanted)
			require.Equal(t, strings.Index(in, wanted), piece.Index(in), "%q in %q", wanted, in)
			if len(wanted) > 1 {
				require.Equal(t, strings.Index(in, wanted), piece.indexPair(in), "%q in %q", wanted, in)
			}
			if strings.Contains(in, wanted) {
				found++
			}
		}
		require.Greater(t, found, 1000)
	}
	for n := range 40 { // alone at each place of a text without any of its bytes
		piece := PlainPiece("x-y")
		in := strings.Repeat("a", n) + "x-y" + strings.Repeat("a", 40-n)
		require.Equal(t, n, piece.indexPair(in))
		require.Equal(t, -1, piece.indexPair(in[:n+2]))
	}
}

func TestTwoRarest(t *testing.T) {
	for text, want := range map[string][2]int{"-admin": {3, 0}, "aee#Q": {3, 4}, `eQ"`: {1, 0}, "e~": {1, 0}, "aa": {0, 1}, "a": {}, "": {}} {
		rare, second := twoRarest(text)
		require.Equal(t, want, [2]int{rare, second}, text)
	}
}

func BenchmarkIndex(b *testing.B) {
	text := strings.Repeat(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::123456789012:assumed-role/deploy/i-0a1b2c3d4e"},`, 12)
	for _, wanted := range []string{"-admin", ":role/", "arn:aws:iam::", "\x01\x02"} {
		b.Run(wanted, func(b *testing.B) {
			piece := PlainPiece(wanted)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				piece.Index(text)
			}
		})
	}
}

// TestDiffering: a place is stopped at where both bytes are the wanted ones, and nowhere else.
func TestDiffering(t *testing.T) {
	for name, c := range map[string]struct {
		first, second byte
		isZero        bool
	}{
		"both": {'q', 'z', true}, "the first alone": {'q', 'y', false}, "the second alone": {'p', 'z', false}, "neither": {'s', 'x', false},
		"bits of the first": {'a', 'z', false}, "exchanged": {'z', 'q', false},
	} {
		t.Run(name, func(t *testing.T) {
			got := differing(uint64(c.first)*eachByte, 'q'*eachByte, uint64(c.second)*eachByte, 'z'*eachByte)
			for shift := range wordBytes {
				require.Equal(t, c.isZero, byte(got>>(8*shift)) == 0)
			}
		})
	}
}
