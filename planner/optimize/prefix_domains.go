package optimize

import (
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// prefixDomains returns the domains of x LIKE 'prefix…', starts_with(x, 'prefix') and regexp_like(x, '^prefix…').
func (o *optimizer) prefixDomains(e *plan.Call, pattern *plan.Const) domains {
	text, isText := pattern.Value.V.(string)
	prefix, whole := text, false
	switch e.Fn.Name {
	case types.OpLike:
		if i := strings.IndexAny(text, "%_"); i >= 0 {
			prefix = text[:i]
		} else {
			whole = true
		}
	case "starts_with":
	case "regexp_like":
		prefix = anchoredPrefix(text)
		if isText && prefix == "" {
			return nil
		}
	default:
		return nil
	}
	switch {
	case pattern.Value.IsNull():
		return at(e.Args[0], nothing())
	case !isText:
		return nil
	}
	if _, ok := placeOf(e.Args[0]); !ok {
		return o.computedPrefix(e.Args[0], prefix, whole)
	}
	if whole {
		return at(e.Args[0], point(types.Value{Type: e.Args[0].Type(), V: text}))
	}
	return at(e.Args[0], startingWith(e.Args[0].Type(), prefix))
}

// computedPrefix returns the domains for a prefix of a text that an expression makes from a column, in the order of
// the column.
func (o *optimizer) computedPrefix(x plan.Expr, prefix string, whole bool) domains {
	low := types.Value{Type: x.Type(), V: prefix}
	if whole {
		return o.monotonicDomains(types.OpEqual, x, low)
	}
	if prefix == "" {
		return nil
	}
	from := o.monotonicDomains(types.OpGreaterEq, x, low)
	next, ok := afterPrefix(prefix)
	if !ok {
		return from
	}
	return intersectDomains([]domains{from, o.monotonicDomains(types.OpLess, x, types.Value{Type: x.Type(), V: next})})
}

// beginningDomains returns the domains of substr(x, 1, n) = text.
func beginningDomains(x plan.Expr, v types.Value) domains {
	call, ok := x.(*plan.Call)
	text, isText := v.V.(string)
	if !ok || !isText || call.Fn.Name != "substr" && call.Fn.Name != "substring" || len(call.Args) != 3 || !allConstants(call.Args[1:]) {
		return nil
	}
	first, count := call.Args[1].(*plan.Const).Value.V, call.Args[2].(*plan.Const).Value.V
	arg := call.Args[0]
	if first != any(int64(1)) || arg.Type().Kind != types.Varchar {
		return nil
	}
	if count == any(int64(utf8.RuneCountInString(text))) {
		return at(arg, startingWith(arg.Type(), text))
	}
	return nil
}

// anchoredPrefix returns the plain text with which every match of a pattern begins.
func anchoredPrefix(pattern string) string {
	rest, ok := strings.CutPrefix(pattern, "^")
	if !ok || strings.Contains(pattern, "|") {
		return ""
	}
	end := 0
	for end < len(rest) && isPlain(rest[end]) {
		end++
	}
	if end < len(rest) && strings.IndexByte("?*{", rest[end]) >= 0 {
		end-- // the last character is optional
	}
	return rest[:max(0, end)]
}

func isPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(" -_:/,;@=", c) >= 0
}

// startingWith returns the range of the texts with a prefix: from the prefix up to the next text that does not
// begin with it.
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

// afterPrefix returns the least text after all texts that begin with prefix. It raises the last code point that can
// be raised, and drops the code points after it.
func afterPrefix(prefix string) (string, bool) {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		if r == utf8.RuneError && size <= 1 {
			return "", false
		}
		prefix = prefix[:len(prefix)-size]
		if r == 0xD7FF {
			return prefix + "\uE000", true // the code points between, surrogates, occur in no text
		}
		if r < utf8.MaxRune {
			return prefix + string(r+1), true
		}
	}
	return "", false
}
