package generate

import (
	"slices"

	"github.com/auditlake/auditlake/lazyregexp"
)

const (
	maxExclusions    = 3
	maxExcludedWords = 20
)

var (
	// leavesOut says that what follows is left out, whatever is asked for. "Of services other than" is a part of it,
	// no wish to see services.
	leavesOut = phrase(`(?:(?:of|in|by|from|to) (?:all |any )?(?:services|regions|users|accounts|addresses) )?(?:except(?:ing)?(?: for)?|excluding|exclude|other than|apart from|aside from|but not)`)
	// eventsNot are events that something does not hold for. Of users or buckets it would ask for those without any
	// such event, which is another question.
	eventsNot = phrase(`(?:events?|calls?|requests?|log-?ins?|sign-?ins?|attempts?|changes|errors?|failures)(?: (?:that|which))?` +
		`((?: (?:are|is|were|was|did|do|does|had|have))? not(?: been)?| (?:aren't|isn't|weren't|wasn't|didn't|don't|doesn't|haven't|hadn't)(?: been)?)`)
	// goesOn ends a text that belongs to what follows it.
	goesOn = lazyregexp.New(`\b(?:and|or|nor)$`)
)

// readExclusions understands what is left out. What is not surely one condition stays in the prompt, and its words
// make the prompt one that is refused.
func (p *prompt) readExclusions() {
	for range maxExclusions {
		from, to := p.negator()
		if to == 0 {
			return
		}
		condition, length := p.excluded(p.lower[to:])
		if length == 0 {
			return
		}
		p.drop(from, to+length)
		p.exclusions = append(p.exclusions, condition)
	}
}

// negator returns where the words stand that leave out what follows; 0, 0: there are none.
func (p *prompt) negator() (from, to int) {
	if at := leavesOut().FindStringIndex(p.lower); at != nil {
		return at[0], at[1]
	}
	if at := eventsNot().FindStringSubmatchIndex(p.lower); at != nil {
		return at[2], at[3]
	}
	return 0, 0
}

// excluded returns the condition of the first words of a text, and their length in bytes. It returns "", 0 if its
// words are not all understood, or if another condition follows in it, which may or may not be left out, too.
func (p *prompt) excluded(text string) (condition string, length int) {
	if len(p.conditionsOf(text).conditions) != 1 {
		return "", 0
	}
	words := word().FindAllStringIndex(text, maxExcludedWords)
	for i, at := range slices.Backward(words) {
		part := p.conditionsOf(text[:at[1]])
		if len(part.conditions) != 1 || part.says() || part.splitsRead {
			continue
		}
		if next := words[min(i+1, len(words)-1)]; goesOn().MatchString(text[:at[1]]) || goesOn().MatchString(text[:next[1]]) {
			return "", 0
		}
		return part.conditions[0], at[1]
	}
	return "", 0
}

// conditionsOf reads conditions alone of a part of the prompt.
func (p *prompt) conditionsOf(text string) *prompt {
	part := &prompt{text: p.text, lower: " " + text + " "}
	part.readLiterals()
	part.readOutcomes()
	part.readNames()
	part.readActions()
	part.readServices()
	return part
}
