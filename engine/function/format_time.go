package function

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// formatTime is a date or time as %t reads it: local fields in UTC, and which
// of them there are.
type formatTime struct {
	local                time.Time
	hasDate, hasTime     bool
	hasZone              bool
	zone                 arrowtype.Zone
	offsetMinutes        int64
	instantMillis, epoch int64
}

func formatTimes(t *types.Type, v batch.Vector) func(i int) formatArg {
	arg := func(f formatTime, text string) formatArg {
		return formatArg{class: 't', java: "java.time.temporal.Temporal", text: text, local: f}
	}
	switch t.Kind {
	case types.Date:
		c, clock := columnOf[int32](v), clockOf(t)
		return func(i int) formatArg {
			return arg(formatTime{local: clock.local(int64(c.at(i))), hasDate: true}, string(arrowtype.AppendDate(nil, int64(c.at(i)))))
		}
	case types.Time:
		c, perUnit := columnOf[int64](v), 1e9/arrowtype.UnitsPerSecond(t)
		return func(i int) formatArg {
			local := time.Unix(0, c.at(i)*perUnit).UTC()
			return arg(formatTime{local: local, hasTime: true}, javaClock(local))
		}
	case types.Timestamp:
		c, clock := columnOf[int64](v), clockOf(t)
		return func(i int) formatArg {
			local := clock.local(c.at(i))
			return arg(formatTime{local: local, hasDate: true, hasTime: true}, javaDateTime(local))
		}
	case types.TimeTZ:
		c, units := columnOf[zoned](v), arrowtype.UnitsPerSecond(t)
		return func(i int) formatArg {
			z := c.at(i)
			offset := arrowtype.OffsetSeconds(z.zone, 0)
			local := time.Unix(0, z.instant*(1e9/units)+offset*1e9).UTC()
			local = time.Unix(0, ((local.UnixNano()%(secondsPerDay*1e9))+secondsPerDay*1e9)%(secondsPerDay*1e9)).UTC()
			return arg(formatTime{local: local, hasTime: true, hasZone: true, zone: z.zone, offsetMinutes: offset / 60}, javaClock(local)+javaOffset(offset/60))
		}
	}
	c, clock := columnOf[zoned](v), clockOf(t)
	return func(i int) formatArg {
		z := c.at(i)
		local, minutes := clock.localZoned(z), clock.offset(z.instant, z.zone)/clock.units/60
		utc := clock.local(z.instant)
		text := javaDateTime(local) + javaOffset(minutes) + javaOffsetRest(clock.offset(z.instant, z.zone)/clock.units)
		if name := arrowtype.ZoneName(z.zone); name[0] != '+' && name[0] != '-' {
			text += "[" + name + "]"
		}
		return arg(formatTime{local: local, hasDate: true, hasTime: true, hasZone: true, zone: z.zone, offsetMinutes: minutes,
			instantMillis: utc.UnixMilli(), epoch: utc.Unix()}, text)
	}
}

// formatMillis is the time so many milliseconds after 1970, in UTC.
func formatMillis(n int64) formatTime {
	t := time.UnixMilli(n).UTC()
	return formatTime{local: t, hasDate: true, hasTime: true, hasZone: true, instantMillis: n, epoch: t.Unix()}
}

// javaClock leaves seconds out when they are zero, and shows 3, 6 or 9
// fraction digits.
func javaClock(t time.Time) string {
	switch nanos := t.Nanosecond(); {
	case nanos == 0 && t.Second() == 0:
		return t.Format("15:04")
	case nanos == 0:
		return t.Format("15:04:05")
	case nanos%1e6 == 0:
		return t.Format("15:04:05.000")
	case nanos%1e3 == 0:
		return t.Format("15:04:05.000000")
	}
	return t.Format("15:04:05.000000000")
}

func javaDateTime(t time.Time) string {
	return string(arrowtype.AppendDate(nil, types.FloorDiv(t.Unix(), secondsPerDay))) + "T" + javaClock(t)
}

