package orc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDictionaryIsSortedByBytes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(71, 72))
	random := func(n int, text func() string) (list []string) {
		for range n {
			list = append(list, text())
		}
		return list
	}
	letters := func(alphabet string, max int) func() string {
		return func() string {
			var b strings.Builder
			for range rnd.IntN(max) {
				b.WriteByte(alphabet[rnd.IntN(len(alphabet))])
			}
			return b.String()
		}
	}
	long := strings.Repeat("a", 1000)
	for _, c := range []struct {
		name  string
		texts []string
	}{
		{"none", nil},
		{"one", []string{"a"}},
		{"numbers", random(5000, func() string { return fmt.Sprint(rnd.IntN(100_000)) })},
		{"zeros at the end", random(500, letters("\x00\x00\x00a", 20))},
		{"all bytes", random(2000, letters("\x00\x7f\x80\xffab", 30))},
		{"a prefix in common", random(3000, func() string { return "arn:aws:iam::111122223333:role/" + letters("abc", 12)() })},
		{"each begins the next", random(900, func() string { return long[:rnd.IntN(len(long))] })},
		{"differing behind long prefixes", random(300, func() string { return long + letters("xy", 40)() + long })},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newTextDictionary()
			for _, text := range c.texts {
				require.Equal(t, text, string(d.text(d.number([]byte(text)))))
			}
			var sorted []string
			for _, s := range d.sorted() {
				sorted = append(sorted, string(d.text(s.code)))
			}
			want := slices.Clone(c.texts)
			slices.Sort(want)
			require.Equal(t, slices.Compact(want), sorted)
		})
	}
}

func TestPackBits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(73, 74))
	for _, width := range []int{1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 24, 26, 40, 64} {
		for _, n := range []int{1, 2, 3, 7, 8, 9, 100} {
			values := make([]uint64, n)
			var bits strings.Builder
			for i := range values {
				values[i] = rnd.Uint64() >> (64 - width)
				fmt.Fprintf(&bits, "%0*b", width, values[i])
			}
			var packed strings.Builder
			for _, b := range packBits(nil, values, width) {
				fmt.Fprintf(&packed, "%08b", b)
			}
			want := bits.String()
			require.Equal(t, want+strings.Repeat("0", len(packed.String())-len(want)), packed.String(), "%d values of %d bits", n, width)
			require.Less(t, len(packed.String())-len(want), 8)
		}
	}
}
