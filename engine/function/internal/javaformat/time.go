package javaformat

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// Time is a date or time as %t reads it: local fields in UTC, and which
// of them there are.
type Time struct {
	Local                time.Time
	HasDate, HasTime     bool
	HasZone              bool
	Zone                 arrowtype.Zone
	OffsetMinutes        int64
	InstantMillis, Epoch int64
}

// MillisTime returns the time n milliseconds after 1970, in UTC.
func MillisTime(n int64) Time {
	t := time.UnixMilli(n).UTC()
	return Time{Local: t, HasDate: true, HasTime: true, HasZone: true, InstantMillis: n, Epoch: t.Unix()}
}

// ClockText leaves seconds out when they are zero, and shows 3, 6 or 9
// fraction digits.
func ClockText(t time.Time) string {
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

const daySeconds = 86400

// DateTimeText is a date, T and ClockText.
func DateTimeText(t time.Time) string {
	return string(arrowtype.AppendDate(nil, types.FloorDiv(t.Unix(), daySeconds))) + "T" + ClockText(t)
}

// OffsetText is Z or +05:30.
func OffsetText(minutes int64) string {
	if minutes == 0 {
		return "Z"
	}
	return arrowtype.OffsetText(minutes, ":")
}

// OffsetSecondsText shows the seconds of an offset before there were zones.
func OffsetSecondsText(seconds int64) string {
	if seconds %= 60; seconds != 0 {
		return fmt.Sprintf(":%02d", max(seconds, -seconds))
	}
	return ""
}

// composedTimes are the suffixes that stand for several others.
var composedTimes = map[byte]string{'R': "H:M", 'T': "H:M:S", 'r': "I:M:S p", 'D': "m/d/y", 'c': "a b d T Z Y"}

// field is what %t with a suffix shows.
func (f Time) field(suffix byte) (string, error) {
	missing := Error("IllegalFormatConversion: " + string(suffix) + " != a date or time without this field")
	if suffix == 'F' && f.HasDate {
		return string(arrowtype.AppendDate(nil, types.FloorDiv(f.Local.Unix(), daySeconds))), nil
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
		if !f.HasTime {
			return "", missing
		}
		return f.clockField(suffix), nil
	case strings.IndexByte("zZsQ", suffix) >= 0:
		if !f.HasZone || !f.HasDate {
			return "", missing
		}
		return f.zoneField(suffix), nil
	case strings.IndexByte("BbhAaCYyjmde", suffix) >= 0:
		if !f.HasDate {
			return "", missing
		}
		return f.dateField(suffix), nil
	}
	return "", Error("UnknownFormatConversion: t" + string(suffix))
}

func (f Time) clockField(suffix byte) string {
	t := f.Local
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

func (f Time) zoneField(suffix byte) string {
	switch suffix {
	case 'z':
		return arrowtype.OffsetText(f.OffsetMinutes, "")
	case 'Z':
		return arrowtype.ZoneAbbreviation(f.Epoch, f.Zone)
	case 's':
		return strconv.FormatInt(f.Epoch, 10)
	}
	return strconv.FormatInt(f.InstantMillis, 10)
}

func (f Time) dateField(suffix byte) string {
	t, year := f.Local, f.Local.Year()
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
