package function

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/auditlake/auditlake/planner/types"
)

// teradataFunctions is the family of functions as Teradata has them. Their
// date patterns are yyyy-mm-dd hh24:mi:ss and the like.
func teradataFunctions() []Function {
	return []Function{
		scalar("char2hexint(varchar) -> varchar", "the text's UTF-16 units as hexadecimal digits", unaryPure(func(s string) string {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(s)) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			return b.String()
		})),
		scalar("index(varchar, varchar) -> bigint", "position of the first occurrence, 0 if there is none", binaryPure(position)),
		scalar("to_char(timestamp(p) with time zone, varchar) -> varchar", "a timestamp as text by a Teradata pattern, in its zone", bound(formatZoned(compileTeradata))),
		scalar("to_timestamp(varchar, varchar) -> timestamp(3)", "reads a timestamp by a Teradata pattern", bound(func(*types.Resolved) Bind {
			parse := teradataParser()
			return binaryEnv(func(env *Env, text, pattern string) (int64, error) { return parse(env, text, pattern) })
		})),
		scalar("to_date(varchar, varchar) -> date", "reads a date by a Teradata pattern", bound(func(*types.Resolved) Bind {
			parse := teradataParser()
			return binaryEnv(func(env *Env, text, pattern string) (int32, error) {
				millis, err := parse(env, text, pattern)
				return int32(types.FloorDiv(millis, millisPerDay)), err
			})
		})),
	}
}

// teradataTokens in the order they are tried, and Joda's letters for them.
var teradataTokens = []struct {
	token string
	item  jodaItem
}{
	{"yyyy", jodaItem{letter: 'y', count: 4}}, {"yy", jodaItem{letter: 'y', count: 2}},
	{"hh24", jodaItem{letter: 'H', count: 2}}, {"hh", jodaItem{letter: 'h', count: 2}},
	{"mi", jodaItem{letter: 'm', count: 2}}, {"mm", jodaItem{letter: 'M', count: 2}},
	{"dd", jodaItem{letter: 'd', count: 2}}, {"ss", jodaItem{letter: 's', count: 2}},
}

// teradataYear makes two digits a year from 2000 to 2099.
const teradataYear = 2080

func compileTeradata(pattern string) ([]jodaItem, error) {
	if pattern == "" {
		return nil, argumentError("Invalid pattern specification")
	}
	var items []jodaItem
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
			return nil, argumentError("Failed to tokenize string [%s] at offset [%d]", types.Shortened(pattern[at:at+1]), at)
		}
		items = append(items, jodaItem{literal: pattern[at : at+1]})
		at++
	}
	return items, nil
}

// teradataParser reads local milliseconds.
func teradataParser() func(env *Env, text, pattern string) (int64, error) {
	compile := memo(compileTeradata)
	return func(env *Env, text, pattern string) (int64, error) {
		items, err := compile(pattern)
		if err != nil {
			return 0, err
		}
		v, err := readJoda(items, text, teradataYear)
		if err != nil {
			return 0, err
		}
		t, ok := v.fields.time()
		if !ok {
			return 0, argumentError("Cannot parse \"%s\": a value is out of range", types.Shortened(text))
		}
		return t.UnixMilli(), nil
	}
}
