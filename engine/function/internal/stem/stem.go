// Package stem finds the stems of words by the Snowball rules of their language.
package stem

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// languages are those with a stemmer; the others of Snowball are refused.
var languages = map[string]func(string) string{"en": English, "de": german}

var otherLanguages = []string{"ca", "da", "es", "eu", "fi", "fr", "hu", "hy", "ir", "it", "lt", "nl", "no", "pt", "ro", "ru", "sv", "tr"}

// Word returns the stem of a word in the language of two letters.
func Word(word, language string) (string, error) {
	if stem, ok := languages[language]; ok {
		return stem(word), nil
	}
	if slices.Contains(otherLanguages, language) {
		return "", types.Errorf(types.NotSupported, types.Pos{}, "word_stem of language %s is not supported", language)
	}
	return "", types.ArgumentError("Unknown stemmer language: %s", language)
}

// stemming is a word whose suffixes are taken off. r1 and r2 are where its
// regions begin: after the first consonant that follows a vowel, and the same
// within r1.
type stemming struct {
	word   []rune
	vowels string
	r1, r2 int
}

func (s *stemming) isVowel(i int) bool { return strings.ContainsRune(s.vowels, s.word[i]) }

// region is where the region after from begins.
func (s *stemming) region(from int) int {
	for i := from + 1; i < len(s.word); i++ {
		if !s.isVowel(i) && s.isVowel(i-1) {
			return i + 1
		}
	}
	return len(s.word)
}

func (s *stemming) hasSuffix(suffix string) bool { return strings.HasSuffix(string(s.word), suffix) }

// longest is the longest of the word's suffixes among the given ones, "" for none.
func (s *stemming) longest(suffixes ...string) string {
	best := ""
	for _, suffix := range suffixes {
		if len(suffix) > len(best) && s.hasSuffix(suffix) {
			best = suffix
		}
	}
	return best
}

// cut takes n letters off the end.
func (s *stemming) cut(n int) { s.word = s.word[:len(s.word)-n] }

// within reports whether a suffix lies in a region.
func (s *stemming) within(region int, suffix string) bool {
	return len(s.word)-len([]rune(suffix)) >= region
}

// drop takes a suffix off if the word has it in a region.
func (s *stemming) drop(region int, suffix string) bool {
	if !s.hasSuffix(suffix) || !s.within(region, suffix) {
		return false
	}
	s.cut(len([]rune(suffix)))
	return true
}

// before is the letter before the last n ones, 0 for none.
func (s *stemming) before(n int) rune {
	if len(s.word) <= n {
		return 0
	}
	return s.word[len(s.word)-n-1]
}
