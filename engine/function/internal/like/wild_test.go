package like

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

func TestMatchWithWildcards(t *testing.T) {
	far := strings.Repeat("x", 40)
	for _, c := range []struct {
		name, pattern, escape, text string
		want                        bool
	}{
		{"in the middle", "%a_c%", "", "xxabcxx", true},
		{"no byte between", "%a_c%", "", "xxacxx", false},
		{"two bytes between", "%a_c%", "", "xxabbcxx", false},
		{"a code point of two bytes", "%a_c%", "", "xxaécxx", true},
		{"a code point of four bytes", "%a_c%", "", "xxa😀cxx", true},
		{"two code points", "%a_c%", "", "aéèc", false},
		{"a code point and its accent", "%a_c%", "", "ae\u0301c", false},
		{"a byte that is no UTF-8", "%a_c%", "", "a\xffc", true},
		{"two bytes that are no UTF-8", "%a_c%", "", "a\xc3\xc3c", false},
		{"a multi-byte letter of the piece", "%é_c%", "", "aébc", true},
		{"a multi-byte letter behind", "%a_é%", "", "abéd", true},
		{"another letter with the same last byte", "%_\u0129%", "", "a\u00e9", false},
		{"far within the text", "%a_c%", "", far + "abc" + far, true},
		{"far, of several bytes", "%a_c%", "", far + "aéc" + far, true},
		{"at the end of a text", "%a_c%", "", far + "abc", true},
		{"cut off at the end", "%a_c%", "", far + "ab", false},
		{"a candidate within a candidate", "%aa_a%", "", "xaaaba", true},
		{"candidates that overlap", "%ab_b%", "", "abbababb", true},
		{"only the second candidate", "%a_c%", "", "abdabc", true},
		{"many candidates in vain", "%a_a_b%", "", strings.Repeat("a", 60), false},
		{"at the begin of a piece", "%_bc%", "", "abc", true},
		{"nothing before", "%_bc%", "", "bc", false},
		{"several bytes before", "%_bc%", "", "ébc", true},
		{"at the begin, later", "%_bc%", "", "bcbc", true},
		{"too few code points before", "%___bc%", "", "éébc", false},
		{"at the end of a piece", "%ab_%", "", "xabc", true},
		{"nothing behind", "%ab_%", "", "xab", false},
		{"several bytes behind", "%ab_%", "", "xabé", true},
		{"too few code points behind", "%ab___%", "", "abéé", false},
		{"at both ends", "%_b_%", "", "ébé", true},
		{"alone", "%_%", "", "", false},
		{"alone, and enough", "%__%", "", "éa", true},
		{"alone, and too few", "%___%", "", "éa", false},
		{"two pieces", "%a_c%d_f%", "", "abcdef", true},
		{"two pieces that would overlap", "%a_c%c_e%", "", "abcde", false},
		{"two pieces in the other order", "%d_f%a_c%", "", "abcdef", false},
		{"a piece behind one of several bytes", "%a_c%d_f%", "", "aécdéf", true},
		{"an end that would overlap", "%a_c%cd", "", "abcd", false},
		{"a begin with a wildcard", "a_c%e_g%", "", "aécdeéghi", true},
		{"an end with a wildcard", "%a_c%_g", "", "abcég", true},
		{"an escaped wildcard", "%a!_c%", "!", "abc", false},
		{"an escaped wildcard itself", "%a!_c%", "!", "xa_c", true},
		{"an escaped wildcard beside one", "%a!__c%", "!", "xa_bc", true},
		{"a wildcard beside an escaped one", "%a_!_c%", "!", "xaé_c", true},
		{"an escaped percent sign", "%a_!%%", "!", "xab%", true},
		{"an escaped escape", "%a_!!c%", "!", "xab!c", true},
		{"an escape of several bytes", "%aé__%", "é", "xa_b", true},
		{"the error rune of a pattern", "%a_\ufffd%", "", "ab\xff", true},
		{"another letter than the error rune", "%a_\ufffd%", "", "abc", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Compile(c.pattern, c.escape)
			require.NoError(t, err)
			require.Equal(t, c.want, m.Match(nil, c.text))
		})
	}
}

// TestFindWithWildcards compares searches with looking at each code point.
func TestFindWithWildcards(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	random := rand.New(rand.NewPCG(91, 92))
	some := func(letters []string, longest int) string {
		var b strings.Builder
		for range random.IntN(longest + 1) {
			b.WriteString(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for name, letters := range map[string][]string{
		"of one byte":          {"a", "b", "c", "-"},
		"of several bytes":     {"a", "b", "é", "\u0129", "😀"},
		"that are not UTF-8":   {"a", "é", "\xc3", "\xa9", "\xff", "\ufffd", "\xf0\x9f"},
		"mostly of the letter": {"a", "a", "a", "a", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			found := 0
			for range 30_000 {
				pattern := some(append([]string{"_", "_"}, letters...), 5)
				m, err := Compile("%"+pattern+"_"+some(letters, 3)+"%", "")
				require.NoError(t, err)
				piece, text := m.Pieces[0], some(letters, 30)
				wantEnd, want := piece.findByRune(nil, text)
				end, ok := piece.find(nil, text)
				require.Equal(t, want, ok, "%q in %q", pattern, text)
				if ok {
					require.Equal(t, wantEnd, end, "%q in %q", pattern, text)
					found++
				}
			}
			require.Greater(t, found, 3000)
		})
	}
}

// TestSearchedText checks by which text a piece is searched for, and what a text must hold.
func TestSearchedText(t *testing.T) {
	for _, c := range []struct{ pattern, plain, before, after string }{
		{"a_c", "c", "a_", ""},
		{"c_a", "c", "", "_a"},
		{"ab_#", "ab", "", "_#"},
		{"_é_b", "é", "_", "_b"},
		{"__", "", "", ""},
	} {
		m, err := Compile("%"+c.pattern+"%", "")
		require.NoError(t, err)
		p := m.Pieces[0]
		shown := func(runes []rune) string { return strings.ReplaceAll(string(runes), "\ufffd", "_") }
		require.Equal(t, c.plain, p.Plain, c.pattern)
		require.Equal(t, c.before, shown(p.wild.before), c.pattern)
		require.Equal(t, c.after, shown(p.wild.after), c.pattern)
		texts, contains := m.PlainTexts()
		require.Equal(t, strings.FieldsFunc(c.pattern, func(r rune) bool { return r == '_' }), append([]string{}, texts...), c.pattern)
		require.False(t, contains)
	}
}

// Searches end with their statement, whichever letters they meet.
func TestWildcardsStop(t *testing.T) {
	pool := memory.NewPool(1 << 30)
	account := pool.Account("test")
	defer account.Close()
	meter := account.Meter(1 << 30)
	defer meter.Close()
	stopped := errors.New("stopped")
	pool.Stop(stopped)
	for name, text := range map[string]string{"of one byte": "aaaaaaaaaaaaaaaaaaaa", "of several bytes": "éaaaaaaaaaaaaaaaaaaa"} {
		m, err := Compile("%a_b%", "")
		require.NoError(t, err)
		var failure error
		func() {
			defer batch.Recover(&failure)
			m.Match(meter, strings.Repeat(text, 10)+"acb")
		}()
		require.ErrorIs(t, failure, stopped, name)
	}
}
