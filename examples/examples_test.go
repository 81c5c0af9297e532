// Package examples_test asks the example questions over events in which each of them finds something.
package examples_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/examples"
	"github.com/auditlake/auditlake/internal/material"
)

// finds returns what each example finds, of testdata/finds.txt: a row with these cells among others, in the answer's order. Only planted events have it.
func finds(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/finds.txt")
	require.NoError(t, err)
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, row, found := strings.Cut(strings.TrimSuffix(line, "\n"), " | ")
		require.True(t, found, line)
		require.NotEmpty(t, row, name)
		require.NotContains(t, out, name)
		out[name] = row
	}
	return out
}

// TestExamples asks every example on New Year's Day of 2026, over ordinary events and the planted ones.
func TestExamples(t *testing.T) {
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: now})
	require.NoError(t, err)
	defer lake.Close()
	for _, theme := range []string{"insights", "configuration", "evidence", "applications"} {
		plantStore(t, lake, theme)
	}
	file := filepath.Join(t.TempDir(), "planted.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(planted()), 0o600))
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	result, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{material.Own(t, "logs"), file}})
	require.NoError(t, err)
	require.EqualValues(t, 2000+strings.Count(planted(), "\n"), result.Events)

	finds := finds(t)
	for _, name := range exampleFiles(t) {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, finds, name, "what does it find?")
			sql, err := os.ReadFile(name)
			require.NoError(t, err)
			require.Contains(t, rowsOf(t, lake, string(sql)), finds[name])
		})
	}
	require.Len(t, exampleFiles(t), len(finds))
}

// plantStore makes the store of a theme that is not about trails' events, with what is planted for it.
func plantStore(t *testing.T, lake *engine.Lake, theme string) {
	t.Helper()
	name, category := examples.StoreOf(theme)
	store, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: name, Category: category})
	require.NoError(t, err)
	pushed, err := lake.Push(context.Background(), store.ID, plantedIn(category))
	require.NoError(t, err)
	require.NotEmpty(t, pushed)
	for _, r := range pushed {
		require.Empty(t, r.Code, r.Message)
	}
}

func exampleFiles(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		if filepath.Ext(name) == ".sql" {
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	return names
}

// rowsOf returns the rows of an answer, a line for each, cells divided by commas.
func rowsOf(t *testing.T, lake *engine.Lake, sql string) string {
	t.Helper()
	rows, err := lake.Query(context.Background(), sql)
	require.NoError(t, err)
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		arrays := rows.Arrays()
		for row := range int(rows.Record().NumRows()) {
			for i, c := range rows.Columns() {
				cell := string(answer.AppendJSON(nil, c.Type, arrays[i], row))
				out.WriteString(strings.ReplaceAll(strings.Trim(cell, `"`), `\"`, `"`) + ",")
			}
			out.WriteByte('\n')
		}
	}
	require.NoError(t, rows.Err())
	return out.String()
}

// TestHeads: each example has a title, after which its file is named, a description and tags.
func TestHeads(t *testing.T) {
	for _, name := range exampleFiles(t) {
		e := example(t, name)
		require.Equal(t, slug(e.Title)+".sql", path.Base(name))
		require.Regexp(t, `^[A-Z].*\.$`, e.Description, name)
		terms := 0
		for _, tag := range e.Tags {
			require.Regexp(t, `^(T\d{4}(\.\d{3})?|[a-z0-9][a-z0-9 -]*)$`, tag, name)
			if tag[0] != 'T' {
				terms++
			}
		}
		require.GreaterOrEqual(t, terms, 2, "%s: terms of the trade among the tags", name)
	}
}

func example(t *testing.T, name string) examples.Example {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	e, err := examples.Parse(string(text))
	require.NoError(t, err, name)
	return e
}

// slug returns a title as a file name has it: small letters and digits, hyphens between the words.
func slug(title string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(title), "-"), "-")
}

// writeGuide makes TestPageIsCurrent write the tables of README.md rather than compare them.
const writeGuide = "AUDITLAKE_WRITE_GUIDE"

// TestPageIsCurrent: the tables of README.md, one for each theme in the page's order, list all examples.
func TestPageIsCurrent(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	intro, tables, found := strings.Cut(string(page), "\n## ")
	require.True(t, found)
	byFolder := map[string][]string{}
	for _, name := range exampleFiles(t) {
		byFolder[path.Dir(name)] = append(byFolder[path.Dir(name)], name)
	}
	var want strings.Builder
	want.WriteString(intro)
	for section := range strings.SplitSeq(tables, "\n## ") {
		theme, _, _ := strings.Cut(section, "\n")
		names := byFolder[strings.ToLower(theme)]
		delete(byFolder, strings.ToLower(theme))
		require.NotEmpty(t, names, theme)
		fmt.Fprintf(&want, "\n## %s\n\n| question | finds | tags |\n|---|---|---|\n", theme)
		for _, name := range names {
			e := example(t, name)
			fmt.Fprintf(&want, "| [%s](%s) | %s | %s |\n", e.Title, name, e.Description, strings.Join(e.Tags, ", "))
		}
	}
	require.Empty(t, byFolder, "themes without a heading in README.md")
	if os.Getenv(writeGuide) != "" {
		require.NoError(t, os.WriteFile("README.md", []byte(want.String()), 0o644))
		return
	}
	require.Equal(t, want.String(), string(page), "run make guide")
}
