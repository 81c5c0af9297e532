package function

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/auditlake/auditlake/engine/batch"
)

func stringCodeFunctions() []Function {
	return []Function{
		scalar("soundex(varchar) -> varchar(4)", "Returns the code of how an English word sounds.", soundex),
		scalar("luhn_check(varchar) -> boolean", "Reports whether a number's digits pass the Luhn check.", unary(luhnCheck)),
	}
}

const soundexBytes = 4

// soundexDigits has the group of each letter; vowels and the like are 0.
const soundexDigits = "01230120022455012623010202"

var soundex = appendBindErr(eachTakes(soundexBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
	texts := columnOf[string](args[0])
	return func(dst []byte, i int) ([]byte, error) { return appendSoundex(dst, texts.at(i)) }
})

func appendSoundex(dst []byte, text string) ([]byte, error) {
	var room [64]byte
	letters := appendUpperLetters(room[:0], text)
	if len(letters) == 0 {
		return dst, nil
	}
	code := make([]byte, 0, soundexBytes)
	last := byte(0)
	for at, r := range string(letters) {
		if r < 'A' || r > 'Z' {
			return nil, argumentError("The character is not mapped: %c (index=%d)", r, r-'A')
		}
		digit := soundexDigits[r-'A']
		switch {
		case at == 0:
			code = append(code, byte(r))
		case len(code) == soundexBytes:
			return append(dst, code...), nil
		case r == 'H' || r == 'W': // letters of one group around these count once
			continue
		case digit != '0' && digit != last:
			code = append(code, digit)
		}
		last = digit
	}
	for len(code) < soundexBytes {
		code = append(code, '0')
	}
	return append(dst, code...), nil
}

// appendUpperLetters appends the letters of text in upper case. A letter may become several.
func appendUpperLetters(dst []byte, text string) []byte {
	if batch.IsASCII(text) {
		for _, c := range []byte(text) {
			if upper := c &^ caseBit; upper >= 'A' && upper <= 'Z' {
				dst = append(dst, upper)
			}
		}
		return dst
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
	return append(dst, cases.Upper(language.Und).String(letters)...)
}

func luhnCheck(text string) (bool, error) {
	sum := 0
	for i := range len(text) {
		digit := int(text[len(text)-1-i]) - '0'
		if digit < 0 || digit > 9 {
			return false, argumentError("Input contains non-digit character")
		}
		if i%2 == 1 {
			digit *= 2
			if digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return text != "" && sum%10 == 0, nil
}
