package function

import (
	"time"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

// MySQL's date patterns: %Y-%m-%d %H:%i:%s and the like.

func mysqlDateFunctions() []Function {
	return []Function{
		scalar("date_format(timestamp(p), varchar) -> varchar", "Returns a timestamp as text by a MySQL pattern.", cutMicros(bound(mysqlFormatTimestamp))),
		scalar("date_format(timestamp(p) with time zone, varchar) -> varchar", "Returns a timestamp as text by a MySQL pattern, in its zone.", cutMicros(bound(mysqlFormatZoned))),
		scalar("date_parse(varchar, varchar) -> timestamp(3)", "Reads a timestamp by a MySQL pattern.", mysqlParse),
	}
}

func mysqlFormatTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return appendBindErr(eachTakes(formattedBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
		times, patterns := columnOf[int64](args[0]), columnOf[string](args[1])
		return func(dst []byte, i int) ([]byte, error) {
			return datepattern.AppendMySQL(dst, c.toMillis(times.at(i)), patterns.at(i))
		}
	})
}

// plainOf returns the pattern of all rows if it is constant and plain.
func plainOf(pattern batch.Vector) (p datepattern.Plain, ok bool) {
	if !pattern.Const || isNull(pattern, 0) {
		return p, false
	}
	return datepattern.PlainMySQL(columnOf[string](pattern).at(0))
}

var mysqlParse = rowBind(func(_ *Env, args []batch.Vector) func(int) (int64, error) {
	texts, patterns, parser := columnOf[string](args[0]), columnOf[string](args[1]), &datepattern.MySQLParser{}
	parse := func(i int) (int64, error) { return parser.Parse(texts.at(i), patterns.at(i)) }
	plain, ok := plainOf(args[1])
	if !ok {
		return parse
	}
	return func(i int) (int64, error) {
		if millis, ok := plain.Parse(texts.at(i)); ok {
			return millis, nil
		}
		return parse(i)
	}
})

func mysqlFormatZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return appendBindErr(eachTakes(formattedBytes), func(args []batch.Vector) func([]byte, int) ([]byte, error) {
		times, patterns, zones := columnOf[zoned](args[0]), columnOf[string](args[1]), offsets{c: c}
		return func(dst []byte, i int) ([]byte, error) {
			return datepattern.AppendMySQL(dst, c.toMillis(zones.local(times.at(i))), patterns.at(i))
		}
	})
}

// millisPerSecond are the units of the most precise timestamps that patterns and fields show without loss.
const millisPerSecond = 1000

// toMillis returns the local time of a value, rounded half up to milliseconds: the patterns have no finer unit.
func (c clock) toMillis(value int64) time.Time {
	t := c.local(value)
	if c.units <= millisPerSecond {
		return t
	}
	return t.Add(500 * time.Microsecond).Truncate(time.Millisecond)
}
