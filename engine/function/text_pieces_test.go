package function

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// longTexts are texts of several pieces: letters and marks that join over the ends of pieces, runs of marks longer than
// a piece, bytes that are no UTF-8.
func longTexts() []string {
	random := rand.New(rand.NewPCG(9, 10))
	parts := []string{"a", "e\u0301", "\u0301", "\u0323\u0301", "\u1100\u1161\u11a8", "\u1161", "\ufdfa", "\u212b", "\u0345", "\U0001d15e", "\xff", "\xe2\x80", "İ", "\xf0\x9f\x98\x80"}
	texts := []string{strings.Repeat("a\u0301", pieceBytes), strings.Repeat("\u0301", pieceBytes), strings.Repeat("\x80", 3*pieceBytes+1), "a" + strings.Repeat("\u0323", 2*pieceBytes) + "b"}
	for range 6 {
		var b strings.Builder
		for b.Len() < 3*pieceBytes {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		texts = append(texts, b.String())
	}
	return texts
}

// TestPiecesOfTexts compares with the same functions over whole texts.
func TestPiecesOfTexts(t *testing.T) {
	forms := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}
	for i, text := range longTexts() {
		for name, form := range forms {
			got, err := normalizeText(&Env{}, text, name)
			require.NoError(t, err)
			require.True(t, form.String(text) == got, "%s of text %d", name, i)
		}
		for _, c := range []*textCase{lowerCase, upperCase} {
			got, err := c.ofLong(&Env{}, text)
			require.NoError(t, err)
			require.True(t, c.of(text) == got, i)
		}
		letters, err := newTranslation(&Env{}, "ae\u0301", "x")
		require.NoError(t, err)
		translated, err := letters.append(&Env{}, nil, text)
		got := string(translated)
		require.NoError(t, err)
		want := strings.Map(func(r rune) rune {
			switch r {
			case 'a':
				return 'x'
			case 'e', 0x301:
				return -1
			}
			return r
		}, text)
		require.True(t, want == got, i)
	}
}

// TestPiecesEndWithTheStatement stops a statement at a piece, and gives another too little memory.
func TestPiecesEndWithTheStatement(t *testing.T) {
	text := strings.Repeat("x", 10*pieceBytes)
	pool := memory.NewPool(1 << 30)
	env := (&Env{Memory: pool.Account("test")}).Metered()
	defer env.Close()
	pieces := 0
	_, err := inPieces(env, text, endOfCodePoints, func(piece string) string {
		if pieces++; pieces == 3 {
			pool.Stop(context.Canceled)
		}
		return piece
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, pieces)

	small := (&Env{Memory: memory.NewPool(4 * pieceBytes).Account("test")}).Metered()
	defer small.Close()
	_, err = normalizeText(small, text, "NFKD")
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
	require.Zero(t, small.Held())

	limited := &Env{Memory: memory.NewPool(1 << 30).Account("test"), Limits: memory.Limits{MaxValueBytes: 4 * pieceBytes}}
	limited = limited.Metered()
	defer limited.Close()
	_, err = mapCodePoints(limited, text, unicode.ToUpper)
	require.Equal(t, types.ExceededFunctionMemory, types.ErrorName(err))

	stopped := memory.NewPool(1 << 30)
	stopped.Stop(context.Canceled)
	ended := (&Env{Memory: stopped.Account("test")}).Metered()
	defer ended.Close()
	for _, n := range []int64{5, -5} {
		_, err = positionOfNth(ended, text, "x", n)
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err = newTranslation(ended, "x", "y")
	require.ErrorIs(t, err, context.Canceled)
}
