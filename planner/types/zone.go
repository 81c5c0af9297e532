package types

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const maxOffsetMinutes = 14 * 60

// LoadZone finds a time zone: UTC, GMT, Z (all shown as UTC), an offset
// ±hh[:mm] up to 14 hours, or a region name. It returns the name Trino shows.
// The error is a *Error: NOT_SUPPORTED for an offset that is too wide, else
// INVALID_FUNCTION_ARGUMENT.
func LoadZone(text string) (*time.Location, string, error) {
	switch strings.ToUpper(text) {
	case "UTC", "Z", "GMT", "UT", "UCT", "ZULU", "ETC/UTC", "ETC/GMT", "ETC/UCT", "GMT0", "GREENWICH", "UNIVERSAL":
		return time.UTC, "UTC", nil
	}
	if minutes, ok := parseOffset(text); ok {
		if minutes < -maxOffsetMinutes || minutes > maxOffsetMinutes {
			return nil, "", Errorf(NotSupported, Pos{}, "Time zone offset %s is beyond 14 hours", text)
		}
		if minutes == 0 {
			return time.UTC, "UTC", nil
		}
		name := formatOffset(minutes)
		return time.FixedZone(name, minutes*60), name, nil
	}
	// Abbreviations such as EST are files of the zone database; Trino knows
	// regions only.
	if strings.Contains(text, "/") && !strings.HasPrefix(text, "/") {
		if location, err := time.LoadLocation(text); err == nil {
			return location, location.String(), nil
		}
	}
	return nil, "", Errorf(InvalidFunctionArgument, Pos{}, "'%s' is not a valid time zone", text)
}

func parseOffset(text string) (minutes int, ok bool) {
	if len(text) < 2 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	hourText, minuteText, colon := strings.Cut(text[1:], ":")
	if !colon {
		minuteText = "00"
	}
	if len(hourText) > 2 || len(minuteText) != 2 {
		return 0, false
	}
	hours, err1 := strconv.ParseUint(hourText, 10, 8)
	mins, err2 := strconv.ParseUint(minuteText, 10, 8)
	if err1 != nil || err2 != nil || mins > 59 {
		return 0, false
	}
	minutes = int(hours*60 + mins)
	if text[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

func formatOffset(minutes int) string {
	sign := '+'
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d:%02d", sign, minutes/60, minutes%60)
}

// localToUTC converts seconds of a wall clock to Unix seconds. A time that a
// clock change repeats is the earlier one; false for a time it skips.
func localToUTC(local int64, location *time.Location) (unix int64, ok bool) {
	const day = 24 * 60 * 60
	for _, guess := range []int64{local - day, local + day} {
		_, offset := time.Unix(guess, 0).In(location).Zone()
		unix = local - int64(offset)
		if _, at := time.Unix(unix, 0).In(location).Zone(); at == offset {
			return unix, true
		}
	}
	return 0, false
}
