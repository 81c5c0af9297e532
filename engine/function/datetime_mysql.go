package function

import (
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

// MySQL's date patterns: %Y-%m-%d %H:%i:%s and the like.

func mysqlDateFunctions() []Function {
	return []Function{
		scalar("date_format(timestamp(p), varchar) -> varchar", "Returns a timestamp as text by a MySQL pattern.", cutMicros(bySpans(finestOf(datepattern.FinestMySQL), bound(mysqlFormatTimestamp)))),
		scalar("date_format(timestamp(p) with time zone, varchar) -> varchar", "Returns a timestamp as text by a MySQL pattern, in its zone.", cutMicros(bound(mysqlFormatZoned))),
		scalar("date_parse(varchar, varchar) -> timestamp(3)", "Reads a timestamp by a MySQL pattern.", mysqlParse),
	}
}

// longerMySQL is how much longer than a pattern most texts are at most.
const longerMySQL = 16

func mysqlFormatTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (string, error) {
		times, patterns := columnOf[int64](args[0]), columnOf[string](args[1])
		plain, isPlain := plainOf(args[1])
		isPlain = isPlain && c.units == millisPerSecond // finer times are rounded
		stamps := arrowtype.TimestampsOf(fn.Args[0])
		var block []byte
		return func(i int) (string, error) {
			pattern, v := patterns.at(i), times.at(i)
			block = blockFor(block, len(pattern)+longerMySQL)
			begin := len(block)
			if isPlain && v >= firstPlainMilli && v <= lastPlainMilli {
				block = plain.Finish(stamps.Append(block, v)[:begin+datepattern.PlainBytes])
				return viewText(block[begin:]), nil
			}
			out, err := datepattern.AppendMySQL(block, c.toMillis(v), pattern)
			if err != nil {
				return "", err
			}
			block = out
			return viewText(block[begin:]), nil
		}
	})
}

// Times of four-digit years, in milliseconds.
var (
	firstPlainMilli = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	lastPlainMilli  = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC).UnixMilli()
)

// plainOf is the pattern of all rows, if it is a plain one.
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

// mysqlFormatZoned keeps the last text: the next time most often lies in the same span of what the pattern shows.
func mysqlFormatZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (string, error) {
		times, patterns, zones, step := columnOf[zoned](args[0]), columnOf[string](args[1]), offsets{c: c}, int64(0)
		if args[1].Const && c.units <= millisPerSecond { // finer times are rounded, out of their span
			step = c.unitsOf(int64(finestOf(datepattern.FinestMySQL)(args[1:])))
		}
		var last span
		var text string
		return func(i int) (string, error) {
			local := zones.local(times.at(i))
			if last.holds(local) {
				return text, nil
			}
			out, err := datepattern.FormatMySQL(c.toMillis(local), patterns.at(i))
			if err == nil && step > 0 {
				start := types.FloorDiv(local, step) * step
				last, text = span{start, start + step}, out
			}
			return out, err
		}
	})
}

// toMillis is the local time of a value, rounded half up to milliseconds: the patterns know no finer unit.
func (c clock) toMillis(value int64) time.Time {
	t := c.local(value)
	if c.units <= millisPerSecond {
		return t
	}
	return t.Add(500 * time.Microsecond).Truncate(time.Millisecond)
}
