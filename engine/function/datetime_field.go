package function

import (
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// dateField is a number that is a field of a local date and time.
type dateField struct {
	names []string
	doc   string
	of    func(time.Time) int64
	unit  time.Duration // all times within one such unit have the same number
	// inNext is the number of such units in the next longer one; the field counts them from its start. Fields of
	// dates do not need it.
	inNext int64
}

const day = 24 * time.Hour

var dateFields = []dateField{
	{[]string{"year"}, "Returns the year.", func(t time.Time) int64 { return int64(t.Year()) }, day, 0},
	{[]string{"quarter"}, "Returns the quarter, 1 to 4.", func(t time.Time) int64 { return int64(t.Month()-1)/3 + 1 }, day, 0},
	{[]string{"month"}, "Returns the month, 1 to 12.", func(t time.Time) int64 { return int64(t.Month()) }, day, 0},
	{[]string{"week", "week_of_year"}, "Returns the ISO week, 1 to 53.", func(t time.Time) int64 { _, week := t.ISOWeek(); return int64(week) }, day, 0},
	{[]string{"year_of_week", "yow"}, "Returns the year of the ISO week.", func(t time.Time) int64 { year, _ := t.ISOWeek(); return int64(year) }, day, 0},
	{[]string{"day", "day_of_month"}, "Returns the day of the month.", func(t time.Time) int64 { return int64(t.Day()) }, day, 0},
	{[]string{"day_of_week", "dow"}, "Returns the day of the week, Monday is 1.", func(t time.Time) int64 { return int64(t.Weekday()+6)%7 + 1 }, day, 0},
	{[]string{"day_of_year", "doy"}, "Returns the day of the year.", func(t time.Time) int64 { return int64(t.YearDay()) }, day, 0},
}

var timeFields = []dateField{
	{[]string{"hour"}, "Returns the hour, 0 to 23.", func(t time.Time) int64 { return int64(t.Hour()) }, time.Hour, 24},
	{[]string{"minute"}, "Returns the minute, 0 to 59.", func(t time.Time) int64 { return int64(t.Minute()) }, time.Minute, 60},
	{[]string{"second"}, "Returns the second, 0 to 59.", func(t time.Time) int64 { return int64(t.Second()) }, time.Second, 60},
	{[]string{"millisecond"}, "Returns the millisecond, 0 to 999.", func(t time.Time) int64 { return int64(t.Nanosecond() / 1e6) }, time.Millisecond, 1000},
}

func dateFieldFunctions() []Function {
	var list []Function
	for _, f := range dateFields {
		for _, name := range f.names {
			list = append(list, scalar(name+"(date) -> bigint", f.doc, dateFieldOf(f.of)))
			list = append(list, timestampFieldFunctions(name, f)...)
		}
	}
	for _, f := range timeFields {
		name := f.names[0]
		list = append(list, timestampFieldFunctions(name, f)...)
		list = append(list, scalar(name+"(time(p)) -> bigint", f.doc, timeFieldOf(f.of)),
			scalar(name+"(interval day to second) -> bigint", f.doc, unaryPure(func(millis int64) int64 { return intervalField(name, millis) })))
	}
	return append(list,
		scalar("day(interval day to second) -> bigint", "Returns the whole days of an interval.", unaryPure(func(millis int64) int64 { return millis / millisPerDay })),
		scalar("day_of_month(interval day to second) -> bigint", "Returns the whole days of an interval.", unaryPure(func(millis int64) int64 { return millis / millisPerDay })),
		scalar("year(interval year to month) -> bigint", "Returns the whole years of an interval.", unaryPure(func(months int32) int64 { return int64(months / 12) })),
		scalar("month(interval year to month) -> bigint", "Returns the months of an interval besides its whole years.", unaryPure(func(months int32) int64 { return int64(months % 12) })),
		scalar("to_milliseconds(interval day to second) -> bigint", "Returns an interval in milliseconds.", unaryPure(func(millis int64) int64 { return millis })),
		scalar("last_day_of_month(date) -> date", "Returns the last day of the month.", bound(lastDay)),
		scalar("last_day_of_month(timestamp(p)) -> date", "Returns the last day of the month.", cutMicros(bound(lastDay))),
		scalar("last_day_of_month(timestamp(p) with time zone) -> date", "Returns the last day of the month.", cutMicros(bound(lastDay))),
	)
}

func timestampFieldFunctions(name string, f dateField) []Function {
	return []Function{
		scalar(name+"(timestamp(p)) -> bigint", f.doc, cutMicros(timestampFieldOf(f))),
		scalar(name+"(timestamp(p) with time zone) -> bigint", f.doc, cutMicros(zonedFieldOf(f))),
	}
}

func dateFieldOf(of func(time.Time) int64) Bind {
	c := clock{t: types.DateType}
	return unaryPure(func(days int32) int64 { return of(c.local(int64(days))) })
}

func timestampFieldOf(f dateField) Bind {
	return bound(func(fn *types.Resolved) Bind {
		c := clockOf(fn.Args[0])
		return pureBind(func(args []batch.Vector) func([]int64, int) {
			values, field := columnOf[int64](args[0]), f.reader(c)
			return func(out []int64, first int) {
				for i := range out {
					out[i] = field.of(values.at(first + i))
				}
			}
		})
	})
}

func zonedFieldOf(f dateField) Bind {
	return bound(func(fn *types.Resolved) Bind {
		c := clockOf(fn.Args[0])
		return pureBind(func(args []batch.Vector) func([]int64, int) {
			values, field, zones := columnOf[zoned](args[0]), f.reader(c), offsets{c: c}
			return func(out []int64, first int) {
				for i := range out {
					out[i] = field.of(zones.local(values.at(first + i)))
				}
			}
		})
	})
}

// fieldReader reads a field of local timestamps, for one goroutine. Events are ordered by time, so neighbours are
// mostly in one unit and have the same number.
type fieldReader struct {
	f         *dateField
	c         clock
	unit      int64 // in units of c
	isCounted bool  // the number counts units from the start of the next longer one
	last      span
	number    int64 // of last
}

func (f *dateField) reader(c clock) *fieldReader {
	unit := c.unitsOf(int64(f.unit))
	return &fieldReader{f: f, c: c, unit: max(1, unit), isCounted: f.inNext > 0 && unit > 0}
}

func (r *fieldReader) of(v int64) int64 {
	if !r.last.holds(v) {
		r.find(v)
	}
	return r.number
}

// find computes the field of v.
func (r *fieldReader) find(v int64) {
	units := types.FloorDiv(v, r.unit)
	r.last = span{units * r.unit, (units + 1) * r.unit}
	if r.isCounted {
		r.number = units - types.FloorDiv(units, r.f.inNext)*r.f.inNext
	} else {
		r.number = r.f.of(r.c.local(v))
	}
}

func timeFieldOf(of func(time.Time) int64) Bind {
	return bound(func(fn *types.Resolved) Bind {
		units := arrowtype.UnitsPerSecond(fn.Args[0])
		return unaryPure(func(v int64) int64 { return of(timeOfDay(v, units)) })
	})
}

// timeOfDay returns a time of day on 1970-01-01, truncated to nanoseconds.
func timeOfDay(v, units int64) time.Time {
	if units > 1e9 {
		return time.Unix(0, v/(units/1e9)).UTC()
	}
	return time.Unix(0, v*(1e9/units)).UTC()
}

func intervalField(name string, millis int64) int64 {
	switch name {
	case "hour":
		return millis / 3600000 % 24
	case "minute":
		return millis / 60000 % 60
	case "second":
		return millis / 1000 % 60
	}
	return millis % 1000
}

// lastDay accepts a date, a timestamp or a timestamp with time zone.
func lastDay(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return localDate(fn, func(t time.Time) int32 {
		end := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC)
		return int32(types.FloorDiv(end.Unix(), secondsPerDay))
	}, c)
}

// localDate adapts a function of the local date of fn's first argument.
func localDate[R any](fn *types.Resolved, f func(time.Time) R, c clock) Bind {
	switch fn.Args[0].Kind {
	case types.Date:
		return unaryPure(func(v int32) R { return f(c.local(int64(v))) })
	case types.TimestampTZ:
		return rowBind(func(_ *Env, args []batch.Vector) func(int) (R, error) {
			values, zones := columnOf[zoned](args[0]), offsets{c: c}
			return func(i int) (R, error) { return f(c.local(zones.local(values.at(i)))), nil }
		})
	}
	return unaryPure(func(v int64) R { return f(c.local(v)) })
}

// nullaryKernel returns a Const.
func nullaryKernel[R any](fn *types.Resolved, f func(*Env) (R, error)) Kernel {
	return func(env *Env, _ []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) {
		value, err := f(env)
		if err != nil {
			return batch.Vector{}, err
		}
		arr, err := arrayOf(arrowtype.Of(fn.Return), []R{value}, nil, batch.InTurn)
		return batch.Vector{Array: arr, Const: true}, err
	}
}
