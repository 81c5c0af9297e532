package stem

import "strings"

const germanVowels = "aeiouyäöü"

// germanSpelling replaces ae, oe and ue by umlauts, except after q, and ß by ss.
var germanSpelling = strings.NewReplacer("ß", "ss", "qu", "qu", "ae", "ä", "oe", "ö", "ue", "ü")

func german(word string) string {
	s := &stemming{word: []rune(word), vowels: germanVowels}
	for i := 1; i+1 < len(s.word); i++ {
		if c := s.word[i]; (c == 'u' || c == 'y') && s.isVowel(i-1) && s.isVowel(i+1) {
			s.word[i] = c - 'a' + 'A' // a consonant here
		}
	}
	s.word = []rune(germanSpelling.Replace(string(s.word)))
	s.r1 = s.region(0)
	s.r2 = s.region(s.r1)
	s.r1 = max(3, s.r1)
	s.germanEndings()
	s.germanDerivations()
	return strings.NewReplacer("U", "u", "Y", "y", "ä", "a", "ö", "o", "ü", "u").Replace(string(s.word))
}

// germanEndings takes off what declines and compares.
func (s *stemming) germanEndings() {
	switch suffix := s.longest("em", "ern", "er", "e", "en", "es", "s"); {
	case suffix == "" || !s.within(s.r1, suffix) || s.hasSuffix("system"):
	case suffix == "s":
		if strings.ContainsRune("bdfghklmnrt", s.before(1)) {
			s.cut(1)
		}
	default:
		s.cut(len(suffix))
		if suffix[0] == 'e' && (suffix == "e" || suffix == "en" || suffix == "es") && s.hasSuffix("niss") {
			s.cut(1)
		}
	}
	switch suffix := s.longest("en", "er", "est", "st"); {
	case suffix == "" || !s.within(s.r1, suffix):
	case suffix == "st":
		if len(s.word) >= 6 && strings.ContainsRune("bdfghklmnt", s.before(2)) {
			s.cut(2)
		}
	default:
		s.cut(len(suffix))
	}
}

// germanDerivations removes suffixes that derive words from others.
func (s *stemming) germanDerivations() {
	suffix := s.longest("end", "ung", "ig", "ik", "isch", "lich", "heit", "keit")
	if suffix == "" || !s.within(s.r2, suffix) {
		return
	}
	switch suffix {
	case "end", "ung":
		s.cut(len(suffix))
		if s.hasSuffix("ig") && s.before(2) != 'e' {
			s.drop(s.r2, "ig")
		}
	case "ig", "ik", "isch":
		if s.before(len(suffix)) != 'e' {
			s.cut(len(suffix))
		}
	case "lich", "heit":
		s.cut(len(suffix))
		if !s.drop(s.r1, "er") {
			s.drop(s.r1, "en")
		}
	case "keit":
		s.cut(len(suffix))
		if !s.drop(s.r2, "lich") {
			s.drop(s.r2, "ig")
		}
	}
}
