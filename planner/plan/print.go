package plan

import (
	"fmt"
	"strings"
)

// Format prints a plan as a tree, indented by two spaces a level. Each node is shown with its work and the columns
// it reads, by name and ID: "name#3".
func Format(n Node) string { return FormatNotes(n, func(Node) []string { return nil }) }

// FormatNotes is Format with lines of notes under each node.
func FormatNotes(n Node, notes func(Node) []string) string {
	var b strings.Builder
	formatNode(&b, n, 0, notes)
	return b.String()
}

func formatNode(b *strings.Builder, n Node, depth int, notes func(Node) []string) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent + n.Describe() + "\n")
	for _, note := range notes(n) {
		b.WriteString(indent + "  · " + note + "\n")
	}
	if r, ok := n.(*Reuse); ok && !r.First {
		return
	}
	for _, in := range Inputs(n) {
		formatNode(b, in, depth+1, notes)
	}
}

func columnNames(columns []*Column) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = columnName(c)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func columnName(c *Column) string { return fmt.Sprintf("%s#%d", c.Name, c.ID) }

func iff(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}
