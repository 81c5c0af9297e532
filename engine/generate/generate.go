// Package generate makes statements of questions in English. It looks for what it knows of a store's events (times,
// services, actions, outcomes, who and where) and fills them into a statement. Otherwise it takes the library's
// most similar question. It refuses what is not a question about the events of a store.
package generate

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/samples"
)

// ErrNotUnderstood means that a prompt is not about the events of a store.
var ErrNotUnderstood = errors.New("the prompt is not a question about the events of a store; say what to count or to list")

// minRelevance is how relevant a question of the library must be to a prompt that is not understood otherwise.
const minRelevance = 0.55

// minKnown is which part of a prompt's words must be understood.
const minKnown = 0.6

// Statement makes a statement over a store, as statements name it, of a prompt. now is the instant from which the
// prompt's times count.
func Statement(prompt, store string, now time.Time) (string, error) {
	if !utf8.ValidString(prompt) {
		return "", ErrNotUnderstood // no statement could tell the names in it
	}
	p := read(prompt, now)
	if howTo().MatchString(p.lower) {
		return "", ErrNotUnderstood
	}
	if p.isUnderstood() {
		return p.statement(store), nil
	}
	for _, found := range samples.Search(prompt) {
		if unread().MatchString(p.lower) && !unread().MatchString(strings.ToLower(found.Name+" "+found.Description)) {
			continue // it does not say what the prompt leaves out
		}
		if p.names >= 2 && found.Relevance >= minRelevance && (found.Category == "Management" || found.Category == "Data") {
			return found.SQL(store), nil
		}
	}
	return "", ErrNotUnderstood
}

// prompt is a prompt with what was understood of it.
type prompt struct {
	text  string // as given
	lower string // with blanks around, without what was understood already
	known int    // words that were understood
	words int    // words that say something
	names int    // those words that are no numbers

	conditions []string
	exclusions []string // conditions of events that are left out
	from       string   // what follows the store: UNNEST of tags
	dimensions []column // what is counted by, or listed
	isCount    bool     // how many, not which
	isTop      bool     // the most frequent first
	limit      string   // "": none was given
	having     string   // how often something must occur; "": once
	bucket     string   // unit of date_trunc, "": none
	splitsRead bool     // reads and writes side by side
	onlyIDs    bool     // of events
	isLatest   bool     // the latest events first
	// countsDifferent: the different values of what is listed are counted.
	countsDifferent bool
}

// column is an expression with its name in the answer.
type column struct{ expression, name string }

// howTo asks for advice, and not for what happened.
var howTo = phrase(`how (?:do|can|could|should|must) (?:i|we|you|one)|how to`)

// unread are words that turn a question into another one: a prompt in which one is left is not understood.
var unread = phrase(`not|no|never|nobody|none|nothing|without|except|excluding|exclude|excludes|other than|but|more than|less than|fewer|at least|compared|versus|vs|neither|nor|isn't|wasn't|weren't|didn't|aren't|between|before|after`)

// isUnderstood reports whether enough of the prompt is: something of events, and most words.
func (p *prompt) isUnderstood() bool {
	says := len(p.conditions) > 0 || len(p.exclusions) > 0 || len(p.dimensions) > 0 || p.bucket != "" || p.splitsRead || p.onlyIDs || p.isLatest || p.isCount
	isWhole := !unread().MatchString(p.lower) && (p.having == "" || len(p.dimensions) > 0)
	return says && isWhole && (p.words > 0 || p.isLatest || p.isCount || p.bucket != "") && float64(p.known) >= minKnown*float64(p.words)
}

// statement writes the statement.
func (p *prompt) statement(store string) string {
	var columns, groups []string
	for _, d := range p.dimensions {
		columns = append(columns, d.expression+" AS "+d.name)
	}
	isCount := p.isCount || p.isTop || p.bucket != "" || p.splitsRead
	if p.bucket != "" {
		columns = append([]string{"date_trunc('" + p.bucket + "', eventtime) AS " + p.bucket + "Start"}, columns...)
	}
	for i := range columns {
		groups = append(groups, string(rune('1'+i)))
	}
	sql := ""
	switch {
	case p.countsDifferent && len(p.dimensions) == 1 && p.bucket == "":
		groups = nil
		sql = "SELECT count(DISTINCT " + p.dimensions[0].expression + ") AS " + p.dimensions[0].name + "Count"
	case p.onlyIDs:
		sql = "SELECT eventid"
	case !isCount && len(columns) == 0:
		sql = "SELECT *"
	case !isCount:
		sql = "SELECT DISTINCT " + strings.Join(columns, ", ")
	case p.splitsRead:
		sql = "SELECT " + strings.Join(append(columns, "count_if(readonly) AS readEvents", "count_if(NOT readonly) AS writeEvents"), ", ")
	default:
		sql = "SELECT " + strings.Join(append(columns, "count(*) AS eventCount"), ", ")
	}
	sql += "\nFROM " + store + p.from
	conditions := p.conditions
	for _, c := range p.exclusions {
		// coalesce keeps events for which the condition is NULL.
		conditions = append(conditions, "NOT coalesce("+c+", false)")
	}
	if len(conditions) > 0 {
		sql += "\nWHERE " + strings.Join(conditions, "\n  AND ")
	}
	if isCount && len(groups) > 0 && !p.onlyIDs {
		sql += "\nGROUP BY " + strings.Join(groups, ", ")
		if p.having != "" {
			sql += "\nHAVING " + p.having
		}
		order := "eventCount DESC, 1"
		if p.bucket != "" || p.splitsRead {
			order = strings.Join(groups, ", ")
		}
		sql += "\nORDER BY " + order
	}
	if p.isLatest && !isCount && len(columns) == 0 {
		sql += "\nORDER BY eventtime DESC"
	}
	if p.limit != "" {
		sql += "\nLIMIT " + p.limit
	}
	return sql
}
