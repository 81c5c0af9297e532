package shell

import "strings"

// split takes the complete statements, those that a semicolon ends, off a text.
// A semicolon in quotes or in a comment ends nothing.
func split(text string) (statements []string, rest string) {
	start := 0
	for i := 0; i < len(text); {
		switch {
		case text[i] == ';':
			if statement := strings.TrimSpace(text[start:i]); !isBlank(statement) {
				statements = append(statements, statement)
			}
			i++
			start = i
		case text[i] == '\'' || text[i] == '"':
			i = after(text, i+1, text[i:i+1])
		case strings.HasPrefix(text[i:], "--"):
			i = after(text, i, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = after(text, i+2, "*/")
		default:
			i++
		}
	}
	return statements, text[start:]
}

// after is where end ends, or the end of the text.
func after(text string, from int, end string) int {
	at := strings.Index(text[from:], end)
	if at < 0 {
		return len(text)
	}
	return from + at + len(end)
}

// isBlank reports whether a text has nothing but space and comments.
func isBlank(text string) bool {
	for i := 0; i < len(text); {
		switch {
		case strings.ContainsRune(" \t\r\n", rune(text[i])):
			i++
		case strings.HasPrefix(text[i:], "--"):
			i = after(text, i, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = after(text, i+2, "*/")
		default:
			return false
		}
	}
	return true
}
