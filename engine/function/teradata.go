package function

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

// teradataFunctions is the family of Teradata's functions. Their date patterns are yyyy-mm-dd hh24:mi:ss and the
// like.
func teradataFunctions() []Function {
	return []Function{
		scalar("char2hexint(varchar) -> varchar", "Returns the text's UTF-16 units as hexadecimal digits.", unaryPure(func(s string) string {
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(s)) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			return b.String()
		})),
		scalar("index(varchar, varchar) -> bigint", "Returns the position of the first occurrence, 0 if there is none.", binaryPure(position)),
		scalar("to_char(timestamp(p) with time zone, varchar) -> varchar", "Returns a timestamp as text by a Teradata pattern, in its zone.", bound(formatZoned(datepattern.CompileTeradata))),
		scalar("to_timestamp(varchar, varchar) -> timestamp(3)", "Reads a timestamp by a Teradata pattern.", bound(func(*types.Resolved) Bind {
			parse := teradataParser()
			return binaryEnv(func(env *Env, text, pattern string) (int64, error) { return parse(env, text, pattern) })
		})),
		scalar("to_date(varchar, varchar) -> date", "Reads a date by a Teradata pattern.", bound(func(*types.Resolved) Bind {
			parse := teradataParser()
			return binaryEnv(func(env *Env, text, pattern string) (int32, error) {
				millis, err := parse(env, text, pattern)
				return int32(types.FloorDiv(millis, millisPerDay)), err
			})
		})),
	}
}

// teradataParser returns a function that reads local milliseconds.
func teradataParser() func(env *Env, text, pattern string) (int64, error) {
	compile := memo(datepattern.CompileTeradata)
	return func(env *Env, text, pattern string) (int64, error) {
		items, err := compile(pattern)
		if err != nil {
			return 0, err
		}
		v, err := datepattern.Read(items, text, datepattern.TeradataYear)
		if err != nil {
			return 0, err
		}
		t, ok := v.Fields.Time()
		if !ok {
			return 0, types.ArgumentError("Cannot parse \"%s\": a value is out of range", types.Shortened(text))
		}
		return t.UnixMilli(), nil
	}
}
