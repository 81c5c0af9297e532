package difftest

import (
	"fmt"
	"math/big"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// Long timestamps have seven and more fraction digits and count picoseconds. Values here are of nine and twelve digits;
// casts lead through every other precision.

const (
	picoDigits    = 12
	picosPerMilli = 1_000_000_000
)

// hasLong reports whether the questions of the seed have long timestamps.
func (g *generator) hasLong() bool { return len(g.timeTypes) > 1 }

func isTime(t *types.Type) bool { return t == timestamp || t == nanoTime || t == picoTime }

// picosOf is a timestamp, with or without time zone, in picoseconds.
func picosOf(v any) *big.Int {
	switch x := v.(type) {
	case decimal128.Num:
		return x.BigInt()
	case types.LongZoned:
		return x.Instant.BigInt()
	case types.Zoned:
		return picosOf(x.Instant)
	}
	return new(big.Int).Mul(big.NewInt(v.(int64)), big.NewInt(picosPerMilli))
}

// millisOf is a timestamp in whole milliseconds.
func millisOf(v any) int64 { return new(big.Int).Div(picosOf(v), big.NewInt(picosPerMilli)).Int64() }

// floored is the greatest multiple of step that is not above x.
func floored(x *big.Int, step int64) decimal128.Num {
	n := big.NewInt(step)
	return decimal128.FromBigInt(new(big.Int).Mul(new(big.Int).Div(x, n), n)) // Div rounds down, as step is positive
}

// stepOf is how many picoseconds the last of p fraction digits counts.
func stepOf(p int) int64 {
	step := int64(1)
	for range picoDigits - p {
		step *= 10
	}
	return step
}

// rounded rounds a timestamp to p fraction digits, halves up.
func rounded(v any, p int) decimal128.Num {
	step := stepOf(p)
	return floored(new(big.Int).Add(picosOf(v), big.NewInt(step/2)), step)
}

// movedBy adds milliseconds to a long timestamp.
func movedBy(v any, millis int64) decimal128.Num {
	return decimal128.FromBigInt(new(big.Int).Add(picosOf(v), picosOf(millis)))
}

// longTimestamp makes a value near those of short ones. Some values differ in their last digits alone.
func (g *generator) longTimestamp(p int) decimal128.Num {
	millis := g.value(timestamp).(int64)
	if g.chance(15) {
		millis = -int64(g.n(3)) * 10_800_123 // before 1970
	}
	tail := pick(g, []int64{0, 0, 1, 50, 499, 500, 1000, 499_999, 500_000, 499_999_999, 500_000_000, 999_999_999})
	return floored(new(big.Int).Add(picosOf(millis), big.NewInt(tail)), stepOf(p))
}

// longTimestamps makes long timestamps without time zone.
func (g *generator) longTimestamps(t *types.Type) []maker {
	return []maker{
		func(s scope, d int) (expression, bool) { return g.timeCast(t, s, d), true },
		func(s scope, d int) (expression, bool) {
			a := g.expression(date, s, d)
			return call("CAST("+a.sql+" AS "+t.String()+")", t, func(v []any) (any, error) {
				return decimal128.FromBigInt(picosOf(v[0].(int64) * millisecondsDay)), nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, unit := g.expression(t, s, d), pick(g, []string{"millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"})
			return call("date_trunc('"+unit+"', "+a.sql+")", t, func(v []any) (any, error) {
				return decimal128.FromBigInt(picosOf(truncatedMillis(unit, millisOf(v[0])))), nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, millis, text := g.expression(t, s, d), int64(0), ""
			if n := g.n(100) - 50; g.chance(50) {
				millis, text = int64(n)*3_600_000, fmt.Sprintf("INTERVAL '%d' HOUR", n)
			} else {
				millis, text = int64(n), fmt.Sprintf("INTERVAL '%s%d.%03d' SECOND", map[bool]string{true: "-"}[n < 0], max(n, -n)/1000, max(n, -n)%1000)
			}
			return call("("+a.sql+" + "+text+")", t, func(v []any) (any, error) { return movedBy(v[0], millis), nil }, a), true
		},
		func(s scope, d int) (expression, bool) { return g.greatest(t, s, d), true },
		func(s scope, d int) (expression, bool) { return g.nullIf(t, s, d), true },
		func(s scope, d int) (expression, bool) {
			if !g.exact { // see localTime
				return expression{}, false
			}
			a := g.expression(picoInstant, s, d)
			return call("CAST("+a.sql+" AS "+t.String()+")", t, func(v []any) (any, error) {
				x := v[0].(types.LongZoned)
				return rounded(movedBy(x, offsetMillis(millisOf(x), x.Zone)), t.Precision), nil
			}, a), true
		},
	}
}

// truncatedMillis cuts a timestamp to a unit.
func truncatedMillis(unit string, millis int64) int64 {
	switch unit {
	case "millisecond":
		return millis
	case "second":
		return types.FloorDiv(millis, 1000) * 1000
	case "minute":
		return types.FloorDiv(millis, 60_000) * 60_000
	}
	return truncated(unit, milliTime(millis)).UnixMilli()
}

// offsetMillis is how far clocks of a zone are ahead of UTC.
func offsetMillis(millis int64, zone string) int64 {
	_, offset := milliTime(millis).In(location(zone)).Zone()
	return int64(offset) * 1000
}

// timeCast casts a timestamp of one precision to another, sometimes by way of a third.
func (g *generator) timeCast(to *types.Type, s scope, d int) expression {
	from := pick(g, g.timeTypes)
	a := g.expression(from, s, d)
	sql, through := a.sql, picoDigits
	if g.chance(60) {
		through = g.n(picoDigits + 1)
		sql = fmt.Sprintf("CAST(%s AS timestamp(%d))", sql, through)
	}
	return call("CAST("+sql+" AS "+to.String()+")", to, func(v []any) (any, error) {
		x := rounded(rounded(v[0], through), to.Precision)
		if to.IsLong() {
			return x, nil
		}
		return millisOf(x), nil
	}, a)
}

// longInstants makes long timestamps with time zone.
func (g *generator) longInstants() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			a, zone := g.expression(picoInstant, s, d), pick(g, zones)
			return call("("+a.sql+" AT TIME ZONE '"+zone+"')", picoInstant, func(v []any) (any, error) {
				return types.LongZoned{Instant: v[0].(types.LongZoned).Instant, Zone: zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, zone := g.expression(picoTime, s, d), pick(g, zones)
			return call("with_timezone("+a.sql+", '"+zone+"')", picoInstant, func(v []any) (any, error) {
				return types.LongZoned{Instant: movedBy(v[0], -offsetMillis(millisOf(v[0]), zone)), Zone: zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, n := g.expression(picoInstant, s, d), g.n(100)-50
			return call(fmt.Sprintf("(%s + INTERVAL '%d' HOUR)", a.sql, n), picoInstant, func(v []any) (any, error) {
				return types.LongZoned{Instant: movedBy(v[0], int64(n)*3_600_000), Zone: v[0].(types.LongZoned).Zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, through := g.expression(picoInstant, s, d), g.n(picoDigits+1)
			return call(fmt.Sprintf("CAST(CAST(%s AS timestamp(%d) with time zone) AS %s)", a.sql, through, picoInstant), picoInstant, func(v []any) (any, error) {
				return types.LongZoned{Instant: rounded(v[0], through), Zone: v[0].(types.LongZoned).Zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a := g.expression(instant, s, d)
			return call("CAST("+a.sql+" AS "+picoInstant.String()+")", picoInstant, func(v []any) (any, error) {
				return types.LongZoned{Instant: decimal128.FromBigInt(picosOf(v[0])), Zone: v[0].(types.Zoned).Zone}, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) { return g.greatest(picoInstant, s, d), true },
		func(s scope, d int) (expression, bool) { return g.nullIf(picoInstant, s, d), true },
	}
}

// shortInstant rounds a long timestamp with time zone.
func (g *generator) shortInstant(s scope, d int) (expression, bool) {
	if !g.hasLong() {
		return expression{}, false
	}
	a := g.expression(picoInstant, s, d)
	return call("CAST("+a.sql+" AS "+instant.String()+")", instant, func(v []any) (any, error) {
		return types.Zoned{Instant: millisOf(rounded(v[0], instant.Precision)), Zone: v[0].(types.LongZoned).Zone}, nil
	}, a), true
}

// mixedTimes compares timestamps of two precisions.
func (g *generator) mixedTimes(s scope, d int) (expression, bool) {
	if !g.hasLong() {
		return expression{}, false
	}
	list := []*types.Type{instant, picoInstant}
	if g.chance(70) {
		list = g.timeTypes
	}
	a, b := g.expression(pick(g, list), s, d), g.expression(pick(g, list), s, d)
	operator := pick(g, operators)
	return call("("+a.sql+" "+operator+" "+b.sql+")", boolean, func(v []any) (any, error) {
		return comparisons[operator](picosOf(v[0]).Cmp(picosOf(v[1]))), nil
	}, a, b), true
}

// timeField makes functions that read a part of a long timestamp.
func (g *generator) timeField(s scope, d int) (expression, bool) {
	a := g.expression(pick(g, g.timeTypes), s, d)
	name := pick(g, []string{"millisecond", "second", "minute", "hour"})
	return call(name+"("+a.sql+")", bigint, func(v []any) (any, error) {
		t := milliTime(millisOf(v[0]))
		return int64(map[string]int{"millisecond": t.Nanosecond() / 1e6, "second": t.Second(), "minute": t.Minute(), "hour": t.Hour()}[name]), nil
	}, a), true
}

// longText is a long timestamp of p fraction digits as text.
func longText(v any, p int) string {
	millis := millisOf(v)
	second := types.FloorDiv(millis, 1000) * 1000
	fraction := new(big.Int).Sub(picosOf(v), picosOf(second)).Int64()
	return milliTime(second).Format(time.DateTime) + "." + fmt.Sprintf("%012d", fraction)[:p]
}
