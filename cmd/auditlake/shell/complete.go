package shell

import (
	"fmt"
	"io"
	"regexp"
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
	// words gives names of tables, columns with their fields, and functions, asked when needed first.
	words func() []string
	// keys gives keys of a column of maps, asked when needed first for each.
	keys func(column string) []string
	out  io.Writer // where choices are listed

	known     []string
	knownKeys map[string][]string
	last      string // line that was left as it was by the key before
}

const tab = '\t'

// key has the form of term.Terminal's AutoCompleteCallback.
func (c *completer) key(line string, at int, key rune) (string, int, bool) {
	if key != tab {
		c.last = ""
		return "", 0, false
	}
	prefix, found := c.choices(line[:at])
	if len(found) == 0 {
		return line, at, true
	}
	completed := commonPrefix(found)
	if len(completed) > len(prefix) {
		start := at - len(prefix)
		return line[:start] + completed + line[at:], start + len(completed), true
	}
	if c.last == line {
		fmt.Fprintln(c.out, strings.Join(found[:min(len(found), maxChoices)], "  "))
	}
	c.last = line
	return line, at, true
}

const maxChoices = 100

// mapKey matches the beginning of a map's key behind its column, in either way to read one.
var mapKey = regexp.MustCompile(`(?:([A-Za-z_][A-Za-z0-9_.]*)\s*\[|(?i:element_at)\s*\(\s*([A-Za-z_][A-Za-z0-9_.]*)\s*,)\s*'([^']*)$`)

// choices returns what may stand in the place of the end of text, and that end.
func (c *completer) choices(text string) (prefix string, found []string) {
	if m := mapKey.FindStringSubmatch(text); m != nil && c.keys != nil {
		closing := "']"
		if m[2] != "" {
			closing = "')"
		}
		return m[3], c.keysOf(strings.ToLower(m[1]+m[2]), m[3], closing)
	}
	start := len(text)
	for start > 0 && isWordByte(text[start-1]) {
		start--
	}
	prefix = text[start:]
	for prefix != "" { // alias.column.field is tried as column.field, too
		if found = c.matches(prefix); len(found) > 0 {
			break
		}
		_, behind, dotted := strings.Cut(prefix, ".")
		if !dotted {
			break
		}
		prefix = behind
	}
	if len(found) == 1 && !c.hasFields(found[0]) {
		found[0] += " "
	}
	return prefix, found
}

// keysOf lists the keys of a column that begin with prefix; a single one with what closes it.
func (c *completer) keysOf(column, prefix, closing string) []string {
	if c.knownKeys == nil {
		c.knownKeys = map[string][]string{}
	}
	keys, asked := c.knownKeys[column]
	if !asked {
		keys = c.keys(column)
		c.knownKeys[column] = keys
	}
	found := withPrefix(keys, prefix)
	if len(found) == 1 {
		found[0] += closing
	}
	return found
}

func isWordByte(b byte) bool {
	return b == '_' || b == '.' || b == '\\' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// matches lists the words that begin with prefix, each up to the next dot. Keywords follow the letter
// case of the prefix.
func (c *completer) matches(prefix string) []string {
	if strings.HasPrefix(prefix, `\`) {
		return withPrefix(commandNames(), prefix)
	}
	found := withPrefix(c.names(), strings.ToLower(prefix))
	for i, name := range found {
		if level, _, deeper := strings.Cut(name[len(prefix):], "."); deeper {
			found[i] = prefix + level
		}
	}
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

func (c *completer) names() []string {
	if c.known == nil {
		c.known = append([]string{}, c.words()...)
	}
	return c.known
}

// hasFields reports whether a name is that of a row.
func (c *completer) hasFields(name string) bool {
	return slices.ContainsFunc(c.known, func(known string) bool { return strings.HasPrefix(known, name+".") })
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
