package function

import (
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

// Joda's date patterns: yyyy-MM-dd HH:mm:ss and the like.

func jodaDateFunctions() []Function {
	return []Function{
		scalar("format_datetime(timestamp(p), varchar) -> varchar", "Returns a timestamp as text by a Joda pattern.", cutMicros(bySpans(finestOf(datepattern.FinestJoda), bound(jodaFormatTimestamp)))),
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
	return binary(func(v int64, pattern string) (string, error) {
		items, err := compile(pattern)
		if err != nil {
			return "", err
		}
		return datepattern.Format(items, roundMillis(c.local(v)), arrowtype.UTC, 0), nil
	})
}

// formatZoned writes timestamps in their zones by patterns that compile takes apart.
func formatZoned(compile func(pattern string) ([]datepattern.Item, error)) func(*types.Resolved) Bind {
	return func(fn *types.Resolved) Bind {
		c := clockOf(fn.Args[0])
		compiled := memo(compile)
		return binary(func(v zoned, pattern string) (string, error) {
			items, err := compiled(pattern)
			if err != nil {
				return "", err
			}
			offset := c.offset(v.instant, v.zone)
			return datepattern.Format(items, roundMillis(c.local(v.instant+offset)), v.zone, offset/c.units), nil
		})
	}
}
