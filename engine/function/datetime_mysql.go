package function

import (
	"time"

	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

// MySQL's date patterns: %Y-%m-%d %H:%i:%s and the like.

func mysqlDateFunctions() []Function {
	return []Function{
		scalar("date_format(timestamp(p), varchar) -> varchar", "Returns a timestamp as text by a MySQL pattern.", cutMicros(bySpans(finestOf(datepattern.FinestMySQL), bound(mysqlFormatTimestamp)))),
		scalar("date_format(timestamp(p) with time zone, varchar) -> varchar", "Returns a timestamp as text by a MySQL pattern, in its zone.", cutMicros(bound(mysqlFormatZoned))),
		scalar("date_parse(varchar, varchar) -> timestamp(3)", "Reads a timestamp by a MySQL pattern.", binary(datepattern.ParseMySQL)),
	}
}

func mysqlFormatTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return binary(func(v int64, pattern string) (string, error) {
		return datepattern.FormatMySQL(roundMillis(c.local(v)), pattern)
	})
}

func mysqlFormatZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return binary(func(v zoned, pattern string) (string, error) {
		return datepattern.FormatMySQL(roundMillis(c.localZoned(v)), pattern)
	})
}

// roundMillis rounds half up: the patterns know no finer unit.
func roundMillis(t time.Time) time.Time {
	return t.Add(500 * time.Microsecond).Truncate(time.Millisecond)
}
