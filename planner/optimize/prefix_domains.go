package optimize

import (
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// prefixDomains handles x LIKE 'prefix…' and starts_with(x, 'prefix').
func prefixDomains(e *plan.Call, pattern *plan.Const) domains {
	if pattern.Value.IsNull() {
		return at(e.Args[0], nothing())
	}
	text, ok := pattern.Value.V.(string)
	if !ok {
		return nil
	}
	prefix := text
	if e.Fn.Name == types.OpLike {
		if i := strings.IndexAny(text, "%_"); i >= 0 {
			prefix = text[:i]
		} else {
			return at(e.Args[0], point(types.Value{Type: e.Args[0].Type(), V: text}))
		}
	}
	return at(e.Args[0], startingWith(e.Args[0].Type(), prefix))
}

// startingWith is the range of texts with a prefix: from it up to the next
// text that does not have it.
func startingWith(t *types.Type, prefix string) domain {
	if prefix == "" {
		return notNull()
	}
	low := types.Value{Type: t, V: prefix}
	r := plan.Range{Low: &low, LowIncl: true}
	if next, ok := afterPrefix(prefix); ok {
		high := types.Value{Type: t, V: next}
		r.High = &high
	}
	return domain{ranges: []plan.Range{r}}
}

// afterPrefix is the least text behind all that start with prefix: its last
// code point that can be raised is, and the rest dropped.
func afterPrefix(prefix string) (string, bool) {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		if r == utf8.RuneError && size <= 1 {
			return "", false
		}
		prefix = prefix[:len(prefix)-size]
		if r == 0xD7FF {
			return prefix + "\uE000", true // the code points between stand for no text
		}
		if r < utf8.MaxRune {
			return prefix + string(r+1), true
		}
	}
	return "", false
}
