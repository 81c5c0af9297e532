package function

import (
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

// Joda's date patterns: yyyy-MM-dd HH:mm:ss and the like.

func jodaDateFunctions() []Function {
	return []Function{
		scalar("format_datetime(timestamp(p), varchar) -> varchar", "Returns a timestamp as text by a Joda pattern.", cutMicros(bound(jodaFormatTimestamp))),
		scalar("format_datetime(timestamp(p) with time zone, varchar) -> varchar", "Returns a timestamp as text by a Joda pattern, in its zone.", cutMicros(bound(formatZoned(datepattern.CompileJoda)))),
		scalar("parse_datetime(varchar, varchar) -> timestamp(3) with time zone", "Reads a timestamp by a Joda pattern; without a zone in the session's.", bound(jodaParse)),
	}
}

func jodaFormatTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	compile := memo(func(pattern string) ([]datepattern.Item, error) {
		items, err := datepattern.CompileJoda(pattern)
		for _, item := range items {
			if item.Letter == 'z' || item.Letter == 'Z' {
				return nil, types.ArgumentError("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
			}
		}
		return items, err
	})
	return appendBindErr(eachTakes(formattedBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
		times, patterns := columnOf[int64](args[0]), columnOf[string](args[1])
		return func(dst []byte, i int) ([]byte, error) {
			items, err := compile(patterns.at(i))
			if err != nil {
				return dst, err
			}
			return datepattern.Append(dst, items, c.toMillis(times.at(i)), arrowtype.UTC, 0), nil
		}
	})
}

// formattedBytes is the expected length of a formatted time.
const formattedBytes = len("2024-01-31 23:59:59")

// formatZoned formats timestamps in their zones by patterns that compile parses.
func formatZoned(compile func(pattern string) ([]datepattern.Item, error)) func(*types.Resolved) Bind {
	return func(fn *types.Resolved) Bind {
		c := clockOf(fn.Args[0])
		compiled := memo(compile)
		return appendBindErr(eachTakes(formattedBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
			times, patterns, zones := columnOf[zoned](args[0]), columnOf[string](args[1]), offsets{c: c}
			return func(dst []byte, i int) ([]byte, error) {
				items, err := compiled(patterns.at(i))
				if err != nil {
					return dst, err
				}
				v := times.at(i)
				local := zones.local(v)
				return datepattern.Append(dst, items, c.toMillis(local), v.zone, (local-v.instant)/c.units), nil
			}
		})
	}
}
