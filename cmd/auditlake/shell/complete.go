package shell

import (
	"fmt"
	"io"
	"strings"

	"github.com/auditlake/auditlake/engine/completion"
)

// completer completes the word before the cursor when the tab key is pressed.
type completer struct {
	statements *completion.Completer
	out        io.Writer // where choices are listed

	last string // line that was left as it was by the key before
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

// choices returns what may stand in the place of the end of text, and that end: commands of the shell after a
// backslash, otherwise what a statement may have.
func (c *completer) choices(text string) (prefix string, found []string) {
	if command := text[strings.LastIndexAny(text, " \t\n")+1:]; strings.HasPrefix(command, `\`) {
		for _, name := range commandNames() {
			if strings.HasPrefix(name, command) {
				found = append(found, name)
			}
		}
		if len(found) == 1 {
			found[0] += " "
		}
		return command, found
	}
	return c.statements.Choices(text)
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
