// Package completion finds what may be typed next in a statement: names of tables, columns with their fields,
// functions, keywords, and the keys that occur in columns of maps. The shell and the page ask it.
package completion

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// keywords are the words of SQL that are worth completing.
var keywords = strings.Fields(`ALL AND ANY ARRAY AS ASC AT BETWEEN BY CASE CAST COLUMNS CROSS CUBE CURRENT DATE DESC DESCRIBE
	DISTINCT ELSE END ESCAPE EXCEPT EXISTS EXPLAIN FALSE FETCH FILTER FIRST FOLLOWING FROM FULL FUNCTIONS GROUP GROUPING HAVING IN INNER
	INTERSECT INTERVAL IS JOIN LAST LATERAL LEFT LIKE LIMIT MAP NOT NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PRECEDING RANGE
	RECURSIVE RIGHT ROLLUP ROW ROWS SELECT SETS SHOW TABLES THEN TIMESTAMP TRUE TRY_CAST UNBOUNDED UNION UNNEST USING VALUES WHEN
	WHERE WINDOW WITH WITHIN`)

// Completer completes statements over one lake. One goroutine uses it at a time.
type Completer struct {
	// Words gives names of tables, columns with their fields, and functions; called when they are needed first.
	Words func() []string
	// Keys gives keys of a column of maps; called when they are needed first for each. Nil: none are known.
	Keys func(column string) []string

	known     []string
	knownKeys map[string][]string
}

// mapKey matches the beginning of a map's key after its column, in either way to read one.
var mapKey = lazyregexp.New(`(?:([A-Za-z_][A-Za-z0-9_.]*)\s*\[|(?i:element_at)\s*\(\s*([A-Za-z_][A-Za-z0-9_.]*)\s*,)\s*'([^']*)$`)

// Choices returns what may stand in the place of the end of text, and that end.
func (c *Completer) Choices(text string) (prefix string, found []string) {
	if m := mapKey().FindStringSubmatch(text); m != nil && c.Keys != nil {
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

// keysOf lists the keys of a column that begin with prefix. A single key gets the closing text.
func (c *Completer) keysOf(column, prefix, closing string) []string {
	if c.knownKeys == nil {
		c.knownKeys = map[string][]string{}
	}
	keys, asked := c.knownKeys[column]
	if !asked {
		keys = c.Keys(column)
		c.knownKeys[column] = keys
	}
	found := withPrefix(keys, prefix)
	if len(found) == 1 {
		found[0] += closing
	}
	return found
}

func isWordByte(b byte) bool {
	return b == '_' || b == '.' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// matches lists the words that begin with prefix, each up to the next dot. Keywords follow the letter
// case of the prefix.
func (c *Completer) matches(prefix string) []string {
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

func (c *Completer) names() []string {
	if c.known == nil {
		c.known = append([]string{}, c.Words()...)
	}
	return c.known
}

// hasFields reports whether a name is a row's.
func (c *Completer) hasFields(name string) bool {
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

// IsKeyword reports whether a word is one of SQL, in either case of letters.
func IsKeyword(word string) bool { return slices.Contains(keywords, strings.ToUpper(word)) }
