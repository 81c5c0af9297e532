package answer_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
)

// answerOf makes an answer of columns: name, type and values as JSON in turn.
func answerOf(t *testing.T, columns ...string) *source {
	s := &source{batches: [][]arrow.Array{nil}}
	for i := 0; i < len(columns); i += 3 {
		col, arr := column(t, columns[i+1], columns[i+2])
		col.Name = columns[i]
		s.columns, s.batches[0] = append(s.columns, col), append(s.batches[0], arr)
	}
	return s
}

func drawn(t *testing.T, chart string, width int, src *source) string {
	t.Helper()
	var out bytes.Buffer
	_, err := answer.Layout{Chart: chart, Width: width}.Write("table", &out, src)
	require.NoError(t, err)
	for _, line := range strings.Split(out.String(), "\n") {
		require.LessOrEqual(t, runewidth.StringWidth(line), width, "%s", line)
	}
	return out.String()
}

func TestBarChart(t *testing.T) {
	for _, c := range []struct {
		name    string
		columns []string
		want    []string
	}{
		{"counts", []string{"event", "varchar", `["Get", "PutObject", null]`, "calls", "bigint", `[4, 8, null]`}, []string{
			"Get        ██████████              4",
			"PutObject  ████████████████████    8",
			"NULL                             NULL",
		}},
		{"below zero", []string{"n", "bigint", `[1, 2]`, "v", "double", `[-1, 2.5]`}, []string{
			"1  ████████                      -1.0",
			"2          ████████████████████   2.5",
		}},
		{"two series", []string{"n", "varchar", `["a", "b"]`, "note", "varchar", `["x", "y"]`, "ok", "integer", `[1, 2]`, "bad", "decimal(4,1)", `["2.0", "0.0"]`}, []string{
			"a  ok   ████████████               1",
			"   bad  ████████████████████████  2.0",
			"b  ok   ████████████████████████    2",
			"   bad                            0.0",
		}},
		{"all zero", []string{"n", "varchar", `["a"]`, "v", "bigint", `[0]`}, []string{"a                                   0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := drawn(t, "bar", 37, answerOf(t, c.columns...))
			require.Equal(t, len(c.want), strings.Count(got, "\n"))
			for i, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
				require.Equal(t, strings.Join(strings.Fields(c.want[i]), " "), strings.Join(strings.Fields(line), " "))
				require.Equal(t, 37, runewidth.StringWidth(line), line)
			}
		})
	}
}

func TestLineChart(t *testing.T) {
	got := drawn(t, "line", 40, answerOf(t, "day", "date", `["2026-01-03", "2026-01-01", "2026-01-02"]`, "n", "bigint", `[30, 0, 15]`))
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	require.Len(t, lines, 18)
	require.Equal(t, "30 │"+strings.Repeat(" ", 34)+"••", lines[0], "the latest is on the right")
	require.True(t, strings.HasPrefix(lines[15], " 0 │••"), lines[15])
	require.Equal(t, "   └"+strings.Repeat("─", 36), lines[16])
	require.Equal(t, "    2026-01-01"+strings.Repeat(" ", 16)+"2026-01-03", lines[17])

	got = drawn(t, "line", 80, answerOf(t, "at", "timestamp(3) with time zone", `[{"instant": "2026-01-01 00:00:00.000", "zone": 0}, {"instant": "2026-01-01 12:00:00.000", "zone": 0}]`,
		"a", "bigint", `[1, null]`, "b", "bigint", `[-5, 5]`))
	require.Contains(t, got, "• a  + b")
	require.Contains(t, got, "-5 │")
	require.Equal(t, 2, strings.Count(got, "•"), "the only value of a, and its name")
}

// TestChartsFit: whatever the answer, a chart has the width, or says why there is none.
func TestChartsFit(t *testing.T) {
	long := strings.Repeat("ü界", 60)
	for _, chart := range []string{"bar", "line"} {
		for _, width := range []int{1, 20, 80, 200} {
			for i, src := range []*source{
				answerOf(t, long, "varchar", `["`+long+`", "b\u001b[31m"]`, long, "double", `[1e300, -1e-300]`),
				answerOf(t, "n", "bigint", `[1]`, "v", "bigint", `[9223372036854775807]`),
				answerOf(t, "n", "timestamp(3)", `["2026-01-01 00:00:00.000", "2026-01-01 00:00:00.000"]`, "v", "bigint", `[1, 2]`, "w", "real", `[null, null]`),
			} {
				var out bytes.Buffer
				_, err := answer.Layout{Chart: chart, Width: width}.Write("table", &out, src)
				var refused *answer.ChartError
				require.True(t, err == nil || errors.As(err, &refused), "%v", err)
				require.True(t, err == nil || width < 80, "%s %d %d: %v", chart, width, i, err)
				require.NotContains(t, out.String(), "\x1b")
				for _, line := range strings.Split(out.String(), "\n") {
					require.LessOrEqual(t, runewidth.StringWidth(line), width, "%s %d: %s", chart, i, line)
				}
			}
		}
	}
}

func TestChartsThatThereAreNot(t *testing.T) {
	var many strings.Builder
	for i := range 10_001 {
		fmt.Fprintf(&many, "%d, ", i)
	}
	numbers := "[" + strings.TrimSuffix(many.String(), ", ") + "]"
	for want, src := range map[string]*source{
		"no chart: it needs a first column with labels or times, and a numeric column after it": answerOf(t, "n", "bigint", `[1]`),
		"no chart: there are more than 10000 rows; group further, or add LIMIT":                 answerOf(t, "n", "bigint", numbers, "v", "bigint", numbers),
		"no chart: none of the values is a number":                                              answerOf(t, "n", "bigint", `[1]`, "v", "bigint", `[null]`),
	} {
		var out bytes.Buffer
		_, err := answer.Layout{Chart: "bar"}.Write("table", &out, src)
		require.EqualError(t, err, want)
		require.Empty(t, out.String())
	}
	_, err := answer.Layout{Chart: "pie"}.Write("table", &bytes.Buffer{}, people(t))
	require.EqualError(t, err, `unknown chart "pie"; use bar or line`)
	failed := people(t)
	failed.err = errors.New("scan failed")
	var out bytes.Buffer
	_, err = answer.Layout{Chart: "line"}.Write("table", &out, failed)
	require.ErrorIs(t, err, failed.err)
	require.Empty(t, out.String(), "no chart of half an answer")
	empty := people(t)
	empty.batches = nil
	rows, err := answer.Layout{Chart: "bar"}.Write("table", &out, empty)
	require.NoError(t, err)
	require.Zero(t, rows)
	require.Empty(t, out.String())
}
