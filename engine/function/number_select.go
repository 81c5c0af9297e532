package function

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// numberWords returns a word for each value; words sort as the values do, with NaN first and 0.0 equal to -0.0. by
// divides the work.
func numberWords(values arrow.Array, by batch.Divide) []uint64 {
	number := numberReader(values)
	words := make([]uint64, values.Len())
	by.Rows(len(words), func(_, from, to int) {
		for row := from; row < to; row++ {
			words[row] = numberWord(number(int32(row)))
		}
	})
	return words
}

func numberWord(v float64) uint64 {
	switch {
	case v > 0:
		return math.Float64bits(v) | 1<<63
	case v < 0:
		return ^math.Float64bits(v)
	case v == 0:
		return 1 << 63
	}
	return 0
}

const (
	// Up to fewCandidates candidates are sorted; of more, those that cannot be the result are dropped first.
	fewCandidates = 64
	// firstDigitBits is the width of the first digit, by which candidates are selected; later digits have fewer
	// bits.
	firstDigitBits, digitBits = 11, 8
)

// wordsInOrder finds the word at a position of the sorted words; equal words keep their order.
type wordsInOrder struct {
	words []uint64
	// shift is where the first digit begins: words do not differ in the bits before it. numbers counts the words by
	// first digit. Neither is set for at most fewCandidates words.
	shift   int
	numbers [1 << firstDigitBits]int
}

// set replaces the words of o.
func (o *wordsInOrder) set(words []uint64) {
	o.words = words
	if len(words) <= fewCandidates {
		return
	}
	differing := uint64(0)
	for _, w := range words {
		differing |= w ^ words[0]
	}
	o.shift = max(0, bits.Len64(differing)-firstDigitBits)
	clear(o.numbers[:])
	for _, w := range words {
		o.numbers[w>>o.shift%uint64(len(o.numbers))]++
	}
}

// nth returns the index of the word at position n of the sorted words.
func (o *wordsInOrder) nth(n int) int {
	words, shift := o.words, o.shift
	candidates, n := o.firstCandidates(n)
	for shift > 0 && len(candidates) > fewCandidates {
		width := min(shift, digitBits)
		shift -= width
		mask := uint64(1)<<width - 1
		var numbers [1 << digitBits]int
		for _, i := range candidates {
			numbers[words[i]>>shift&mask]++
		}
		var digit uint64
		digit, n = digitAt(numbers[:], n)
		if numbers[digit] < len(candidates) {
			candidates = slices.DeleteFunc(candidates, func(i int32) bool { return words[i]>>shift&mask != digit })
		}
	}
	if len(candidates) > fewCandidates { // their words are equal
		return int(candidates[n])
	}
	slices.SortStableFunc(candidates, func(a, b int32) int { return cmp.Compare(words[a], words[b]) })
	return int(candidates[n])
}

// firstCandidates returns the indexes of the words that include the one at position n, and its position among them.
func (o *wordsInOrder) firstCandidates(n int) ([]int32, int) {
	if len(o.words) <= fewCandidates {
		all := make([]int32, len(o.words))
		for i := range all {
			all[i] = int32(i)
		}
		return all, n
	}
	digit, n := digitAt(o.numbers[:], n)
	candidates := make([]int32, o.numbers[digit]+1) // one more, for writes that do not count
	at := 0
	for i, w := range o.words {
		candidates[at] = int32(i)
		if w>>o.shift%uint64(len(o.numbers)) == digit {
			at++
		}
	}
	return candidates[:at], n
}

// digitAt returns the digit of the word at position n, and its position among the words with that digit. numbers
// counts the words by digit.
func digitAt(numbers []int, n int) (uint64, int) {
	for digit, number := range numbers {
		if n < number {
			return uint64(digit), n
		}
		n -= number
	}
	panic("function: a place after the last")
}
