package generate

import (
	"strconv"
	"time"
)

var (
	numberWords = map[string]int{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
		"twelve": 12, "couple": 2, "fourteen": 14, "thirty": 30, "ninety": 90}

	between  = phrase(`(?:between|from) (\d{4}-\d{2}-\d{2}) (?:and|to|until|through) (\d{4}-\d{2}-\d{2})`)
	onDate   = phrase(`on (?:the )?(?:date |day )?(?:of )?(\d{4}-\d{2}-\d{2})`)
	since    = phrase(`(?:since|after|from|starting) (\d{4}-\d{2}-\d{2})`)
	before   = phrase(`(?:before|until|up to) (\d{4}-\d{2}-\d{2})`)
	anyDate  = phrase(`(\d{4}-\d{2}-\d{2})`)
	ofMonth  = phrase(`(?:in |during |of |for )?(january|february|march|april|may|june|july|august|september|october|november|december) (\d{4})`)
	lastSpan = phrase(`(?:in |over |for |during |within |of )?(?:the )?(?:past|last|previous|recent) (?:(\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|thirty|ninety|couple)(?: of)? )?(minute|hour|day|week|month|quarter|year)s?`)
	today    = phrase(`today|this day`)
	yester   = phrase(`yesterday`)
	thisSpan = phrase(`(?:this|current) (week|month|quarter|year)`)
)

// readTimes understands which time is meant: spans up to now, days, and what is between two.
func (p *prompt) readTimes(now time.Time) {
	day := func(text string, plus int) string {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return ""
		}
		return "timestamp '" + at.AddDate(0, 0, plus).Format(time.DateOnly) + " 00:00:00'"
	}
	span := func(from, to string) {
		if from != "" {
			p.where("eventtime >= " + from)
		}
		if to != "" {
			p.where("eventtime < " + to)
		}
	}
	on := func(at time.Time, days int) {
		text := at.Format(time.DateOnly)
		span(day(text, 0), day(text, days))
	}
	if g := p.take(between); g != nil {
		span(day(g[1], 0), day(g[2], 1))
	} else if g := p.take(onDate); g != nil {
		span(day(g[1], 0), day(g[1], 1))
	} else if g := p.take(since); g != nil {
		span(day(g[1], 0), "")
	} else if g := p.take(before); g != nil {
		span("", day(g[1], 0))
	} else if g := p.take(ofMonth); g != nil {
		if at, err := time.Parse("January 2006", g[1]+" "+g[2]); err == nil { // which knows months in any letter case
			span(day(at.Format(time.DateOnly), 0), day(at.AddDate(0, 1, 0).Format(time.DateOnly), 0))
		}
	} else if g := p.take(lastSpan); g != nil {
		count := numberWords[g[1]]
		if n, err := strconv.Atoi(g[1]); err == nil {
			count = min(n, 10_000)
		}
		unit := g[2]
		if unit == "quarter" {
			count, unit = max(count, 1)*3, "month"
		}
		p.where("eventtime >= date_add('" + unit + "', -" + strconv.Itoa(max(count, 1)) + ", now())")
	} else if p.take(today) != nil {
		on(now, 1)
	} else if p.take(yester) != nil {
		on(now.AddDate(0, 0, -1), 1)
	} else if g := p.take(thisSpan); g != nil {
		p.where("eventtime >= date_trunc('" + g[1] + "', now())")
	} else if g := p.take(anyDate); g != nil {
		span(day(g[1], 0), day(g[1], 1))
	}
}
