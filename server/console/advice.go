package console

import (
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// readsEverything matches a star in the place of columns.
var readsEverything = lazyregexp.New(`(?i)\bselect\s+(?:(?:all|distinct)\s+)?(?:\w+\.)?\*`)

// textOrComment matches what stands in a statement without being part of it.
var textOrComment = lazyregexp.New(`(?s)'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/`)

// withoutTexts returns a statement with its texts, quoted names and comments blank.
func withoutTexts(sql string) string {
	return textOrComment().ReplaceAllStringFunc(sql, func(found string) string { return strings.Repeat(" ", len(found)) })
}
