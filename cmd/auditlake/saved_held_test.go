package main_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSavedQuestionsOfAHeldLake: the process that holds the lake saves, asks and removes questions for others.
func TestSavedQuestionsOfAHeldLake(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	h := startHolder(t, program, lake)
	defer h.kill(t)
	require.Equal(t, "saved version 1 of One\n", printed(t, program, lake, "saved", "save", "One", "SELECT 1 AS one"))
	require.Equal(t, "one\n1\n", printed(t, program, lake, "saved", "run", "One", "--format", "csv"))
	require.Equal(t, "removed One\n", printed(t, program, lake, "saved", "remove", "One"))
	got := execute(t, exec.Command(program, "--lake", lake, "saved", "run", "One"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "saved question not found")
}
