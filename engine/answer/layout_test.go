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

// texts is an answer of one row for each value, which stands in each of so many columns of names c0, c1 and so on.
func texts(t *testing.T, columns int, values ...string) *source {
	src := &source{batches: [][]arrow.Array{nil}}
	for i := range columns {
		col, arr := column(t, "varchar", `["`+strings.Join(values, `", "`)+`"]`)
		col.Name = fmt.Sprintf("c%d", i)
		src.columns, src.batches[0] = append(src.columns, col), append(src.batches[0], arr)
	}
	return src
}

func inLayout(t *testing.T, format string, layout answer.Layout, src answer.Source) string {
	t.Helper()
	var out bytes.Buffer
	_, err := layout.Write(format, &out, src)
	require.NoError(t, err)
	return out.String()
}

// TestPipedTablesAreWhole: however long the values are, however many rows came before.
func TestPipedTablesAreWhole(t *testing.T) {
	long := strings.Repeat("x", 5000)
	values := make([]string, 1500)
	for i := range values {
		values[i] = "short"
	}
	values[0], values[1400] = long, long
	out := inLayout(t, "table", answer.Layout{}, texts(t, 3, values...))
	require.Equal(t, 6, strings.Count(out, long))
	require.NotContains(t, out, "…")
	require.Contains(t, out, "\nshort"+strings.Repeat(" ", 97)+"short", "one long value pads the others to a bound")
}

// TestTablesFitTheTerminal: at any width no line is wider, and what is not shown is said.
func TestTablesFitTheTerminal(t *testing.T) {
	for _, width := range []int{20, 80, 200} {
		for _, columns := range []int{1, 2, 7, 40} {
			for _, value := range []string{"short", strings.Repeat("long ", 60), strings.Repeat("日本", 50)} {
				name := fmt.Sprintf("%d columns of %.10s at %d", columns, value, width)
				out := inLayout(t, "table", answer.Layout{Width: width}, texts(t, columns, value, value))
				table, note, isCut := strings.Cut(out, "-- not shown: ")
				for _, line := range strings.Split(table, "\n") {
					require.LessOrEqual(t, runewidth.StringWidth(line), width, "%s: %s", name, line)
				}
				isWhole := strings.Count(table, value) == 2*columns
				require.Equal(t, isWhole, !isCut, "%s: %s", name, out)
				if isCut {
					require.Contains(t, note, "--format vertical")
				}
			}
		}
	}
	out := inLayout(t, "table", answer.Layout{Width: 30}, texts(t, 5, strings.Repeat("x", 50)))
	require.Equal(t, `c0          c1        c2
----------  --------  --------
xxxxxxxxx…  xxxxxxx…  xxxxxxx…
-- not shown: 3 cut to the width (…), 2 of 5 columns left out (c3, c4); --format vertical, or \x on in the shell, shows all
`, out)
	out = inLayout(t, "table", answer.Layout{Width: 31}, texts(t, 2, "short", strings.Repeat("x", 20)))
	require.Equal(t, "c0               c1\n---------------  --------------\n", out[:strings.Index(out, "short")], "what is left over is used")
}

// TestWideRowsBecomeVertical: with the format auto, where a table would not fit whole.
func TestWideRowsBecomeVertical(t *testing.T) {
	long := strings.Repeat("x", 30)
	require.Equal(t, "-- row 1\nc0 | "+long+"\nc1 | "+long+"\nc2 | "+long+"\n-- row 2\nc0 | a\nc1 | a\nc2 | a\n",
		inLayout(t, "auto", answer.Layout{Width: 80}, texts(t, 3, long, "a")))
	for _, width := range []int{0, 200} {
		require.Equal(t, inLayout(t, "table", answer.Layout{}, texts(t, 3, long, "a")), inLayout(t, "auto", answer.Layout{Width: width}, texts(t, 3, long, "a")))
	}
}

// TestColoursOnly: they add nothing but colours.
func TestColoursOnly(t *testing.T) {
	for _, format := range []string{"table", "auto", "vertical"} {
		plain := inLayout(t, format, answer.Layout{Width: 40}, people(t))
		coloured := inLayout(t, format, answer.Layout{Width: 40, Color: true}, people(t))
		require.Contains(t, coloured, "\x1b[2mNULL\x1b[0m", format)
		require.NotContains(t, plain, "\x1b")
		require.Equal(t, plain, strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(coloured))
	}
}

// TestSafeCSV: no text is a formula, numbers and nested values are as they were.
func TestSafeCSV(t *testing.T) {
	src := texts(t, 1, "=1+1", "+1", "-1", "@SUM(A1)", `\t=1`, "a=b", "", "'x")
	src.columns[0].Name = "=cmd"
	number, numbers := column(t, "bigint", `[-1, 2, 3, 4, 5, 6, null, 8]`)
	number.Name = "n"
	src.columns, src.batches[0] = append(src.columns, number), append(src.batches[0], numbers)
	require.Equal(t, "'=cmd,n\n'=1+1,-1\n'+1,2\n'-1,3\n'@SUM(A1),4\n'\t=1,5\na=b,6\n\"\",\n'x,8\n", inLayout(t, "csv", answer.Layout{SafeCSV: true}, src))
	src.at = 0
	require.Contains(t, inLayout(t, "csv", answer.Layout{}, src), "=cmd,n\n=1+1,-1\n")
}

// TestMarkdownShowsValuesAsTheyAre: what Markdown gives a meaning is escaped.
func TestMarkdownShowsValuesAsTheyAre(t *testing.T) {
	require.Equal(t, "| c0 |\n| --- |\n| a\\|b\\\\\\|c |\n| \\*x\\* \\_y\\_ \\`z\\` |\n| &lt;b&gt; &amp;amp; |\n| one<br>two |\n",
		inLayout(t, "markdown", answer.Layout{}, texts(t, 1, "a|b\\\\|c", "*x* _y_ `z`", "<b> &amp;", `one\ntwo`)))
}

// TestLongAnswersStream: what is longer than a draft is written before an error ends it.
func TestLongAnswersStream(t *testing.T) {
	for _, format := range []string{"csv", "ndjson", "vertical", "markdown"} {
		src := texts(t, 1, strings.Repeat("x", 600_000), strings.Repeat("y", 600_000), "z")
		src.err = errors.New("the disk is gone")
		var out bytes.Buffer
		_, err := answer.Write(format, &out, src)
		require.ErrorIs(t, err, src.err)
		require.Greater(t, out.Len(), 600_000, format)
	}
}
