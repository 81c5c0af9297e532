package gen

import (
	"math/bits"
	"sort"
)

// random is a SplitMix64 generator: small, fast, and the same on every platform and Go release, so that a seed
// always makes the same bytes.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number in [0, n).
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// chance is true in permille of 1000 cases.
func (r *random) chance(permille int) bool { return r.below(1000) < permille }

// pick is one entry of a list, all equally likely.
func pick[T any](r *random, list []T) T { return list[r.below(len(list))] }

// weights chooses an index by integer weights.
type weights struct{ sums []int }

func newWeights(n int, weight func(i int) int) weights {
	sums, sum := make([]int, n), 0
	for i := range sums {
		sum += weight(i)
		sums[i] = sum
	}
	return weights{sums}
}

// zipf weighs index i as 1/(i+1): few entries are common, most are rare.
func zipf(n int) weights {
	return newWeights(n, func(i int) int { return 1 + 1_000_000/(i+1) })
}

func (w weights) total() int { return w.sums[len(w.sums)-1] }

// at is the index whose share of [0, total) holds x.
func (w weights) at(x int) int {
	return sort.SearchInts(w.sums, x+1)
}

func (w weights) pick(r *random) int { return w.at(r.below(w.total())) }

const (
	hexDigits    = "0123456789abcdef"
	base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base36Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// digits appends n random digits of an alphabet.
func (r *random) digits(b []byte, alphabet string, n int) []byte {
	size := uint64(len(alphabet))
	for n > 0 {
		x := r.next()
		for i := 0; i < 8 && n > 0; i, n = i+1, n-1 {
			b = append(b, alphabet[(x&0xff)*size>>8])
			x >>= 8
		}
	}
	return b
}

// uuid appends a version 4 UUID.
func (r *random) uuid(b []byte) []byte {
	hi := r.next()&^0xf000 | 0x4000
	lo := r.next()&^(0xc<<60) | 0x8<<60
	for i := 0; i < 32; i++ {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		half := hi
		if i >= 16 {
			half = lo
		}
		b = append(b, hexDigits[half>>(60-4*(i&15))&15])
	}
	return b
}
