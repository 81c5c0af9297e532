package shell

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// keywords are the words of SQL that are worth completing.
var keywords = strings.Fields(`ALL AND ANY ARRAY AS ASC AT BETWEEN BY CASE CAST COLUMNS CROSS CUBE CURRENT DATE DESC DESCRIBE
	DISTINCT ELSE END ESCAPE EXCEPT EXISTS EXPLAIN FALSE FETCH FILTER FIRST FOLLOWING FROM FULL FUNCTIONS GROUP GROUPING HAVING IN INNER
	INTERSECT INTERVAL IS JOIN LAST LATERAL LEFT LIKE LIMIT MAP NOT NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PRECEDING RANGE
	RECURSIVE RIGHT ROLLUP ROW ROWS SELECT SETS SHOW TABLES THEN TIMESTAMP TRUE TRY_CAST UNBOUNDED UNION UNNEST USING VALUES WHEN
	WHERE WINDOW WITH WITHIN`)

// completer completes the word before the cursor when the tab key is pressed.
type completer struct {
	// words gives names of tables, columns and functions, asked when needed first.
	words func() []string
	out   io.Writer // where choices are listed

	known []string
	last  string // line that was left as it was by the key before
}

const tab = '\t'

// key has the form of term.Terminal's AutoCompleteCallback.
func (c *completer) key(line string, at int, key rune) (string, int, bool) {
	if key != tab {
		c.last = ""
		return "", 0, false
	}
	start := at
	for start > 0 && isWordByte(line[start-1]) {
		start--
	}
	prefix := line[start:at]
	if prefix == "" {
		return line, at, true
	}
	found := c.matches(prefix)
	if len(found) == 0 {
		return line, at, true
	}
	completed := commonPrefix(found)
	if len(found) == 1 {
		completed += " "
	}
	if len(completed) > len(prefix) {
		return line[:start] + completed + line[at:], start + len(completed), true
	}
	if c.last == line {
		fmt.Fprintln(c.out, strings.Join(found[:min(len(found), maxChoices)], "  "))
	}
	c.last = line
	return line, at, true
}

const maxChoices = 100

func isWordByte(b byte) bool {
	return b == '_' || b == '\\' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// matches lists the words that begin with prefix. Keywords follow the letter
// case of the prefix.
func (c *completer) matches(prefix string) []string {
	if strings.HasPrefix(prefix, `\`) {
		return withPrefix(commandNames(), prefix)
	}
	if c.known == nil {
		c.known = append([]string{}, c.words()...)
	}
	found := withPrefix(c.known, strings.ToLower(prefix))
	words := withPrefix(keywords, strings.ToUpper(prefix))
	if prefix != strings.ToUpper(prefix) {
		for i, w := range words {
			words[i] = strings.ToLower(w)
		}
	}
	if len(found) > 0 && prefix != strings.ToLower(prefix) && len(words) > 0 {
		found = nil // SELECT, not sequence
	}
	found = append(found, words...)
	slices.Sort(found)
	return slices.Compact(found)
}

func withPrefix(words []string, prefix string) []string {
	var found []string
	for _, w := range words {
		if strings.HasPrefix(w, prefix) {
			found = append(found, w)
		}
	}
	return found
}

func commonPrefix(words []string) string {
	prefix := words[0]
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}
