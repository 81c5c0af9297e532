package function

import "github.com/auditlake/auditlake/engine/batch"

// maxDistanceCells limits the work for a pair of long texts, which could run for minutes.
const maxDistanceCells = 1_000_000

func levenshtein(a, b string) (int64, error) {
	if batch.IsASCII(a) && batch.IsASCII(b) {
		return edits(viewBytes(a), viewBytes(b))
	}
	return edits([]rune(a), []rune(b))
}

// edits counts the bytes or code points to insert, delete or replace to turn one text into the other.
func edits[T byte | rune](left, right []T) (int64, error) {
	if len(left) == 0 {
		return int64(len(right)), nil
	}
	if len(left)*(len(right)-1) > maxDistanceCells {
		return 0, argumentError("The combined inputs size exceeded max Levenshtein distance input size, code points of a * code points of b must be less than or equal to %d", maxDistanceCells)
	}
	var short [64]int64 // most texts are short and need no allocation
	row := append(short[:0], make([]int64, len(right)+1)...)
	for j := range row {
		row[j] = int64(j)
	}
	for i, l := range left {
		diagonal := row[0]
		row[0] = int64(i + 1)
		for j, r := range right {
			cost := diagonal
			if l != r {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(right)], nil
}

func hamming(a, b string) (int64, error) {
	if batch.IsASCII(a) && batch.IsASCII(b) {
		return differing(viewBytes(a), viewBytes(b))
	}
	return differing([]rune(a), []rune(b))
}

// differing counts the positions at which two texts differ, by bytes or code points.
func differing[T byte | rune](left, right []T) (n int64, err error) {
	if len(left) != len(right) {
		return 0, argumentError("The input strings to hamming_distance function must have the same length")
	}
	for i := range left {
		if left[i] != right[i] {
			n++
		}
	}
	return n, nil
}
