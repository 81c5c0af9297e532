package answer

import (
	"bufio"
	"io"
	"strings"
)

// writeMarkdown writes a table in GitHub's Markdown, numbers to the right. Characters with a meaning in Markdown
// are escaped, so that a page shows the values as they are; a line feed is <br>.
func writeMarkdown(w io.Writer, src Source) (int64, error) {
	out := bufio.NewWriter(w)
	names, rules := make([]string, len(src.Columns())), make([]string, len(src.Columns()))
	for i, c := range src.Columns() {
		names[i], rules[i] = markdownText(c.Name), "---"
		if rightAligned(c.Type) {
			rules[i] = "---:"
		}
	}
	var rows int64
	for _, cells := range [][]string{names, rules} {
		if err := writeMarkdownLine(out, cells); err != nil {
			return rows, err
		}
	}
	cells := make([]string, len(src.Columns()))
	for src.Next() {
		arrays := src.Arrays()
		for i := 0; i < rowsOf(arrays); i++ {
			for j, c := range src.Columns() {
				cells[j] = "NULL"
				if !IsNull(arrays[j], i) {
					cells[j] = markdownText(string(shown(c.Type, arrays[j], i)))
				}
			}
			if err := writeMarkdownLine(out, cells); err != nil {
				return rows, err
			}
			rows++
		}
	}
	if err := out.Flush(); err != nil {
		return rows, err
	}
	return rows, src.Err()
}

func writeMarkdownLine(out *bufio.Writer, cells []string) error {
	_, err := out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	return err
}

// markdownEscapes are the characters that Markdown gives a meaning inside a line.
var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "\r\n", "<br>", "\n", "<br>", "\r", "<br>")

func markdownText(text string) string { return Printable(markdownEscapes.Replace(text)) }
