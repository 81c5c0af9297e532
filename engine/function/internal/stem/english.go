package stem

import (
	"slices"
	"strings"
)

const englishVowels = "aeiouy"

// englishExceptions stem by no rule.
var englishExceptions = map[string]string{
	"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "idly": "idl", "gently": "gentl",
	"ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl", "sky": "sky", "news": "news", "howe": "howe",
	"atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
}

// englishDone are done once the plural is off.
var englishDone = []string{"inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"}

// consonantY marks a y that is no vowel.
const consonantY = '\uE000'

// englishNotShort are the letters that end no short syllable.
const englishNotShort = "wx" + string(consonantY)

// English returns the stem of an English word.
func English(word string) string {
	const shortest = 3
	s := &stemming{word: []rune(word), vowels: englishVowels}
	if stem, ok := englishExceptions[word]; ok {
		return stem
	}
	if len(s.word) < shortest {
		return word
	}
	if s.word[0] == '\'' {
		s.word = s.word[1:]
	}
	for i, c := range s.word {
		if c == 'y' && (i == 0 || s.isVowel(i-1)) {
			s.word[i] = consonantY
		}
	}
	s.r1 = s.region(0)
	for _, prefix := range []string{"gener", "commun", "arsen"} {
		if strings.HasPrefix(string(s.word), prefix) {
			s.r1 = len(prefix)
		}
	}
	s.r2 = s.region(s.r1)
	s.englishPlural()
	if !slices.Contains(englishDone, string(s.word)) {
		s.englishPast()
		s.englishSuffixes()
	}
	return strings.ReplaceAll(string(s.word), string(consonantY), "y")
}

// hasVowel reports whether a vowel stands before the last n letters.
func (s *stemming) hasVowel(n int) bool {
	for i := range len(s.word) - n {
		if s.isVowel(i) {
			return true
		}
	}
	return false
}

// endsShort reports whether the word without its last n letters ends in a short
// syllable.
func (s *stemming) endsShort(n int) bool {
	end := len(s.word) - n
	if end == 2 {
		return s.isVowel(0) && !s.isVowel(1)
	}
	return end > 2 && !s.isVowel(end-1) && !strings.ContainsRune(englishNotShort, s.word[end-1]) && s.isVowel(end-2) && !s.isVowel(end-3)
}

func (s *stemming) englishPlural() {
	s.cut(len(s.longest("'", "'s", "'s'")))
	switch s.longest("sses", "ied", "ies", "s", "us", "ss") {
	case "sses":
		s.cut(2)
	case "ied", "ies":
		if len(s.word) > 4 {
			s.cut(2)
		} else {
			s.cut(1)
		}
	case "s":
		if s.hasVowel(2) {
			s.cut(1)
		}
	}
}

func (s *stemming) englishPast() {
	switch suffix := s.longest("eed", "eedly", "ed", "edly", "ing", "ingly"); suffix {
	case "":
	case "eed", "eedly":
		if s.within(s.r1, suffix) {
			s.cut(len(suffix) - 2)
		}
	default:
		if s.hasVowel(len(suffix)) {
			s.cut(len(suffix))
			s.englishRepair()
		}
	}
	if last := len(s.word) - 1; last > 1 && s.word[last] == 'y' && !s.isVowel(last-1) {
		s.word[last] = 'i'
	}
}

// englishRepair restores the end of a verb.
func (s *stemming) englishRepair() {
	switch {
	case s.longest("at", "bl", "iz") != "":
		s.word = append(s.word, 'e')
	case s.longest("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt") != "":
		if len(s.word) != 3 || !strings.ContainsRune("aeo", s.word[0]) { // add, egg, off
			s.cut(1)
		}
	case len(s.word) <= s.r1 && s.endsShort(0):
		s.word = append(s.word, 'e')
	}
}

// englishShorter are suffixes and what they become in r1.
var englishShorter = map[string]string{
	"tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "izer": "ize", "ization": "ize",
	"ational": "ate", "ation": "ate", "ator": "ate", "alism": "al", "aliti": "al", "alli": "al", "fulness": "ful",
	"ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive", "biliti": "ble", "bli": "ble", "ogi": "og",
	"fulli": "ful", "lessli": "less", "li": "",
}

var englishShorterStill = map[string]string{
	"tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic", "ful": "", "ness": "", "ative": "",
}

var englishLast = []string{"al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism", "ate", "iti",
	"ous", "ive", "ize", "ion"}

func (s *stemming) englishSuffixes() {
	if suffix := s.longestOf(englishShorter); s.within(s.r1, suffix) {
		switch {
		case suffix == "ogi" && s.before(3) != 'l', suffix == "li" && !strings.ContainsRune("cdeghkmnrt", s.before(2)):
		default:
			s.replace(suffix, englishShorter[suffix])
		}
	}
	if suffix := s.longestOf(englishShorterStill); s.within(s.r1, suffix) && (suffix != "ative" || s.within(s.r2, suffix)) {
		s.replace(suffix, englishShorterStill[suffix])
	}
	if suffix := s.longest(englishLast...); suffix != "" && s.within(s.r2, suffix) {
		if suffix != "ion" || s.before(3) == 's' || s.before(3) == 't' {
			s.cut(len(suffix))
		}
	}
	switch {
	case s.hasSuffix("e") && (s.within(s.r2, "e") || s.within(s.r1, "e") && !s.endsShort(1)):
		s.cut(1)
	case s.hasSuffix("ll") && s.within(s.r2, "l"):
		s.cut(1)
	}
}

func (s *stemming) longestOf(suffixes map[string]string) string {
	best := ""
	for suffix := range suffixes {
		if len(suffix) > len(best) && s.hasSuffix(suffix) {
			best = suffix
		}
	}
	return best
}

func (s *stemming) replace(suffix, by string) {
	s.cut(len(suffix))
	s.word = append(s.word, []rune(by)...)
}
