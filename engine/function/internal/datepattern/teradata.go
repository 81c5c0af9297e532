package datepattern

import (
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// teradataTokens in the order they are tried, and Joda's letters for them.
var teradataTokens = []struct {
	token string
	item  Item
}{
	{"yyyy", Item{Letter: 'y', Count: 4}}, {"yy", Item{Letter: 'y', Count: 2}},
	{"hh24", Item{Letter: 'H', Count: 2}}, {"hh", Item{Letter: 'h', Count: 2}},
	{"mi", Item{Letter: 'm', Count: 2}}, {"mm", Item{Letter: 'M', Count: 2}},
	{"dd", Item{Letter: 'd', Count: 2}}, {"ss", Item{Letter: 's', Count: 2}},
}

// TeradataYear makes two digits a year from 2000 to 2099.
const TeradataYear = 2080

// CompileTeradata takes a Teradata pattern apart into the fields that Joda's patterns have.
func CompileTeradata(pattern string) ([]Item, error) {
	if pattern == "" {
		return nil, types.ArgumentError("Invalid pattern specification")
	}
	var items []Item
next:
	for at := 0; at < len(pattern); {
		for _, t := range teradataTokens {
			if strings.HasPrefix(pattern[at:], t.token) {
				items = append(items, t.item)
				at += len(t.token)
				continue next
			}
		}
		if strings.IndexByte("-/,.;: ", pattern[at]) < 0 {
			hint := ""
			if pattern != strings.ToLower(pattern) {
				hint = "; the format has lower-case letters, as yyyy-mm-dd hh24:mi:ss"
			}
			return nil, types.ArgumentError("Failed to tokenize string [%s] at offset [%d]%s", types.Shortened(pattern[at:at+1]), at, hint)
		}
		items = append(items, Item{literal: pattern[at : at+1]})
		at++
	}
	return items, nil
}
