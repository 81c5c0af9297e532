package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine"
)

// The API's actions that the library and questions in words require.
const (
	samplesAction  = "cloudtrail:SearchSampleQueries"
	generateAction = "cloudtrail:GenerateQuery"
)

// Limits of a question in words, in characters, as for the API's prompts.
const (
	minPromptLength = 3
	maxPromptLength = 500
	maxPhraseLength = 1000
)

// sampleView is a question of the library in the page's list.
type sampleView struct {
	Name        string `json:"name"`
	Theme       string `json:"theme"`
	Description string `json:"description"`
	Category    string `json:"category"` // of the stores that the question fits
}

// listSamples lists the library by theme, or the questions about a phrase, the most relevant first.
func (d *Door) listSamples(c *call) (any, error) {
	if err := d.allow(c, samplesAction, "*", nil); err != nil {
		return nil, err
	}
	phrase := c.r.URL.Query().Get("phrase")
	if utf8.RuneCountInString(phrase) > maxPhraseLength {
		return nil, invalid("phrase must have at most %d characters", maxPhraseLength)
	}
	found := engine.Samples()
	if phrase != "" {
		found = nil
		for _, f := range engine.SearchSamples(phrase) {
			found = append(found, f.Sample)
		}
	}
	out := []sampleView{}
	for _, s := range found {
		out = append(out, sampleView{s.Name, s.Theme, s.Description, s.Category})
	}
	return out, nil
}

// sampleStatement returns the statement of a library question over a store.
func (d *Door) sampleStatement(c *call) (any, error) {
	if err := d.allow(c, samplesAction, "*", nil); err != nil {
		return nil, err
	}
	name, store := c.r.URL.Query().Get("name"), c.r.URL.Query().Get("store")
	if store == "" {
		return nil, invalid("store is missing: name the event data store that the statement reads")
	}
	for _, s := range engine.Samples() {
		if s.Name == name {
			return statementView{s.SQL(engine.QuotedName(store))}, nil
		}
	}
	return nil, notFound("there is no sample %s", name)
}

// statementView is a statement for the editor.
type statementView struct {
	SQL string `json:"sql"`
}

// statementOfWords returns a statement for a question in English over a store. The statement can always be planned.
func (d *Door) statementOfWords(c *call) (any, error) {
	var in struct {
		Words string `json:"words"`
		Store string `json:"store"`
	}
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	if n := utf8.RuneCountInString(in.Words); n < minPromptLength || n > maxPromptLength {
		return nil, invalid("a question must have %d to %d characters", minPromptLength, maxPromptLength)
	}
	store, err := d.lake.Stores().Get(c.r.Context(), in.Store)
	if err != nil { // callers without any right must not learn which stores exist
		return nil, cmp.Or(d.allow(c, generateAction, "*", nil), err)
	}
	if err := d.allow(c, generateAction, store.ARN(), store); err != nil {
		return nil, err
	}
	sql, err := engine.GenerateStatement(in.Words, engine.QuotedName(store.Name), d.lake.Now())
	if errors.Is(err, engine.ErrPromptNotUnderstood) {
		return nil, notUnderstood(err.Error())
	}
	if err != nil {
		return nil, err
	}
	if _, err := d.lake.Queries().Check(c.r.Context(), sql); err != nil {
		return nil, notUnderstood(fmt.Sprintf("the store %s has no events that answer the question", store.Name))
	}
	d.note(c, "GenerateQuery", true, map[string]any{"eventDataStore": store.ARN(), "prompt": in.Words})
	return statementView{sql}, nil
}

func notUnderstood(why string) error {
	return &problem{status: http.StatusUnprocessableEntity, Code: "NOT_UNDERSTOOD", Message: why}
}