func javaOffset(minutes int64) string {
	if minutes == 0 {
		return "Z"
	}
	return offsetText(minutes, ":")
}

// javaOffsetRest shows the seconds of an offset before there were zones.
func javaOffsetRest(seconds int64) string {
	if seconds %= 60; seconds != 0 {
		return fmt.Sprintf(":%02d", max(seconds, -seconds))
	}
	return ""
}

// offsetText is +05:30, or with another separator.
func offsetText(minutes int64, separator string) string {
	sign := '+'
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d%s%02d", sign, minutes/60, separator, minutes%60)
}

// composedTimes are the suffixes that stand for several others.
var composedTimes = map[byte]string{'R': "H:M", 'T': "H:M:S", 'r': "I:M:S p", 'D': "m/d/y", 'c': "a b d T Z Y"}

// field is what %t with a suffix shows.
func (f formatTime) field(suffix byte) (string, error) {
	missing := formatError("IllegalFormatConversion: " + string(suffix) + " != a date or time without this field")
	if suffix == 'F' && f.hasDate {
		return string(arrowtype.AppendDate(nil, types.FloorDiv(f.local.Unix(), secondsPerDay))), nil
	}
	if parts, ok := composedTimes[suffix]; ok {
		var out strings.Builder
		for i := range len(parts) {
			if strings.IndexByte(":/- ", parts[i]) >= 0 {
				out.WriteByte(parts[i])
				continue
			}
			text, err := f.field(parts[i])
			if err != nil {
				return "", err
			}
			if parts[i] == 'p' {
				text = strings.ToUpper(text)
			}
			out.WriteString(text)
		}
		return out.String(), nil
	}
	switch {
	case strings.IndexByte("HIklMSLNp", suffix) >= 0:
		if !f.hasTime {
			return "", missing
		}
		return f.clockField(suffix), nil
	case strings.IndexByte("zZsQ", suffix) >= 0:
		if !f.hasZone || !f.hasDate {
			return "", missing
		}
		return f.zoneField(suffix), nil
	case strings.IndexByte("BbhAaCYyjmde", suffix) >= 0:
		if !f.hasDate {
			return "", missing
		}
		return f.dateField(suffix), nil
	}
	return "", formatError("UnknownFormatConversion: t" + string(suffix))
}

func (f formatTime) clockField(suffix byte) string {
	t := f.local
	twelve := (t.Hour()+11)%12 + 1
	switch suffix {
	case 'H':
		return t.Format("15")
	case 'I':
		return fmt.Sprintf("%02d", twelve)
	case 'k':
		return strconv.Itoa(t.Hour())
	case 'l':
		return strconv.Itoa(twelve)
	case 'M':
		return t.Format("04")
	case 'S':
		return t.Format("05")
	case 'L':
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6)
	case 'N':
		return fmt.Sprintf("%09d", t.Nanosecond())
	}
	return strings.ToLower(t.Format("PM"))
}

func (f formatTime) zoneField(suffix byte) string {
	switch suffix {
	case 'z':
		return offsetText(f.offsetMinutes, "")
	case 'Z':
		return zoneAbbreviation(f.epoch, f.zone)
	case 's':
		return strconv.FormatInt(f.epoch, 10)
	}
	return strconv.FormatInt(f.instantMillis, 10)
}

func (f formatTime) dateField(suffix byte) string {
	t, year := f.local, f.local.Year()
	if year <= 0 { // a year before our era
		year = 1 - year
	}
	switch suffix {
	case 'B':
		return t.Format("January")
	case 'b', 'h':
		return t.Format("Jan")
	case 'A':
		return t.Format("Monday")
	case 'a':
		return t.Format("Mon")
	case 'C':
		return fmt.Sprintf("%02d", year/100)
	case 'Y':
		return fmt.Sprintf("%04d", year)
	case 'y':
		return fmt.Sprintf("%02d", year%100)
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 'm':
		return t.Format("01")
	case 'd':
		return t.Format("02")
	}
	return strconv.Itoa(t.Day())
}
