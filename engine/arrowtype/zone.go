package arrowtype

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // zones are part of the answers, so they come with the program
)

// MaxOffsetMinutes is the widest offset a zone like +14:00 may have.
const MaxOffsetMinutes = 14 * 60

// Zone is a time zone as arrays hold it: UTC is 0, the offset of m minutes is
// offsetBase + m, and region names have process-wide codes from firstRegion on.
// Codes of regions differ from process to process: they must not be stored.
type Zone = int32

const (
	// UTC is the code of UTC.
	UTC         Zone = 0
	offsetBase  Zone = 1000
	firstRegion Zone = 2000
)

// UnknownZoneError says that a text names no time zone.
type UnknownZoneError struct{ Name string }

func (e *UnknownZoneError) Error() string {
	return fmt.Sprintf("'%s' is not a valid time zone", e.Name)
}

// region is a named zone; the table only grows.
type region struct {
	name     string
	location *time.Location
}

var (
	regionsMu sync.Mutex               // guards additions
	regions   atomic.Pointer[[]region] // by code - firstRegion
	byName    sync.Map                 // lower-case name → Zone
	offsets   [2*MaxOffsetMinutes + 1]atomic.Pointer[time.Location]
)

// OffsetZone returns the zone with a fixed offset; 0 minutes is +00:00, shown
// as such only in times, while timestamps show UTC.
func OffsetZone(minutes int) (Zone, error) {
	if minutes < -MaxOffsetMinutes || minutes > MaxOffsetMinutes {
		return 0, fmt.Errorf("offset of %d minutes is beyond 14:00", minutes)
	}
	if minutes == 0 {
		return UTC, nil
	}
	return offsetBase + Zone(minutes), nil
}

// ParseZone returns the code of a zone: a region name in any letter case, UTC,
// GMT, Z, or an offset ±h[h][:mm].
func ParseZone(name string) (Zone, error) {
	key := strings.ToLower(name)
	if code, ok := byName.Load(key); ok {
		return code.(Zone), nil
	}
	switch key {
	case "utc", "gmt", "z", "ut", "uct", "zulu", "etc/utc", "etc/gmt", "etc/uct", "gmt0", "greenwich", "universal":
		return UTC, nil
	}
	if minutes, ok := parseOffset(name); ok {
		return OffsetZone(minutes)
	}
	return addRegion(key, name)
}

// parseOffset reads ±h, ±hh, ±hhmm, ±h:mm and ±hh:mm, also behind UTC, GMT or UT.
func parseOffset(s string) (minutes int, ok bool) {
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, found := strings.CutPrefix(s, prefix); found {
			s = rest
			break
		}
	}
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hours, mins, colon := strings.Cut(s[1:], ":")
	if !colon {
		mins = "00"
		if len(hours) == 4 {
			hours, mins = hours[:2], hours[2:]
		}
	}
	if len(hours) < 1 || len(hours) > 2 || len(mins) != 2 {
		return 0, false
	}
	h, err1 := strconv.ParseUint(hours, 10, 8)
	m, err2 := strconv.ParseUint(mins, 10, 8)
	if err1 != nil || err2 != nil || m > 59 {
		return 0, false
	}
	minutes = int(h)*60 + int(m)
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

// addRegion looks a region up in the zone database, which knows no
// abbreviations such as PST.
func addRegion(key, written string) (Zone, error) {
	location, ok := loadRegion(written)
	if !ok {
		return 0, &UnknownZoneError{Name: written}
	}
	regionsMu.Lock()
	defer regionsMu.Unlock()
	if code, ok := byName.Load(key); ok {
		return code.(Zone), nil
	}
	var table []region
	if old := regions.Load(); old != nil {
		table = *old
	}
	table = append(table[:len(table):len(table)], region{location.String(), location})
	regions.Store(&table)
	code := firstRegion + Zone(len(table)-1)
	byName.Store(key, code)
	return code, nil
}

// loadRegion finds a region as written, or else as regions are usually spelled.
func loadRegion(name string) (*time.Location, bool) {
	if name == "" || strings.EqualFold(name, "local") {
		return nil, false
	}
	if l, err := time.LoadLocation(name); err == nil {
		return l, true
	}
	l, err := time.LoadLocation(spellRegion(name))
	return l, err == nil
}

// spellRegion capitalises the words of a region but the small ones within.
func spellRegion(name string) string {
	b := []byte(strings.ToLower(name))
	start := 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] != '/' && b[i] != '_' && b[i] != '-' {
			continue
		}
		switch string(b[start:i]) {
		case "of", "es", "au", "":
		default:
			b[start] = byte(strings.ToUpper(string(b[start : start+1]))[0])
		}
		start = i + 1
	}
	return string(b)
}

// ZoneName returns a zone's name as a timestamp shows it.
func ZoneName(z Zone) string {
	switch {
	case z == UTC:
		return "UTC"
	case z < firstRegion:
		return formatOffset(int(z - offsetBase))
	}
	return (*regions.Load())[z-firstRegion].name
}

func formatOffset(minutes int) string {
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d:%02d", sign, minutes/60, minutes%60)
}

// Location returns a zone's rules.
func Location(z Zone) *time.Location {
	switch {
	case z == UTC:
		return time.UTC
	case z >= firstRegion:
		return (*regions.Load())[z-firstRegion].location
	}
	minutes := int(z - offsetBase)
	slot := &offsets[minutes+MaxOffsetMinutes]
	if l := slot.Load(); l != nil {
		return l
	}
	l := time.FixedZone(formatOffset(minutes), minutes*60)
	slot.Store(l)
	return l
}

// OffsetSeconds is how far a zone is ahead of UTC at an instant.
func OffsetSeconds(z Zone, unixSeconds int64) int64 {
	if z < firstRegion {
		if z == UTC {
			return 0
		}
		return int64(z-offsetBase) * 60
	}
	_, offset := time.Unix(unixSeconds, 0).In(Location(z)).Zone()
	return int64(offset)
}
