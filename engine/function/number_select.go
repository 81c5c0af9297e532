package function

import (
	"cmp"
	"math"
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

// fewCandidates are sorted; of more, those that cannot be wanted are left out first.
const fewCandidates = 64

// nthOf returns which of words stands at place n when they are sorted, equal ones in the order in which they are.
func nthOf(words []uint64, n int) int {
	candidates := make([]int32, len(words))
	for i := range candidates {
		candidates[i] = int32(i)
	}
	for shift := 56; shift >= 0 && len(candidates) > fewCandidates; shift -= 8 {
		var numbers [256]int
		for _, i := range candidates {
			numbers[byte(words[i]>>shift)]++
		}
		digit := 0
		for ; n >= numbers[digit]; digit++ {
			n -= numbers[digit]
		}
		if numbers[digit] < len(candidates) {
			candidates = slices.DeleteFunc(candidates, func(i int32) bool { return int(byte(words[i]>>shift)) != digit })
		}
	}
	slices.SortStableFunc(candidates, func(a, b int32) int { return cmp.Compare(words[a], words[b]) })
	return int(candidates[n])
}
