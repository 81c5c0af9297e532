package console

import (
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// readsEverything matches a SELECT list that begins with a star.
var readsEverything = lazyregexp.New(`(?i)\bselect\s+(?:(?:all|distinct)\s+)?(?:\w+\.)?\*`)

// textOrComment matches texts, quoted names and comments in a statement.
var textOrComment = lazyregexp.New(`(?s)'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/`)

// withoutTexts returns a statement without its texts, quoted names and comments.
func withoutTexts(sql string) string {
	return textOrComment().ReplaceAllStringFunc(sql, func(found string) string { return strings.Repeat(" ", len(found)) })
}
