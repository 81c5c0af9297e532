package function

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
)

// numberWords returns a word for each value, which order as the values do: NaN first, and 0.0 is -0.0.
func numberWords(values arrow.Array) []uint64 {
	number := numberReader(values)
	words := make([]uint64, values.Len())
	for row := range words {
		switch v := number(int32(row)); {
		case v > 0:
			words[row] = math.Float64bits(v) | 1<<63
		case v < 0:
			words[row] = ^math.Float64bits(v)
		case v == 0:
			words[row] = 1 << 63
		}
	}
	return words
}

const (
	// fewCandidates are sorted; of more, those that cannot be wanted are left out first.
	fewCandidates = 64
	// firstDigitBits are those by which candidates are picked out of all, later digits have fewer.
	firstDigitBits, digitBits = 11, 8
)

// nthOf returns which of words stands at place n when they are sorted, equal ones in the order in which they are.
func nthOf(words []uint64, n int) int {
	differing := uint64(0)
	for _, w := range words {
		differing |= w ^ words[0]
	}
	shift := max(0, bits.Len64(differing)-firstDigitBits)
	candidates, n := firstCandidates(words, shift, n)
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
	if len(candidates) > fewCandidates { // whose words are equal
		return int(candidates[n])
	}
	slices.SortStableFunc(candidates, func(a, b int32) int { return cmp.Compare(words[a], words[b]) })
	return int(candidates[n])
}

// firstCandidates returns the places of the words among which the one at place n is, and its place among them. Words do not differ in the
// bits before the first digit.
func firstCandidates(words []uint64, shift, n int) ([]int32, int) {
	if len(words) <= fewCandidates {
		all := make([]int32, len(words))
		for i := range all {
			all[i] = int32(i)
		}
		return all, n
	}
	const mask = 1<<firstDigitBits - 1
	var numbers [1 << firstDigitBits]int
	for _, w := range words {
		numbers[w>>shift&mask]++
	}
	digit, n := digitAt(numbers[:], n)
	candidates := make([]int32, 0, numbers[digit])
	for i, w := range words {
		if w>>shift&mask == digit {
			candidates = append(candidates, int32(i))
		}
	}
	return candidates, n
}

// digitAt returns the digit of what stands at place n, of which numbers says how many have each, and its place among those that have it.
func digitAt(numbers []int, n int) (uint64, int) {
	for digit, number := range numbers {
		if n < number {
			return uint64(digit), n
		}
		n -= number
	}
	panic("function: a place after the last")
}
