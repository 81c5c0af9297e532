package generate

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/auditlake/auditlake/lazyregexp"
)

// emptyWords occur in any question, and say nothing about the events.
var emptyWords = set(`a about all an and any everything anything being generated generate someone somebody seen went go are as at be been by call called calls can could did do does done event events ever find for from get give had has have how i in into is it its
	let made make many me much my number occurred happened happen of on or our over per perform performed performs please query run see show some sort sorted tell that the their them
	there these they this those time times to us use used uses using want was we were what when where which who whom whose will with within within you your list display
	account's count counts total each every amount order ordered descending ascending listing grouped group made make makes activity log logs record records logged cloudtrail aws amazon
	resources resource touched values value date named name name's during came come call requests request issued across also been only lake store data-store find`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// ofIAM are users and the like. Every caller is one of IAM, so the word does not mean the service.
var ofIAM = lazyregexp.New(`\biam (users?|roles?|principals?|identit(?:y|ies))\b`)

var word = lazyregexp.New(`[a-z0-9]+(?:['._:/-][a-z0-9]+)*`)

// read understands what it can of a prompt.
func read(text string, now time.Time) *prompt {
	p := &prompt{text: text, lower: " " + strings.ToLower(strings.Join(strings.Fields(text), " ")) + " "}
	p.lower = corrected(p.lower)
	p.lower = ofIAM().ReplaceAllString(p.lower, "$1")
	p.countWords()
	p.readTags()
	p.readTimes(now)
	p.readExclusions()
	p.readLiterals()
	p.readOutcomes()
	p.readShape()
	p.readNames()
	p.readActions()
	p.readServices()
	p.readDimensions()
	p.tellLogins()
	return p
}

// countWords counts the words that say something.
func (p *prompt) countWords() {
	for _, w := range word().FindAllString(p.lower, -1) {
		if !emptyWords[w] {
			p.words++
		}
		if !emptyWords[w] && w[0] > '9' {
			p.names++
		}
	}
}

// says reports whether a word that says something is left.
func (p *prompt) says() bool {
	return slices.ContainsFunc(word().FindAllString(p.lower, -1), func(w string) bool { return !emptyWords[w] })
}

// take removes what a pattern finds, counts its words as understood, and returns the groups of the pattern; nil: it
// finds nothing.
func (p *prompt) take(what pattern) []string {
	at := what().FindStringSubmatchIndex(p.lower)
	if at == nil {
		return nil
	}
	groups := what().FindStringSubmatch(p.lower)
	p.drop(at[0], at[1])
	return groups
}

// drop removes a part of the prompt, and counts its words as understood.
func (p *prompt) drop(from, to int) {
	for _, w := range word().FindAllString(p.lower[from:to], -1) {
		if !emptyWords[w] {
			p.known++
		}
	}
	p.lower = p.lower[:from] + " " + p.lower[to:]
}

// where adds a condition.
func (p *prompt) where(condition string) {
	for _, c := range p.conditions {
		if c == condition {
			return
		}
	}
	p.conditions = append(p.conditions, condition)
}

// quoted is a text as SQL.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// asWritten returns a part of the prompt in the letter case that it was written in. It looks letter by letter: a
// letter may have as many bytes as its lower case has, or more, or fewer.
func (p *prompt) asWritten(lower string) string {
	for from := range p.text {
		if length := lengthOfLower(p.text[from:], lower); length > 0 {
			return p.text[from : from+length]
		}
	}
	return lower
}

// lengthOfLower returns how many bytes of a text become lower if they are written so; 0: the text does not begin with
// it.
func lengthOfLower(text, lower string) int {
	for at, letter := range text {
		if lower == "" {
			return at
		}
		rest, begins := strings.CutPrefix(lower, string(unicode.ToLower(letter)))
		if !begins {
			return 0
		}
		lower = rest
	}
	if lower != "" {
		return 0
	}
	return len(text)
}

// pattern is an expression that is compiled when it is first used: the program, which has many, starts without.
type pattern func() *regexp.Regexp

func compiledLater(text string) pattern { return lazyregexp.New(text) }

// phrase is a pattern that stands between words.
func phrase(text string) pattern { return compiledLater(`\b(?:` + text + `)\b`) }
