package types

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
)

const (
	maxOffsetMinutes     = 14 * 60
	maxJavaOffsetSeconds = 18 * 3600
)

var (
	// utcNames are all names of UTC except zero offsets.
	utcNames = []string{
		"UTC", "UTC+0", "UTC-0", "Etc/UTC", "Etc/UTC+0", "Etc/UTC-0", "UT", "UT+0", "UT-0", "Etc/UT", "Etc/UT+0", "Etc/UT-0",
		"GMT", "GMT0", "GMT+0", "GMT-0", "Etc/GMT", "Etc/GMT0", "Etc/GMT+0", "Etc/GMT-0",
		"Z", "Zulu", "UCT", "Etc/UCT", "Greenwich", "Universal", "Etc/Universal",
	}
	offsetPrefixes = []string{"Etc/GMT", "Etc/UTC", "Etc/UT", "GMT", "UTC", "UT"}
	// regionAreas and plainRegions exclude other files in the folders of zones: abbreviations such as EST, copies,
	// the machine's own zone.
	regionAreas = []string{
		"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile", "Europe",
		"Indian", "Mexico", "Pacific", "US",
	}
	plainRegions = []string{
		"CET", "CST6CDT", "Cuba", "EET", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "Hongkong", "Iceland", "Iran", "Israel",
		"Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland",
		"Portugal", "ROK", "Singapore", "Turkey", "W-SU", "WET",
	}
	offsetPattern   = lazyregexp.New(`^([+-])(?:(\d)|(\d\d)(?::?(\d\d)|:(\d\d):(\d\d)|(\d\d)(\d\d))?)$`)
	prefixedPattern = lazyregexp.New(`^([+-]\d{1,9})(?::(\d{1,9}))?$`)
)

// LoadZone finds a time zone by a name of UTC, by an offset up to 14 hours, optionally after UTC, GMT or UT, or by
// a region's name. It returns the name that timestamps show. Names are case-sensitive. The error is NOT_SUPPORTED.
func LoadZone(text string) (*time.Location, string, error) {
	name, minutes, ok := zoneKey(text)
	switch {
	case !ok:
	case name == "UTC":
		return time.UTC, name, nil
	case minutes != 0:
		return time.FixedZone(name, minutes*60), name, nil
	default:
		if location, err := time.LoadLocation(name); err == nil {
			return location, name, nil
		}
	}
	return nil, "", Errorf(NotSupported, Pos{}, "Time zone not supported: %s", text)
}

// zoneKey returns the name under which a zone is shown; minutes is its fixed offset.
func zoneKey(text string) (name string, minutes int, ok bool) {
	if slices.Contains(utcNames, text) {
		return "UTC", 0, true
	}
	if minutes, ok, found := prefixedOffset(text); found {
		return offsetKey(minutes, ok)
	}
	if seconds, ok := javaOffset(text); ok {
		return offsetKey(seconds/60, seconds%60 == 0)
	}
	return text, 0, isRegion(text)
}

func offsetKey(minutes int, valid bool) (name string, _ int, ok bool) {
	if minutes == 0 && valid {
		return "UTC", 0, true
	}
	return formatOffset(minutes), minutes, valid && minutes >= -maxOffsetMinutes && minutes <= maxOffsetMinutes
}

// prefixedOffset parses an offset after UTC, GMT or UT. After Etc/GMT its hours count to the west. The sign of a
// negative offset applies only to the hours, so -0:30 is +00:30.
func prefixedOffset(text string) (minutes int, ok, found bool) {
	for _, prefix := range offsetPrefixes {
		rest, has := strings.CutPrefix(text, prefix)
		if !has {
			continue
		}
		m := prefixedPattern().FindStringSubmatch(rest)
		if m == nil || m[2] == "" && len(rest) > 3 {
			return 0, false, true
		}
		hours, mins := number64(m[1]), number64(m[2])
		if hours < -18 || hours > 18 || mins > 59 {
			return 0, false, true
		}
		if prefix == "Etc/GMT" {
			hours = -hours
		}
		if hours < 0 {
			mins = -mins
		}
		return int(hours*60 + mins), true, true
	}
	return 0, false, false
}

// javaOffset parses ±h, ±hh, ±hhmm, ±hh:mm, ±hhmmss and ±hh:mm:ss.
func javaOffset(text string) (seconds int, ok bool) {
	m := offsetPattern().FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	hours, minutes, secs := number64(m[2]+m[3]), number64(m[4]+m[5]+m[7]), number64(m[6]+m[8])
	seconds = int(hours*3600 + minutes*60 + secs)
	if minutes > 59 || secs > 59 || seconds > maxJavaOffsetSeconds {
		return 0, false
	}
	if m[1] == "-" {
		seconds = -seconds
	}
	return seconds, true
}

// isJavaZone reports whether a literal may name a zone with this text. If LoadZone does not know it either, the
// zone is unsupported rather than wrong.
func isJavaZone(text string) bool {
	if _, ok := javaOffset(text); ok {
		return true
	}
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, has := strings.CutPrefix(text, prefix); has && (rest == "" || rest[0] == '+' || rest[0] == '-') {
			_, ok := javaOffset(rest)
			return rest == "" || ok
		}
	}
	if strings.HasPrefix(text, "Etc/") {
		_, err := time.LoadLocation(text)
		return err == nil
	}
	return slices.Contains(utcNames, text) || isRegion(text)
}

func isRegion(text string) bool {
	area, _, divided := strings.Cut(text, "/")
	if divided && !slices.Contains(regionAreas, area) || !divided && !slices.Contains(plainRegions, text) {
		return false
	}
	_, err := time.LoadLocation(text)
	return err == nil
}

// parseOffset parses ±h[h][:mm].
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

// localToUTC converts seconds of a wall clock to Unix seconds. A time that a clock change repeats is the earlier
// one. A time that it skips is moved forward by the length of the gap, and ok is false.
func localToUTC(local int64, location *time.Location) (unix int64, ok bool) {
	const day = 24 * 60 * 60
	var before int
	for i, guess := range []int64{local - day, local + day} {
		_, offset := time.Unix(guess, 0).In(location).Zone()
		if i == 0 {
			before = offset
		}
		unix = local - int64(offset)
		if _, at := time.Unix(unix, 0).In(location).Zone(); at == offset {
			return unix, true
		}
	}
	return local - int64(before), false
}
