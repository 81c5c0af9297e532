package main

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"
)

// TestFit: rows fit a terminal's width, what is short stays whole, and no width leaves all as it is.
func TestFit(t *testing.T) {
	rows := func() [][]string {
		return [][]string{{"name", "type", "meaning"}, {"eventtime", "timestamp(3)", strings.Repeat("long words ", 20)}, {"名前", "varchar", "短い"}}
	}
	cut := rows()
	fit(cut, 60)
	require.Equal(t, "eventtime", cut[1][0])
	require.Equal(t, "timestamp(3)", cut[1][1])
	require.True(t, strings.HasSuffix(cut[1][2], "…"), cut[1][2])
	var out strings.Builder
	require.NoError(t, printColumns(&out, cut))
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, runewidth.StringWidth(strings.TrimRight(line, "\n")), 60, line)
	}
	whole := rows()
	fit(whole, 0)
	require.Equal(t, rows(), whole)
	narrow := rows()
	fit(narrow, 3)
	require.Equal(t, "eventti…", narrow[1][0])
}
