package console

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/completion"
)

const (
	// completionAge is how long names are cached: reading them at each keystroke would fill the history.
	completionAge = time.Minute
	// maxCompleters limits the cached completers.
	maxCompleters = 100
	// completionPatience limits the wait for names, and maxCompletionBytes what finding the keys of a map may scan.
	completionPatience = 2 * time.Second
	maxCompletionBytes = 64 << 20
	maxChoices         = 200
)

// completions caches the names by access key, since each key may see others.
type completions struct {
	mu    sync.Mutex
	byKey map[string]*keyCompleter // mu: by id of the access key
}

// keyCompleter completes names for the callers of one key.
type keyCompleter struct {
	mu        sync.Mutex
	madeAt    time.Time
	completer *completion.Completer // mu
}

func newCompletions() *completions { return &completions{byKey: map[string]*keyCompleter{}} }

// of returns the completer of a caller's key.
func (s *completions) of(d *Door, c *call) *keyCompleter {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := d.lake.Now()
	found := s.byKey[c.session.keyID]
	if found == nil || now.Sub(found.madeAt).Abs() > completionAge {
		if len(s.byKey) >= maxCompleters {
			clear(s.byKey)
		}
		found = &keyCompleter{madeAt: now, completer: &completion.Completer{}}
		s.byKey[c.session.keyID] = found
	}
	return found
}

// choice is a suggestion for what to type next.
type choice struct {
	Text   string `json:"text"`
	Kind   string `json:"kind"` // keyword, function or name
	Detail string `json:"detail,omitempty"`
	Doc    string `json:"doc,omitempty"`
}

// complete returns the suggestions for the end of an unfinished statement.
func (d *Door) complete(c *call) (any, error) {
	var in struct {
		Text string `json:"text"`
	}
	if err := readJSON(c.w, c.r, &in); err != nil {
		return nil, err
	}
	known := d.completions.of(d, c)
	known.mu.Lock()
	defer known.mu.Unlock()
	asking := completion.New(func(sql string) [][]string { return d.ask(c, sql) })
	known.completer.Words, known.completer.Keys = asking.Words, asking.Keys // with the present caller's rights
	prefix, found := known.completer.Choices(in.Text)
	out := struct {
		Prefix  string   `json:"prefix"`
		Choices []choice `json:"choices"`
	}{prefix, []choice{}}
	for _, text := range found[:min(len(found), maxChoices)] {
		out.Choices = append(out.Choices, describeChoice(strings.TrimSuffix(text, " ")))
	}
	return out, nil
}

// functionsByName returns the overloads of each SQL function.
var functionsByName = sync.OnceValue(func() map[string][]engine.Function {
	out := map[string][]engine.Function{}
	for _, f := range engine.Functions("") {
		out[f.Name] = append(out[f.Name], f)
	}
	return out
})

func describeChoice(text string) choice {
	if overloads := functionsByName()[text]; len(overloads) > 0 {
		signatures := make([]string, len(overloads))
		for i, f := range overloads {
			signatures[i] = f.Signature
		}
		slices.Sort(signatures)
		return choice{text, "function", overloads[0].Kind, strings.Join(signatures, "\n") + "\n" + overloads[0].Doc}
	}
	if completion.IsKeyword(text) {
		return choice{Text: text, Kind: "keyword"}
	}
	return choice{Text: text, Kind: "name"}
}

// ask returns the rows of a statement that reads names, as texts; none if it fails.
func (d *Door) ask(c *call, sql string) (out [][]string) {
	ctx, stop := context.WithTimeout(c.r.Context(), completionPatience)
	defer stop()
	rows, err := d.lake.Query(ctx, sql, append(d.statementOptions(c, completionDoorName), engine.MaxBytes(maxCompletionBytes))...)
	if err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		arrays := rows.Arrays()
		for row := range arrays[0].Len() {
			texts := make([]string, len(arrays))
			for i, column := range rows.Columns() {
				texts[i] = string(answer.AppendText(nil, column.Type, arrays[i], row))
			}
			out = append(out, texts)
		}
	}
	if rows.Err() != nil {
		return nil
	}
	return out
}
