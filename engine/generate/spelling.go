package generate

import "strings"

// correctable are words of prompts that are recognised with a letter wrong, missing, too many or in its neighbour's
// place. All are so long that no other word is as near.
var correctable = strings.Fields(`throttled throttling attempts attempt failed failure failures denied refused unauthorized requests request actions action services service regions
	region accounts account buckets bucket console events errors error number count users addresses address policies policy security groups instances instance created deleted
	changed launched terminated assumed lambda dynamodb cloudformation organizations yesterday january february september october november december outside different distinct`)

// minCorrected is how many letters a word has at least that is corrected.
const minCorrected = 5

// announces are words that a name may follow.
var announces = set("user users username bucket named called by did does tag stack and or")

// corrected returns a prompt with misspelt words replaced by the known words nearest to them. Names stay: words
// after those that announce a name, and words with other characters than letters.
func corrected(lower string) string {
	words := strings.Split(lower, " ")
	for i, w := range words {
		bare := strings.TrimRight(w, ".,;:?!")
		announced := i > 0 && announces[words[i-1]]
		if len(bare) < minCorrected || announced || emptyWords[bare] || strings.Trim(bare, "abcdefghijklmnopqrstuvwxyz") != "" {
			continue
		}
		if known := nearest(bare); known != "" {
			words[i] = known + w[len(bare):]
		}
	}
	return strings.Join(words, " ")
}

// nearest returns the only correctable word that differs from word by one slip; "": there is none, or several, or
// word is correctable itself.
func nearest(word string) (found string) {
	for _, known := range correctable {
		if known == word {
			return ""
		}
		if !isOneSlip(word, known) {
			continue
		}
		if found != "" {
			return ""
		}
		found = known
	}
	return found
}

// isOneSlip reports whether two words differ in one letter that is wrong, missing or too many, or in two neighbours
// that changed places. A difference in the last letter is none: it may be another form of the word.
func isOneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	at := 0
	for at < len(a) && a[at] == b[at] {
		at++
	}
	if at >= len(b)-1 {
		return false
	}
	restA, restB := a[at:], b[at:]
	if len(a) < len(b) {
		return restA == restB[1:]
	}
	return restA[1:] == restB[1:] || restA[0] == restB[1] && restA[1] == restB[0] && restA[2:] == restB[2:]
}
