package difftest

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

func dayTime(days any) time.Time { return time.Unix(days.(int64)*86_400, 0).UTC() }

func milliTime(millis any) time.Time { return time.UnixMilli(millis.(int64)).UTC() }

func daysOf(t time.Time) int64 { return types.FloorDiv(t.Unix(), 86_400) }

func textOf(t *types.Type, v any) string {
	switch t {
	case boolean:
		return strconv.FormatBool(v.(bool))
	case date:
		return dayTime(v).Format(time.DateOnly)
	case decimal:
		x := v.(decimal128.Num).BigInt()
		sign := ""
		if x.Sign() < 0 {
			sign, x = "-", new(big.Int).Neg(x)
		}
		whole, cents := new(big.Int).QuoRem(x, big.NewInt(100), new(big.Int))
		return fmt.Sprintf("%s%d.%02d", sign, whole, cents)
	case nanoTime, picoTime:
		return longText(v, t.Precision)
	}
	return fmt.Sprint(v)
}

func (g *generator) dates() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			a, n := g.expression(date, s, d), g.n(80)-40
			unit := pick(g, []string{"day", "week", "month"})
			return call(fmt.Sprintf("date_add('%s', %d, %s)", unit, n, a.sql), date, func(v []any) (any, error) {
				switch unit {
				case "day":
					return v[0].(int64) + int64(n), nil
				case "week":
					return v[0].(int64) + 7*int64(n), nil
				}
				return daysOf(addMonths(dayTime(v[0]), n)), nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a := g.expression(pick(g, g.timeTypes), s, d)
			return call("CAST("+a.sql+" AS date)", date, func(v []any) (any, error) { return types.FloorDiv(millisOf(v[0]), millisecondsDay), nil }, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, unit := g.expression(date, s, d), pick(g, []string{"week", "month", "quarter", "year"})
			return call("date_trunc('"+unit+"', "+a.sql+")", date, func(v []any) (any, error) { return daysOf(truncated(unit, dayTime(v[0]))), nil }, a), true
		},
		func(s scope, d int) (expression, bool) { return g.greatest(date, s, d), true },
	}
}

// addMonths keeps the day of the month where the month has it.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

func truncated(unit string, t time.Time) time.Time {
	switch unit {
	case "hour":
		return t.Truncate(time.Hour)
	case "day":
		return t.Truncate(24 * time.Hour)
	case "week":
		return t.Truncate(24*time.Hour).AddDate(0, 0, -(int(t.Weekday())+6)%7)
	case "month":
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	case "quarter":
		return time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
}

func (g *generator) timestamps() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			a := g.expression(date, s, d)
			return call("CAST("+a.sql+" AS timestamp(3))", timestamp, func(v []any) (any, error) { return v[0].(int64) * millisecondsDay, nil }, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, unit := g.expression(timestamp, s, d), pick(g, []string{"hour", "day", "week", "month", "quarter", "year"})
			return call("date_trunc('"+unit+"', "+a.sql+")", timestamp, func(v []any) (any, error) { return truncated(unit, milliTime(v[0])).UnixMilli(), nil }, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, n := g.expression(timestamp, s, d), g.n(100)-50
			return call(fmt.Sprintf("(%s + INTERVAL '%d' HOUR)", a.sql, n), timestamp, func(v []any) (any, error) { return v[0].(int64) + int64(n)*3_600_000, nil }, a), true
		},
		func(s scope, d int) (expression, bool) { return g.timeCast(timestamp, s, d), true },
		func(s scope, d int) (expression, bool) { return g.greatest(timestamp, s, d), true },
		g.localTime,
	}
}

// instants makes timestamps with time zone.
func (g *generator) instants() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			a, zone := g.expression(instant, s, d), pick(g, zones)
			return call("("+a.sql+" AT TIME ZONE '"+zone+"')", instant, func(v []any) (any, error) {
				return types.Zoned{Instant: v[0].(types.Zoned).Instant, Zone: zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, zone := g.expression(timestamp, s, d), pick(g, zones)
			return call("with_timezone("+a.sql+", '"+zone+"')", instant, func(v []any) (any, error) {
				millis := v[0].(int64) // no clock is changed around these days
				return types.Zoned{Instant: millis - offsetMillis(millis, zone), Zone: zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, n := g.expression(instant, s, d), g.n(100)-50
			return call(fmt.Sprintf("(%s + INTERVAL '%d' HOUR)", a.sql, n), instant, func(v []any) (any, error) {
				x := v[0].(types.Zoned)
				return types.Zoned{Instant: x.Instant + int64(n)*3_600_000, Zone: x.Zone}, nil
			}, a), true
		},
		g.shortInstant,
		func(s scope, d int) (expression, bool) { return g.greatest(instant, s, d), true },
		func(s scope, d int) (expression, bool) { return g.nullIf(instant, s, d), true },
	}
}

func location(zone string) *time.Location {
	if zone == "+05:30" {
		return time.FixedZone(zone, 19_800)
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return l
}

// localTime is what a clock in the zone of an instant shows.
func (g *generator) localTime(s scope, d int) (expression, bool) {
	if !g.exact {
		return expression{}, false
	}
	a := g.expression(instant, s, d)
	return call("CAST("+a.sql+" AS timestamp(3))", timestamp, func(v []any) (any, error) {
		x := v[0].(types.Zoned)
		return x.Instant + offsetMillis(x.Instant, x.Zone), nil
	}, a), true
}

func (g *generator) dateDiff(s scope, d int) (expression, bool) {
	if g.chance(50) {
		a, b := g.expression(date, s, d), g.expression(date, s, d)
		return call("date_diff('day', "+a.sql+", "+b.sql+")", bigint, func(v []any) (any, error) { return v[1].(int64) - v[0].(int64), nil }, a, b), true
	}
	t, unit := pick(g, g.timeTypes), pick(g, []string{"hour", "millisecond"})
	a, b := g.expression(t, s, d), g.expression(t, s, d)
	millis := map[string]int64{"hour": 3_600_000, "millisecond": 1}[unit]
	return call("date_diff('"+unit+"', "+a.sql+", "+b.sql+")", bigint, func(v []any) (any, error) { return (millisOf(v[1]) - millisOf(v[0])) / millis, nil }, a, b), true
}

func (g *generator) dateField(s scope, d int) (expression, bool) {
	a := g.expression(date, s, d)
	fields := map[string]func(time.Time) int{
		"year": time.Time.Year, "month": func(t time.Time) int { return int(t.Month()) }, "day": time.Time.Day,
		"day_of_week": func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }, "day_of_year": time.Time.YearDay,
	}
	name := pick(g, []string{"year", "month", "day", "day_of_week", "day_of_year"})
	return call(name+"("+a.sql+")", bigint, func(v []any) (any, error) { return int64(fields[name](dayTime(v[0]))), nil }, a), true
}
