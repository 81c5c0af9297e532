package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestSavedQuestions: a question is saved, found by its path, asked with other values, saved anew, and removed.
func TestSavedQuestions(t *testing.T) {
	lake := sampleLake(t)
	ask := func(code int, args ...string) (string, string) {
		t.Helper()
		got := command(t, append([]string{"--lake", lake, "saved"}, args...)...)
		require.Equal(t, code, got.code, "%s%s", got.out, got.err)
		return got.out, got.err
	}
	out, _ := ask(0, "save", "Access/Who did it", "SELECT :name AS name, count(*) AS events FROM main WHERE eventname = :name", "--param", "name=CreateUser", "--description", "of one action")
	require.Equal(t, "saved version 1 of Access/Who did it\n", out)
	out, _ = ask(0, "list")
	require.Contains(t, out, "Access/Who did it")
	require.Contains(t, out, "of one action")
	out, _ = ask(0, "list", "--folder", "Other")
	require.NotContains(t, out, "Who did it")
	out, _ = ask(0, "run", "Access/Who did it", "--format", "csv")
	require.Contains(t, out, "CreateUser,")
	out, _ = ask(0, "run", "Access/Who did it", "--format", "csv", "--param", "name=ConsoleLogin")
	require.Contains(t, out, "ConsoleLogin,")

	out, _ = ask(0, "save", "Access/Who did it", "SELECT 2 AS answer", "--share")
	require.Equal(t, "saved version 2 of Access/Who did it\n", out)
	out, _ = ask(0, "show", "Access/Who did it", "--sql")
	require.Equal(t, "SELECT 2 AS answer\n", out)
	out, _ = ask(0, "show", "Access/Who did it")
	require.Contains(t, out, "of one action", "what is not given stays")
	require.Regexp(t, "shared +yes", out)
	out, _ = ask(0, "show", "Access/Who did it", "--version", "1")
	require.Regexp(t, "parameter name +CreateUser", out)
	out, _ = ask(0, "run", "Access/Who did it", "--version", "1", "--format", "csv")
	require.Contains(t, out, "CreateUser,")
	out, _ = ask(0, "run", "Access/Who did it", "--format", "csv")
	require.Equal(t, "answer\n2\n", out, "values of parameters that the statement has no more are left out")

	for _, tt := range []struct {
		name, want string
		code       int
		args       []string
	}{
		{"no question", "saved question not found: Nobody; auditlake saved list shows all", exitFailed, []string{"show", "Nobody"}},
		{"no version", "has no version 9", exitFailed, []string{"show", "Access/Who did it", "--version", "9"}},
		{"no statement", "missing statement", exitUsage, []string{"save", "Empty"}},
		{"no SQL", "mismatched input", exitUsage, []string{"save", "Wrong", "SELEC 1"}},
		{"folders", "divided by single slashes", exitFailed, []string{"save", "a//b", "SELECT 1"}},
		{"a value for nothing", "the statement does not use --param x", exitUsage, []string{"run", "Access/Who did it", "--param", "x=1"}},
		{"nothing to remove", "not found", exitFailed, []string{"remove", "Nobody"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, message := ask(tt.code, tt.args...)
			require.Contains(t, message, tt.want)
		})
	}
	got := command(t, "--lake", lake, "--read-only", "saved", "remove", "Access/Who did it")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "saved remove changes the lake")
	out, _ = ask(0, "remove", "Access/Who did it")
	require.Equal(t, "removed Access/Who did it\n", out)
	ask(exitFailed, "show", "Access/Who did it")
}

// TestSavedQuestionsOfOneName: a shared question and one of one's own may have one path; then only their ids tell them apart.
func TestSavedQuestionsOfOneName(t *testing.T) {
	dir := sampleLake(t)
	lake, err := engine.Open(context.Background(), dir, engine.Options{})
	require.NoError(t, err)
	ids := map[bool]string{}
	for _, isShared := range []bool{false, true} {
		made, err := lake.SavedQuestions().Save(context.Background(), savedPerson(lake), engine.SavedDraft{Name: "twice", Statement: "SELECT 1", IsShared: isShared})
		require.NoError(t, err)
		ids[isShared] = made.ID
	}
	require.NoError(t, lake.Close())
	got := command(t, "--lake", dir, "saved", "show", "twice")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "error: several questions are named twice; pass an id: ")
	for isShared, id := range ids {
		require.Contains(t, got.err, id+" of arn:aws:iam::")
		require.Equal(t, exitDone, command(t, "--lake", dir, "saved", "show", id).code, isShared)
	}
}
